package gocode_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/musubi-run/musubi/host/wasm/gocode"
)

const features = api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall | experimental.CoreFeaturesExtendedConst

func engine(t testing.TB, config wazero.RuntimeConfig) wazero.Runtime {
	t.Helper()
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, config.WithCoreFeatures(features))
	t.Cleanup(func() { _ = rt.Close(ctx) })
	return rt
}

// program is testdata/program, built.
func program(t testing.TB) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "program.wasm")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w -buildid=", "-o", file, "./testdata/program")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// printed runs a program and returns what it prints, and how long its machine code is.
func printed(t *testing.T, source []byte) (out string, code int64) {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	rt := engine(t, wazero.NewRuntimeConfig().WithCompilationCache(cache))
	wasi_snapshot_preview1.MustInstantiate(ctx, rt)
	var text bytes.Buffer
	config := wazero.NewModuleConfig().WithStdout(&text).WithStderr(&text).WithSysWalltime().WithSysNanotime()
	if _, err := rt.InstantiateWithConfig(ctx, source, config); err != nil {
		t.Fatalf("%v\n%s", err, text.String())
	}
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if info, e := os.Stat(path); e == nil && !d.IsDir() {
			code += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String(), code
}

// A program that does what is hard, panics, stacks that grow, goroutines that
// change, prints the same as before, and its machine code is much shorter.
func TestProgramDoesTheSame(t *testing.T) {
	source := program(t)
	easier := gocode.Rewrite(source)
	want, before := printed(t, source)
	got, after := printed(t, easier)
	if got != want {
		t.Errorf("printed\n%s\nwant\n%s", got, want)
	}
	if after > before*7/10 {
		t.Errorf("%d bytes of machine code, %d before", after, before)
	}
	t.Logf("%d bytes of machine code, %d before", after, before)
	if again := gocode.Rewrite(source); !bytes.Equal(easier, again) {
		t.Error("the same module gave another one")
	}
}

// What other compilers made stays as it is.
func TestOthersStayAsTheyAre(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(string(bytes.TrimSpace(out)), "imports", "wasi_snapshot_preview1", "testdata")
	for _, toolchain := range []string{"cargo-wasi", "tinygo", "zig", "zig-cc"} {
		source, err := os.ReadFile(filepath.Join(dir, toolchain, "wasi.wasm"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(source, gocode.Rewrite(source)) {
			t.Errorf("%s: changed", toolchain)
		}
	}
	for _, source := range [][]byte{nil, []byte("no module"), []byte("\x00asm\x01\x00\x00\x00\x0a\x05\x01")} {
		if !bytes.Equal(source, gocode.Rewrite(source)) {
			t.Errorf("%q: changed", source)
		}
	}
}

func BenchmarkRewrite(b *testing.B) {
	source := program(b)
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		gocode.Rewrite(source)
	}
}
