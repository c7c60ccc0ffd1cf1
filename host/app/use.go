package app

import (
	"cmp"
	"context"
	"maps"
	"math/bits"
	"slices"
	"sync"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/telemetry"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

// tally adds up what a connection's calls use.
type tally struct {
	mu    sync.Mutex
	sum   api.Use
	calls map[callKind]*spread
}

// callKind is what is told apart: an action, a trigger, webhooks.
type callKind struct {
	op   abi.Op
	name string
}

func (t *tally) add(kind callKind, fuel int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum.Calls++
	t.sum.Fuel += fuel
	t.sum.Most = max(t.sum.Most, fuel)
	s := t.calls[kind]
	if s == nil {
		if t.calls == nil {
			t.calls = make(map[callKind]*spread)
		}
		s = &spread{counts: make(map[int]int64)}
		t.calls[kind] = s
	}
	s.add(fuel)
}

// fuel lists the kinds of calls, by operation and name.
func (t *tally) fuel() []api.CallUse {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := []api.CallUse{}
	for kind, s := range t.calls {
		all = append(all, api.CallUse{
			Operation: string(kind.op), Name: kind.name,
			Calls: s.calls, Median: s.quantile(50), P99: s.quantile(99), Most: s.most,
		})
	}
	slices.SortFunc(all, func(a, b api.CallUse) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// spread counts figures in steps of an eighth, so that quantiles take some
// dozens of counts however many figures there were.
type spread struct {
	calls, most int64
	counts      map[int]int64 // by step
}

func (s *spread) add(n int64) {
	s.calls++
	s.most = max(s.most, n)
	s.counts[step(n)]++
}

// step numbers the steps: eight for each power of two.
func step(n int64) int {
	size := bits.Len64(uint64(n)) //nolint:gosec // fuel is never negative
	if size <= 4 {
		return int(n)
	}
	return size<<3 | int(n>>(size-4)&7)
}

// top is the largest figure of a step.
func top(step int) int64 {
	size := step >> 3
	if size <= 4 {
		return int64(step)
	}
	return int64(step&7|8+1)<<(size-4) - 1
}

// quantile returns what so many percent of the figures do not exceed.
func (s *spread) quantile(percent int64) int64 {
	rank := (s.calls*percent + 99) / 100
	for _, at := range slices.Sorted(maps.Keys(s.counts)) {
		if rank -= s.counts[at]; rank <= 0 {
			return min(top(at), s.most)
		}
	}
	return s.most
}

// Use tells what the connection's plugin has used since the host started.
func (c *Connection) Use() api.Use {
	c.tally.mu.Lock()
	use := c.tally.sum
	c.tally.mu.Unlock()
	use.Instances = c.pool.Instances() + c.hooks.Instances()
	return use
}

// Fuel tells what each kind of call of a connection has used since the host started.
func (o Operator) Fuel(_ context.Context, connection string) (api.Fuel, error) {
	c := o.app.sandboxed[connection]
	if c == nil {
		return api.Fuel{}, host.ErrNotFound
	}
	return api.Fuel{Limit: c.fuel, Calls: c.tally.fuel()}, nil
}

// count notes what a call used, for people and for the metrics.
func (c *Connection) count(in *host.Invocation, s *wasm.Stats) {
	if *s == (wasm.Stats{}) {
		return // no instance could be had
	}
	c.tally.add(callKind{in.Op, in.Name}, s.Fuel)
	c.used(c.Name, telemetry.PluginUse{
		Operation: string(in.Op), Name: in.Name, Fuel: s.Fuel, Duration: s.Duration, HTTP: s.HTTP,
		HTTPCalls: s.HTTPCalls, Memory: s.Memory, Started: s.Started, Dropped: string(s.Dropped),
	})
}
