package wasm_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/host/wasm/internal/asm"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestLoadReadsTheManifest(t *testing.T) {
	m, err := newRuntime(t).Load(probe)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Manifest().ID; got != "probe" {
		t.Errorf("id %q", got)
	}
}

func TestLoadRefusesWhatIsNoPlugin(t *testing.T) {
	fork := asm.Module{Imports: []asm.Import{{Module: "env", Name: "fork"}}}
	foreign, err := abi.AppendManifest(fork.Bytes(), manifestOf(t, probe))
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
	answer := guest(asm.Const64(int64(len(asm.Frame(1, "hello")))))
	answer.Data = asm.Frame(1, "hello")
	plugin, err := abi.AppendManifest(answer.Bytes(), manifestOf(t, probe))
	if err != nil {
		t.Fatal(err)
	}
	run := func() {
		rt := wasm.New(wasm.Options{CacheDir: dir})
		m, err := rt.Load(plugin)
		if err != nil {
			t.Fatal(err)
		}
		if got := do(t, wasm.NewPool(m, wasm.PoolOptions{}), "any", "x"); got != "hello" {
			t.Errorf("answered %q", got)
		}
		if err := rt.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	run()
	truncateFiles(t, dir)
	run()
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
		return os.Truncate(path, 100)
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
