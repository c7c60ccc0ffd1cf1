package wasm

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host/wasm/internal/asm"
	"github.com/musubi-run/musubi/sdk/abi"
)

// smallModule is a plugin that answers every call with an empty body.
func smallModule() asm.Module {
	reply := asm.Frame(1, "")
	i32, i64 := []byte{asm.I32}, []byte{asm.I64}
	return asm.Module{Pages: 1, Data: reply, Funcs: []asm.Func{
		{Name: abi.ExportAlloc, Type: asm.Type{Params: i32, Results: i32}, Code: asm.Const(1024)},
		{Name: abi.ExportCall, Type: asm.Type{Params: []byte{asm.I32, asm.I32}, Results: i64}, Code: asm.Const64(int64(len(reply)))},
		{Name: abi.ExportDescribe, Type: asm.Type{Results: i64}, Code: asm.Const64(0)},
	}}
}

func small(t *testing.T, rt *Runtime) *Module {
	t.Helper()
	m := smallModule()
	wasm := m.Bytes()
	loaded, err := rt.load(wasm, func() ([]byte, error) { return wasm, nil })
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func TestIdleInstancesAreDroppedOldestFirst(t *testing.T) {
	rt := New(Options{IdleAfter: time.Hour})
	t.Cleanup(func() {
		if err := rt.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	now := time.Unix(1_000_000, 0)
	p := NewPool(small(t, rt), PoolOptions{Clock: func() time.Time { return now }})
	if err := p.Warm(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	now = now.Add(30 * time.Minute)
	if _, stats, err := p.Invoke(t.Context(), &abi.Call{}); err != nil || stats.Started {
		t.Fatalf("a warm pool started an instance: %+v, %v", stats, err)
	}
	for _, step := range []struct {
		after time.Duration
		left  int
	}{{0, 3}, {30 * time.Minute, 1}, {30 * time.Minute, 0}} {
		now = now.Add(step.after)
		rt.dropIdle()
		if n := p.idleCount(); n != step.left || p.Instances() != step.left {
			t.Errorf("%s later %d instances are idle of %d, want %d", step.after, n, p.Instances(), step.left)
		}
	}
}

func TestWarmKeepsToTheCap(t *testing.T) {
	rt := New(Options{})
	t.Cleanup(func() {
		if err := rt.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	p := NewPool(small(t, rt), PoolOptions{MaxInstances: 2})
	for range 2 {
		if err := p.Warm(t.Context(), 5); err != nil || p.idleCount() != 2 {
			t.Errorf("%d instances are idle, want 2; %v", p.idleCount(), err)
		}
	}
}

func TestJanitorSweeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt := New(Options{IdleAfter: time.Minute})
		p := NewPool(small(t, rt), PoolOptions{Clock: time.Now})
		if err := p.Warm(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if n := p.idleCount(); n != 0 {
			t.Errorf("%d instances are idle", n)
		}
		if err := rt.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
