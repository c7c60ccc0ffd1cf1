package plugintest

import (
	"cmp"
	"slices"
	"sync"

	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Fuel is what the calls of one action or trigger ran in the suite's cases, in
// instructions: it depends on what is done, and on no machine.
type Fuel struct {
	// Operation is action, confirm, webhook or poll; Name the action's or the trigger's.
	Operation string `json:"operation"`
	Name      string `json:"name,omitempty"`
	Calls     int    `json:"calls"`
	Least     int64  `json:"least"`
	Most      int64  `json:"most"`
	// Limit is how many a call may run unless limits.fuel says something else.
	Limit int64 `json:"limit"`
}

// fuelGauge measures all calls of a suite.
type fuelGauge struct {
	mu    sync.Mutex
	calls map[[2]string]*Fuel
}

// note takes down a call that came to its end, with an answer or an error of its own.
func (g *fuelGauge) note(call *abi.Call, s *wasm.Stats) {
	if s.Fuel == 0 || s.Dropped == wasm.DroppedBroken {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.calls == nil {
		g.calls = make(map[[2]string]*Fuel)
	}
	key := [2]string{string(call.Op), call.Name}
	f := g.calls[key]
	if f == nil {
		f = &Fuel{Operation: key[0], Name: key[1], Least: s.Fuel, Limit: wasm.DefaultLimits().Fuel}
		g.calls[key] = f
	}
	f.Calls++
	f.Least, f.Most = min(f.Least, s.Fuel), max(f.Most, s.Fuel)
}

// list returns what was measured, by operation and name.
func (g *fuelGauge) list() []Fuel {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := []Fuel{}
	for _, f := range g.calls {
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b Fuel) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Name, b.Name))
	})
	return all
}
