package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Connection is one connection made ready: its plugin in the sandbox, behind
// it the one way out that carries its credential.
type Connection struct {
	Name   string
	Module *wasm.Module

	pool *wasm.Pool
	out  outbound
	now  func() time.Time
}

// outbound is what a connection asks its way out besides sending.
type outbound interface {
	wasm.HTTP
	Close()
}

// Invoke calls the plugin. Every error is an *abi.Error, free of secrets.
func (c *Connection) Invoke(ctx context.Context, in host.Invocation) ([]byte, error) {
	call := abi.Call{
		Op: in.Op, Name: in.Name, Now: c.now(), Body: in.Input,
		IdempotencyKey: in.IdempotencyKey, Since: in.Since,
	}
	if d := in.Delivery; d != nil {
		call.Now, call.Method, call.Query, call.Headers, call.Body = d.Received, d.Method, d.Query, d.Headers, d.Body
	}
	output, _, err := c.pool.Invoke(ctx, &call)
	if err != nil {
		return nil, abi.AsError(err)
	}
	return output, nil
}

// Close waits for the calls under way and gives the instances back.
func (c *Connection) Close(ctx context.Context) error {
	err := c.pool.Close(ctx)
	c.out.Close()
	return err
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
	a.connections = make(map[string]*Connection, len(a.cfg.Connections))
	modules := make(map[string]*wasm.Module)
	var faults []error
	for name, conn := range a.cfg.Connections {
		module, err := a.module(modules, conn.Connector)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		c, err := a.connect(conn, module)
		if err != nil {
			faults = append(faults, fmt.Errorf("connection %s: %w", name, err))
			continue
		}
		a.connections[name] = c
		a.onClose(func() error {
			ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
			defer cancel()
			return c.Close(ctx)
		})
	}
	return errors.Join(faults...)
}

// warmUp compiles and starts every connection's plugin once, so that the first
// webhook need not wait for it. One that does not start says so at its first call too.
func (a *App) warmUp(ctx context.Context) {
	defer close(a.warm)
	for _, name := range slices.Sorted(maps.Keys(a.connections)) {
		if ctx.Err() != nil {
			return
		}
		if err := a.connections[name].pool.Warm(ctx, 1); err != nil && ctx.Err() == nil {
			a.log.Error("plugin does not start", "connection", name, "error", err)
		}
	}
}

func (a *App) module(loaded map[string]*wasm.Module, id string) (*wasm.Module, error) {
	if m := loaded[id]; m != nil {
		return m, nil
	}
	m, err := a.sandbox.Load(a.plugins[id].wasm)
	if err != nil {
		return nil, fmt.Errorf("loading plugin %s: %w", a.plugins[id].File, err)
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
	out, err := a.egress(conn, module.Manifest(), settings)
	if err != nil {
		return nil, err
	}
	pool := wasm.NewPool(module, wasm.PoolOptions{
		Settings: settings, HTTP: out, State: guestState{a.ledger, conn.Name},
		Limits: callLimits(&conn.CallLimits),
		Logger: a.log.With("connection", conn.Name), Clock: a.opts.Now,
	})
	return &Connection{Name: conn.Name, Module: module, pool: pool, out: out, now: a.opts.Now}, nil
}

func callLimits(l *config.CallLimits) wasm.Limits {
	return wasm.Limits{
		Memory: l.Memory, Time: l.Time, HTTPCalls: l.HTTPCalls, RequestBytes: l.RequestBytes, OutputBytes: l.OutputBytes,
		LogLines: l.LogLines, LogBytes: l.LogBytes, StateKeys: l.StateKeys, StateBytes: l.StateBytes,
	}
}
