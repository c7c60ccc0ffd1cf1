package wasm_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestLoadReadsTheManifest(t *testing.T) {
	m := loadProbe(t)
	if got := m.Manifest().ID; got != "probe" {
		t.Errorf("id %q", got)
	}
	if len(m.Hash()) != 64 {
		t.Errorf("hash %q", m.Hash())
	}
}

func TestLoadRefusesWhatIsNoPlugin(t *testing.T) {
	foreign, err := abi.AppendManifest(module(imports("env", "fork")), manifestOf(t, probe))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		wasm []byte
		text string
	}{
		"empty":       {nil, "not a WebAssembly module"},
		"no manifest": {bare, "musubi plugin build"},
		"truncated":   {probe[:len(probe)-1], "not a WebAssembly module"},
		"imports":     {foreign, "imports function env.fork"},
		"exports":     {foreign, "does not export the function " + abi.ExportCall},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newRuntime(t).Load(c.wasm)
			if err == nil || !strings.Contains(err.Error(), c.text) || abi.KindOf(err) != abi.Invalid {
				t.Errorf("got %v", err)
			}
		})
	}
}

// module joins sections to a module; imports is an import section with one function.
func module(sections ...[]byte) []byte {
	out := []byte("\x00asm\x01\x00\x00\x00")
	for _, s := range sections {
		out = append(out, s...)
	}
	return out
}

func imports(mod, name string) []byte {
	body := append([]byte{1, byte(len(mod))}, mod...)
	body = append(append(body, byte(len(name))), name...)
	body = append(body, 0, 0)
	types := []byte{1, 4, 1, 0x60, 0, 0}
	return append(types, append([]byte{2, byte(len(body))}, body...)...)
}

func manifestOf(t *testing.T, plugin []byte) []byte {
	t.Helper()
	text, err := newRuntime(t).Describe(t.Context(), plugin)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestBrokenCacheIsRebuilt(t *testing.T) {
	dir := t.TempDir()
	run := func() {
		rt := wasm.New(wasm.Options{CacheDir: dir})
		m, err := rt.Load(probe)
		if err != nil {
			t.Fatal(err)
		}
		do(t, wasm.NewPool(m, wasm.PoolOptions{}), "echo", "x")
		if err := rt.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	run()
	truncateFiles(t, dir)
	run()
}

func truncateFiles(t *testing.T, dir string) {
	t.Helper()
	cut := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		cut++
		return os.Truncate(path, 1000)
	})
	if err != nil || cut == 0 {
		t.Fatalf("cut %d cache files: %v", cut, err)
	}
}

func TestClosedRuntimeRefusesEverything(t *testing.T) {
	rt := wasm.New(wasm.Options{CacheDir: cacheDir})
	m, err := rt.Load(probe)
	if err != nil {
		t.Fatal(err)
	}
	p := wasm.NewPool(m, wasm.PoolOptions{})
	for range 2 {
		if err := rt.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	fails(t, p, "echo", "", abi.Unavailable, "closed")
	if _, err := rt.Load(probe); err == nil {
		t.Error("a closed runtime loads")
	}
}
