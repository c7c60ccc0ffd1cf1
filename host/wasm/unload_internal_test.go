package wasm

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/wasm/internal/asm"
	"github.com/musubi-run/musubi/sdk/abi"
)

// shelf is where a test's plugin lies, and how often it was read.
type shelf struct {
	wasm  []byte
	reads int
}

func (s *shelf) read() ([]byte, error) {
	s.reads++
	return s.wasm, nil
}

// shelved returns a pool of a small plugin that is read from a shelf.
func shelved(t *testing.T) (*Runtime, *Pool, *shelf) {
	t.Helper()
	rt := New(Options{CacheDir: t.TempDir(), IdleAfter: time.Hour})
	t.Cleanup(func() {
		if err := rt.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	m := smallModule()
	s := &shelf{wasm: m.Bytes()}
	loaded, err := rt.load(s.wasm, s.read)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_000_000, 0)
	return rt, NewPool(loaded, PoolOptions{Clock: func() time.Time { now = now.Add(time.Hour); return now }}), s
}

func sweepAway(rt *Runtime) {
	for range unusedSweeps + 1 {
		rt.dropIdle()
	}
}

func TestUnusedCodeIsDroppedAndComesBackFromTheCache(t *testing.T) {
	rt, p, s := shelved(t)
	for range 3 {
		if _, _, err := p.Invoke(t.Context(), &abi.Call{}); err != nil {
			t.Fatal(err)
		}
		rt.dropIdle() // the instance
		if p.module.program == nil {
			t.Fatal("the code went with its last instance")
		}
		sweepAway(rt)
		if p.module.program != nil {
			t.Fatal("the code is still there")
		}
	}
	if s.reads != 1 || !p.module.Cached() {
		t.Errorf("the plugin was read %d times to be compiled, cached: %v", s.reads, p.module.Cached())
	}
}

func TestCodeInUseIsNotDropped(t *testing.T) {
	rt, p, _ := shelved(t)
	if err := p.Warm(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	p.opts.Clock = func() time.Time { return time.Unix(0, 0) } // its instance is never idle for long
	sweepAway(rt)
	if p.module.program == nil || p.Instances() != 1 {
		t.Errorf("%d instances are left", p.Instances())
	}
}

func TestAPluginThatChangedOnDiskIsNotCompiled(t *testing.T) {
	_, p, s := shelved(t)
	other := smallModule()
	other.Data = asm.Frame(1, "other")
	s.wasm = other.Bytes()
	_, _, err := p.Invoke(t.Context(), &abi.Call{})
	if abi.KindOf(err) != abi.Unavailable {
		t.Errorf("got %v", err)
	}
	first := smallModule()
	s.wasm = first.Bytes()
	if _, _, err := p.Invoke(t.Context(), &abi.Call{}); err != nil {
		t.Errorf("after the file was put back: %v", err)
	}
}

func TestCacheThatIsLostOrBrokenIsMadeAnew(t *testing.T) {
	rt, p, s := shelved(t)
	for i, spoil := range []func(dir string) error{
		os.RemoveAll,
		func(dir string) error { return os.Truncate(dir+"/"+meteredFile, 100) },
		func(dir string) error { return os.WriteFile(dir+"/"+meteredFile, make([]byte, 100), 0o600) },
	} {
		if _, _, err := p.Invoke(t.Context(), &abi.Call{}); err != nil {
			t.Fatal(err)
		}
		rt.dropIdle()
		sweepAway(rt)
		if err := spoil(p.module.source.folder(rt.cacheDir)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.Invoke(t.Context(), &abi.Call{}); err != nil || s.reads != i+2 {
			t.Errorf("%d: read %d times, %v", i, s.reads, err)
		}
	}
}

func TestWhatCannotBeCompiledIsTriedOnce(t *testing.T) {
	rt := New(Options{CacheDir: t.TempDir()})
	m := smallModule()
	m.Funcs[1].Code = asm.Op(0x06, 0x40, 0x0b) // exception handling
	s := &shelf{wasm: m.Bytes()}
	loaded, err := rt.load(s.wasm, s.read)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := loaded.Compile(t.Context()); abi.KindOf(err) != abi.Invalid {
			t.Errorf("got %v", err)
		}
	}
	if err := errors.Join(rt.Close(t.Context())); err != nil || s.reads != 1 {
		t.Errorf("read %d times, %v", s.reads, err)
	}
}
