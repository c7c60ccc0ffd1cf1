package wasm_test

import (
	"context"
	"sync"
	"testing"

	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestCallCarriesSettingsAndBody(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{Settings: []byte(`{"base_url":"https://shop.example.com"}`)})
	if got := do(t, p, "echo", `{"a":1}`); got != `{"a":1}` {
		t.Errorf("echo answered %q", got)
	}
	if got := do(t, p, "settings", ""); got != `{"base_url":"https://shop.example.com"}` {
		t.Errorf("the guest saw settings %q", got)
	}
}

func TestAnswerOutlivesTheNextCall(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{})
	first, _, err := p.Invoke(t.Context(), action("echo", "first"))
	if err != nil {
		t.Fatal(err)
	}
	do(t, p, "echo", "other")
	if string(first) != "first" {
		t.Errorf("the answer changed to %q", first)
	}
}

func TestPluginErrorArrivesWholeAndKeepsTheInstance(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{})
	_, _, err := p.Invoke(t.Context(), action("fail", ""))
	e := abi.AsError(err)
	if e.Kind != abi.Conflict || e.Code != "DUP" || len(e.Fields) != 1 {
		t.Errorf("got %+v", e)
	}
	if got := do(t, p, "calls", ""); got != "2" {
		t.Errorf("the instance has served %s calls, want 2", got)
	}
}

func TestCrashDiscardsTheInstance(t *testing.T) {
	for name, text := range map[string]string{
		"panic":  "boom: ",
		"exit":   "exited with status 3",
		"sleep":  "tried to sleep",
		"block":  "crashed",
		"badptr": "bad pointer to http",
	} {
		t.Run(name, func(t *testing.T) {
			p := newPool(t, wasm.PoolOptions{})
			do(t, p, "echo", "")
			fails(t, p, name, "", abi.Internal, text)
			if got := do(t, p, "calls", ""); got != "1" {
				t.Errorf("a new instance has served %s calls, want 1", got)
			}
		})
	}
}

func TestStatsSayWhyAnInstanceWasDropped(t *testing.T) {
	for _, c := range []struct {
		action string
		opts   wasm.PoolOptions
		want   wasm.Dropped
		left   int
	}{
		{"echo", wasm.PoolOptions{}, "", 1},
		{"fail", wasm.PoolOptions{}, "", 1},
		{"panic", wasm.PoolOptions{}, wasm.DroppedBroken, 0},
		{"loop", wasm.PoolOptions{Limits: wasm.Limits{Fuel: 1_000_000}}, wasm.DroppedBroken, 0},
		{"echo", wasm.PoolOptions{MaxCalls: 1}, wasm.DroppedWorn, 0},
		{"grow", wasm.PoolOptions{Limits: wasm.Limits{Memory: 40 << 20}}, wasm.DroppedGrown, 0},
	} {
		p := newPool(t, c.opts)
		_, stats, _ := p.Invoke(t.Context(), action(c.action, ""))
		if stats.Dropped != c.want || p.Instances() != c.left {
			t.Errorf("%s: dropped for %q, %d are left; want %q, %d", c.action, stats.Dropped, p.Instances(), c.want, c.left)
		}
	}
}

func TestInstanceIsReplacedAfterMaxCallsAndGrowth(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{MaxCalls: 2})
	do(t, p, "echo", "")
	do(t, p, "echo", "")
	if got := do(t, p, "calls", ""); got != "1" {
		t.Errorf("after MaxCalls the instance has served %s calls, want 1", got)
	}
	p = newPool(t, wasm.PoolOptions{Limits: wasm.Limits{Memory: 40 << 20}})
	do(t, p, "grow", "")
	if got := do(t, p, "calls", ""); got != "1" {
		t.Errorf("after growth the instance has served %s calls, want 1", got)
	}
}

func TestPoolRunsCallsAtOnceUpToItsCap(t *testing.T) {
	const cap = 3
	inside := make(chan struct{})
	release := make(chan struct{})
	p := newPool(t, wasm.PoolOptions{MaxInstances: cap, HTTP: web(func(context.Context, *abi.Request) *abi.Response {
		inside <- struct{}{}
		<-release
		return &abi.Response{Status: 200}
	})})
	var calls sync.WaitGroup
	for range cap + 1 {
		calls.Go(func() { do(t, p, "fetch", "https://shop.example.com/") })
	}
	for range cap {
		<-inside
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := p.Invoke(ctx, action("echo", "")); abi.KindOf(err) != abi.Unavailable {
		t.Errorf("a call over the cap with an ended context: %v", err)
	}
	close(release)
	<-inside
	calls.Wait()
}

func TestStatsSayWhatACallUsed(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{HTTP: web(func(context.Context, *abi.Request) *abi.Response {
		return &abi.Response{Status: 200, Body: []byte("{}")}
	})})
	_, stats, err := p.Invoke(t.Context(), action("fetch", "https://shop.example.com/"))
	if err != nil {
		t.Fatal(err)
	}
	if !stats.Started || stats.HTTPCalls != 1 || stats.Duration <= 0 || stats.HTTP <= 0 || stats.Memory < 1<<20 {
		t.Errorf("got %+v", stats)
	}
	if _, stats, err = p.Invoke(t.Context(), action("echo", "")); err != nil || stats.Started || stats.HTTPCalls != 0 {
		t.Errorf("second call: %+v, %v", stats, err)
	}
}

func TestClosedPoolRefusesCalls(t *testing.T) {
	p := newPool(t, wasm.PoolOptions{})
	do(t, p, "echo", "")
	for range 2 {
		if err := p.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	fails(t, p, "echo", "", abi.Unavailable, "closed")
}
