package meter_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/musubi-run/musubi/host/wasm/meter"
)

// TestProgramsOfOtherToolchainsRunTheSame runs what Rust, TinyGo, Zig and clang
// made of the same program, which lists a folder.
func TestProgramsOfOtherToolchainsRunTheSame(t *testing.T) {
	for _, toolchain := range []string{"cargo-wasi", "tinygo", "zig", "zig-cc"} {
		t.Run(toolchain, func(t *testing.T) {
			plain, err := os.ReadFile(filepath.Join(wazeroDir(t), "imports", "wasi_snapshot_preview1", "testdata", toolchain, "wasi.wasm"))
			if err != nil {
				t.Fatal(err)
			}
			metered, err := meter.Rewrite(plain)
			if err != nil {
				t.Fatal(err)
			}
			want, got := list(t, plain), list(t, metered)
			if want != got || want == "" {
				t.Errorf("plain prints %q, metered %q", want, got)
			}
		})
	}
}

// list runs a program with the arguments "ls ." and returns what it prints.
func list(t *testing.T, program []byte) string {
	t.Helper()
	ctx := context.Background()
	engine := newEngine(t, wazero.NewRuntimeConfig())
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, engine); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	files := fstest.MapFS{"a.txt": {}, "b/c.txt": {}}
	config := wazero.NewModuleConfig().WithArgs("wasi", "ls", ".").WithFS(files).WithStdout(&out).WithStderr(&out)
	if _, err := engine.InstantiateWithConfig(ctx, program, config); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestTrickyModulesCompile meters the modules that once broke the engine.
func TestTrickyModulesCompile(t *testing.T) {
	engine := newEngine(t, wazero.NewRuntimeConfig())
	files, err := filepath.Glob(filepath.Join(wazeroDir(t), "internal", "integration_test", "fuzzcases", "testdata", "*.wasm"))
	if err != nil || len(files) < 50 {
		t.Fatalf("%d modules: %v", len(files), err)
	}
	for _, file := range files {
		plain, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		metered, err := meter.Rewrite(plain)
		if err != nil {
			t.Logf("%s: %v", filepath.Base(file), err)
			continue
		}
		if compiles(engine, plain) && !compiles(engine, metered) {
			t.Errorf("%s does not compile any more", filepath.Base(file))
		}
	}
}
