package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/host/telemetry"
	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

// connection is what runs call and rules speak of: a plugin in the sandbox, or
// the host's own connector.
type connection interface {
	Manifest() *abi.Manifest
	// Invoke carries out one call. Every error is an *abi.Error, free of secrets.
	Invoke(ctx context.Context, in host.Invocation) ([]byte, error)
}

// Connection is one connection made ready: its plugin in the sandbox, behind
// it the one way out that carries its credential.
type Connection struct {
	Name   string
	Module *wasm.Module

	// pool serves actions and polls, hooks deliveries: calls that wait for a slow
	// platform must not keep a webhook waiting.
	pool, hooks *wasm.Pool
	// spare holds a token per call in the background: all but one of the pool's
	// instances, so that a backfill never has all of them.
	spare chan struct{}
	out   *exit
	now   func() time.Time
	// used counts what a call used.
	used  func(connection string, use telemetry.PluginUse)
	tally tally
	// fuel is how much of it a call may burn.
	fuel int64
}

// Manifest is what the plugin declares.
func (c *Connection) Manifest() *abi.Manifest { return c.Module.Manifest() }

// Invoke calls the plugin. Every error is an *abi.Error, free of secrets.
func (c *Connection) Invoke(ctx context.Context, in host.Invocation) ([]byte, error) {
	call := abi.Call{
		Op: in.Op, Name: in.Name, Now: c.now(), Body: in.Input,
		IdempotencyKey: in.IdempotencyKey, Since: in.Since,
	}
	pool := c.pool
	if d := in.Delivery; d != nil {
		pool = c.hooks
		call.Now, call.Method, call.Query, call.Headers, call.Body = d.Received, d.Method, d.Query, d.Headers, d.Body
	}
	done, err := c.yield(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	output, stats, err := pool.Invoke(keeping(ctx, &in), &call)
	c.count(&in, &stats)
	if err != nil {
		return nil, abi.AsError(err)
	}
	return output, nil
}

// yield lets a call in the background wait while as many are under way as may be.
func (c *Connection) yield(ctx context.Context) (done func(), err error) {
	if !host.IsBackground(ctx) {
		return func() {}, nil
	}
	select {
	case c.spare <- struct{}{}:
		return func() { <-c.spare }, nil
	case <-ctx.Done():
		return nil, &abi.Error{Kind: abi.Unavailable, Message: "waiting for a free instance of the plugin: " + ctx.Err().Error()}
	}
}

// Close waits for the calls under way and gives the instances back.
func (c *Connection) Close(ctx context.Context) error {
	return errors.Join(c.pool.Close(ctx), c.hooks.Close(ctx), c.out.Close(ctx))
}

// Invoke calls a connection's plugin, for the engine and the poller.
func (a *App) Invoke(ctx context.Context, in host.Invocation) ([]byte, error) {
	c := a.connections[in.Connection]
	if c == nil {
		return nil, &abi.Error{Kind: abi.Config, Message: "there is no connection " + in.Connection}
	}
	return c.Invoke(ctx, in)
}

const closeGrace = 5 * time.Second

// openConnections loads each plugin that a connection uses and binds a pool to
// every connection. Compiling waits for warmUp, or the first call.
func (a *App) openConnections(context.Context) error {
	a.sandbox = wasm.New(wasm.Options{CacheDir: a.cacheDir(), Logger: a.log})
	a.onClose(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
		defer cancel()
		return a.sandbox.Close(ctx)
	})
	a.connections = map[string]connection{host.Builtin: a.builtin}
	a.sandboxed = make(map[string]*Connection, len(a.cfg.Connections))
	modules := make(map[string]*wasm.Module)
	var unfit vault.FaultErrors
	for _, name := range slices.Sorted(maps.Keys(a.cfg.Connections)) {
		conn := a.cfg.Connections[name]
		module, err := a.module(modules, conn.Connector)
		if err != nil {
			unfit = append(unfit, unfitConnection(name, err))
			continue
		}
		c, err := a.connect(conn, module)
		if err != nil {
			unfit = append(unfit, unfitConnection(name, err))
			continue
		}
		a.connections[name], a.sandboxed[name] = c, c
		a.onClose(func() error {
			ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
			defer cancel()
			return c.Close(ctx)
		})
	}
	for _, p := range a.plugins {
		p.wasm = nil // it is read again when it has to be compiled
	}
	if len(unfit) > 0 {
		return unfit
	}
	return nil
}

// warmUp starts the plugins of connections that flows listen to, so that their
// first webhook need not wait, and compiles those that were never compiled. All
// others are read from the cache when they are first called. One that does not
// start says so at its first call too.
func (a *App) warmUp(ctx context.Context) {
	defer close(a.warm)
	heard := make(map[string]bool)
	for _, f := range a.rules.Current().Flows() {
		heard[f.On.Connection] = true
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for name, c := range a.sandboxed {
		if !heard[name] && c.Module.Cached() {
			continue
		}
		group.Go(func() error {
			if err := c.warmUp(ctx, heard[name]); err != nil && ctx.Err() == nil {
				a.log.Error("plugin does not start", "connection", name, "error", err)
			}
			return nil
		})
	}
	_ = group.Wait()     //nolint:errcheck // every fault is logged above
	debug.FreeOSMemory() // reading compiled plugins leaves as much garbage as they are large
}

func (c *Connection) warmUp(ctx context.Context, heard bool) error {
	if !heard {
		return c.Module.Compile(ctx)
	}
	if c.Manifest().Webhook != nil {
		return c.hooks.Warm(ctx, 1)
	}
	return c.pool.Warm(ctx, 1)
}

func (a *App) module(loaded map[string]*wasm.Module, id string) (*wasm.Module, error) {
	if m := loaded[id]; m != nil {
		return m, nil
	}
	file := a.plugins[id].File
	m, err := a.sandbox.LoadFrom(a.plugins[id].wasm, func() ([]byte, error) { return os.ReadFile(file) })
	if err != nil {
		return nil, fmt.Errorf("loading plugin %s: %w", file, err)
	}
	loaded[id] = m
	return m, nil
}

// connect binds a connection's settings, secrets and limits to its plugin.
func (a *App) connect(conn *config.Connection, module *wasm.Module) (*Connection, error) {
	settings, err := conn.Effective(module.Manifest())
	if err != nil {
		return nil, err
	}
	client, err := a.egress(conn, module.Manifest(), settings, *a.secrets.Load())
	if err != nil {
		return nil, err
	}
	out := newExit(client)
	options := wasm.PoolOptions{
		Settings: settings, HTTP: out, State: guestState{a.ledger, conn.Name, stateTotal(conn)},
		Limits: callLimits(&conn.CallLimits).WithDefaults(),
		Logger: a.log.With("connection", conn.Name), Clock: a.opts.Now,
		MaxInstances: instancesFor(conn, module.Manifest()),
	}
	pool := wasm.NewPool(module, options)
	spare := make(chan struct{}, max(1, options.MaxInstances-1))
	options.MaxInstances = runtime.GOMAXPROCS(0) // a delivery only computes
	hooks := wasm.NewPool(module, options)
	err = a.metrics.WatchInstances(conn.Name, func() int { return pool.Instances() + hooks.Instances() })
	return &Connection{
		Name: conn.Name, Module: module, pool: pool, hooks: hooks, spare: spare, out: out, now: a.opts.Now, used: a.metrics.Plugins.Called,
		fuel: options.Limits.Fuel,
	}, err
}

// instancesFor is how many calls of a connection are carried out at once: no
// more than the platform allows, and no more than keep the processors busy
// while platforms take ten times as long as we do, unless a person wrote more
// for one that takes longer. Each costs some 8 MB. There are two at least, or a
// backfill's call would keep all others waiting; their requests are still sent
// as the platform allows.
func instancesFor(conn *config.Connection, m *abi.Manifest) int {
	if written := conn.Limits.Concurrency; written > 0 {
		return min(max(2, written), mostInstances)
	}
	most := max(4, 2*runtime.GOMAXPROCS(0))
	if allowed := m.Limits.Concurrency; allowed > 0 {
		return min(most, max(2, allowed))
	}
	return most
}

// mostInstances bounds what a person may write.
const mostInstances = 64

// Bounds are what bounds each call of a plugin, and each of its requests.
type Bounds struct {
	Call    wasm.Limits
	Request egress.Limits
	// StateTotal is how many keys a plugin may remember in all.
	StateTotal int
}

// BoundsOf returns what holds for a connection; nil has the standard.
func BoundsOf(conn *config.Connection) Bounds {
	if conn == nil {
		conn = new(config.Connection)
	}
	return Bounds{callLimits(&conn.CallLimits).WithDefaults(), requestLimits(&conn.RequestLimits).WithDefaults(), stateTotal(conn)}
}

func stateTotal(conn *config.Connection) int {
	return cmp.Or(conn.CallLimits.StateTotal, DefaultStateTotal)
}

func callLimits(l *config.CallLimits) wasm.Limits {
	return wasm.Limits{
		Memory: l.Memory, Fuel: l.Fuel, Time: l.Time, Recursion: l.Recursion, HTTPCalls: l.HTTPCalls, RequestBytes: l.RequestBytes, OutputBytes: l.OutputBytes,
		LogLines: l.LogLines, LogBytes: l.LogBytes, StateKeys: l.StateKeys, StateBytes: l.StateBytes,
	}
}
