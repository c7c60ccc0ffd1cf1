package plugintest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/plugintest/rig"
)

// maxSize is how large a plugin may be, in bytes. Twice that means that it
// imports something made for servers, such as net/http.
const maxSize = 5 << 20

// checkModule checks the .wasm file. Its imports and exports were checked by
// the sandbox when the suite loaded it.
func (s *suite) checkModule(t *testing.T) {
	s.waivers.run(t, "module", "size", func(t *testing.T) {
		if len(s.wasm) > maxSize {
			t.Errorf("the plugin has %d bytes, more than %d", len(s.wasm), maxSize)
		}
	})
	if s.ready {
		return
	}
	s.waivers.run(t, "module", "reproducible", func(t *testing.T) {
		again := rig.NewWorkshop(t, t.TempDir()).Plugin(t, s.dir)
		if !bytes.Equal(readPlugin(t, again.Path), s.wasm) {
			t.Error("building the same source twice gives different bytes")
		}
	})
	s.waivers.run(t, "module", "no-paths", func(t *testing.T) {
		if bytes.Contains(s.wasm, []byte(filepath.Dir(s.dir))) {
			t.Error("the plugin holds a path of the machine that built it")
		}
	})
}

// mainLines is how long main.go may be: a connector is its other files.
const mainLines = 40

// checkFolder checks that the folder is where a reader looks: its name is the
// connector's, main.go is short, and a README says how to connect.
func (s *suite) checkFolder(t *testing.T) {
	t.Helper()
	if filepath.Base(s.dir) != s.manifest.ID {
		t.Errorf("the folder of connector %s is called %s", s.manifest.ID, filepath.Base(s.dir))
	}
	if _, err := os.Stat(filepath.Join(s.dir, "README.md")); err != nil {
		t.Errorf("nothing tells how to connect: %v", err)
	}
	if !s.ready {
		checkMain(t, s.dir)
	}
}

func checkMain(t *testing.T, dir string) {
	t.Helper()
	main, err := os.ReadFile(filepath.Join(dir, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(main), "\n"); n >= mainLines {
		t.Errorf("main.go has %d lines, %d are too many", n, mainLines)
	}
}
