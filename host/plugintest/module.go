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
		if holdsPath(s.wasm, s.dir) {
			t.Errorf("the plugin holds the path %s: whoever gets it learns where it was built, and it differs from machine to machine. "+
				"Take it out of what the source names or embeds", s.dir)
		}
	})
}

// holdsPath says whether a plugin tells that it was built in dir. The folder
// above would not do: it may be /tmp, or /, which Go's own code names. Nor is
// the end of an import path meant, as of example.com/acme in /acme.
func holdsPath(wasm []byte, dir string) bool {
	for rest := wasm; ; {
		at := bytes.Index(rest, []byte(dir))
		if at < 0 {
			return false
		}
		if at == 0 || !isPathByte(rest[at-1]) {
			return true
		}
		rest = rest[at+len(dir):]
	}
}

func isPathByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c == '_'
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
