package wasm_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

// patience is how long a call of a few microseconds may take beside a hostile
// plugin, one time in a hundred, on a machine that does other work too.
const patience = 200 * time.Millisecond

// A plugin does its worst with one call after the other. Each is contained, and
// a plugin beside it is served as before.
func TestAHostilePluginDoesNotDelayAnother(t *testing.T) {
	ok := web(func(context.Context, *abi.Request) *abi.Response { return &abi.Response{Status: 204} })
	for name, want := range map[string]abi.Kind{
		"loop": abi.Limit, "bomb": abi.Limit, "flood": abi.Limit, "giant": abi.Limit, "deep": abi.Limit,
		"panic": abi.Internal, "exit": abi.Internal, "sleep": abi.Internal, "block": abi.Internal, "badptr": abi.Internal,
	} {
		t.Run(name, func(t *testing.T) {
			bad := newPool(t, wasm.PoolOptions{HTTP: ok, MaxInstances: 1, Limits: wasm.Limits{Fuel: 50_000_000}})
			good := newPool(t, wasm.PoolOptions{})
			do(t, good, "echo", "x")
			stop, rage := make(chan struct{}), sync.WaitGroup{}
			rage.Go(func() { raging(t, bad, name, want, stop) })
			took := make([]time.Duration, 200)
			for i := range took {
				began := time.Now()
				do(t, good, "echo", "still served")
				took[i] = time.Since(began)
			}
			close(stop)
			rage.Wait()
			slices.Sort(took)
			if p99 := took[len(took)*99/100]; p99 > patience {
				t.Errorf("one call in a hundred took %s", p99)
			}
		})
	}
}

// raging calls the action until stop, at least once.
func raging(t *testing.T, p *wasm.Pool, name string, want abi.Kind, stop chan struct{}) {
	for {
		if _, _, err := p.Invoke(t.Context(), action(name, "")); abi.KindOf(err) != want {
			t.Errorf("%s: %v, want %s", name, err, want)
			return
		}
		select {
		case <-stop:
			return
		default:
		}
	}
}
