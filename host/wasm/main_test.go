package wasm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

// probe is the plugin of testdata/plugin, with its manifest inside. It is built
// and compiled once for all tests.
var (
	probe    []byte
	bare     []byte // probe without its manifest
	cacheDir string // holds probe's compiled code
	shared   *wasm.Module
)

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "musubi-wasm-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	cacheDir = filepath.Join(dir, "cache")
	if err := makeProbe(filepath.Join(dir, "probe.wasm")); err != nil {
		fmt.Fprintln(os.Stderr, "building the test plugin:", err)
		return 1
	}
	return m.Run()
}

func makeProbe(file string) (err error) {
	build := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w -buildid=", "-o", file, "./testdata/plugin")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	if bare, err = os.ReadFile(file); err != nil {
		return err
	}
	rt := wasm.New(wasm.Options{CacheDir: cacheDir, Seed: []byte("test")})
	manifest, err := rt.Describe(context.Background(), bare)
	if err != nil {
		return err
	}
	if probe, err = abi.AppendManifest(bare, manifest); err != nil {
		return err
	}
	shared, err = rt.Load(probe)
	return err
}

func newRuntime(t testing.TB) *wasm.Runtime {
	t.Helper()
	rt := wasm.New(wasm.Options{CacheDir: cacheDir, Seed: []byte("test")})
	t.Cleanup(func() {
		if err := rt.Close(context.Background()); err != nil {
			t.Errorf("closing the runtime: %v", err)
		}
	})
	return rt
}

// newPool returns a pool of the shared module, with the machine's clock.
func newPool(t testing.TB, opts wasm.PoolOptions) *wasm.Pool {
	t.Helper()
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	p := wasm.NewPool(shared, opts)
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Errorf("closing the pool: %v", err)
		}
	})
	return p
}

var callTime = time.Date(2026, 4, 1, 9, 30, 0, 0, time.UTC)

func action(name, body string) *abi.Call {
	return &abi.Call{Op: abi.OpAction, Name: name, Now: callTime, Body: []byte(body)}
}

// do calls an action that must succeed.
func do(t testing.TB, p *wasm.Pool, name, body string) string {
	t.Helper()
	out, _, err := p.Invoke(t.Context(), action(name, body))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}

// fails calls an action that must fail with that kind and a message that holds text.
func fails(t testing.TB, p *wasm.Pool, name, body string, kind abi.Kind, text string) {
	t.Helper()
	out, _, err := p.Invoke(t.Context(), action(name, body))
	if err == nil {
		t.Fatalf("%s answered %.100q", name, out)
	}
	if abi.KindOf(err) != kind || !strings.Contains(err.Error(), text) {
		t.Errorf("%s: %s %q, want %s with %q", name, abi.KindOf(err), err, kind, text)
	}
}

func decode[T any](t testing.TB, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// records keeps the log lines of a pool.
type records struct{ lines []string }

func (r *records) Enabled(context.Context, slog.Level) bool { return true }
func (r *records) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r *records) WithGroup(string) slog.Handler            { return r }
func (r *records) Handle(_ context.Context, rec slog.Record) error {
	line := rec.Level.String() + " " + rec.Message
	rec.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	r.lines = append(r.lines, line)
	return nil
}

// web answers every request of a guest.
type web func(ctx context.Context, r *abi.Request) *abi.Response

func (w web) Do(ctx context.Context, r *abi.Request) *abi.Response { return w(ctx, r) }

func newLogger(h slog.Handler) *slog.Logger { return slog.New(h) }
