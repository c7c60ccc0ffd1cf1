package app

import (
	"sync"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/telemetry"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/host/web/api"
)

// tally adds up what a connection's calls use.
type tally struct {
	mu  sync.Mutex
	sum api.Use
}

func (t *tally) add(fuel int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum.Calls++
	t.sum.Fuel += fuel
	t.sum.Most = max(t.sum.Most, fuel)
}

// Use tells what the connection's plugin has used since the host started.
func (c *Connection) Use() api.Use {
	c.tally.mu.Lock()
	use := c.tally.sum
	c.tally.mu.Unlock()
	use.Instances = c.pool.Instances() + c.hooks.Instances()
	return use
}

// count notes what a call used, for people and for the metrics.
func (c *Connection) count(in *host.Invocation, s *wasm.Stats) {
	if *s == (wasm.Stats{}) {
		return // no instance could be had
	}
	c.tally.add(s.Fuel)
	c.used(c.Name, telemetry.PluginUse{
		Operation: string(in.Op), Name: in.Name, Fuel: s.Fuel, Duration: s.Duration, HTTP: s.HTTP,
		HTTPCalls: s.HTTPCalls, Memory: s.Memory, Started: s.Started, Dropped: string(s.Dropped),
	})
}
