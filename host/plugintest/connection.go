package plugintest

import (
	"context"
	"log/slog"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

// connection is one connection of the connector to a sim, wired as a host wires it.
type connection struct {
	platform *platform
	pool     *wasm.Pool
	clock    *clock
	seen     *watch
	fuel     *fuelGauge
}

// options are how a connection differs from the fixture's.
type options struct {
	// settings and secrets are set on top; a nil setting is left out.
	settings map[string]any
	secrets  map[string]string
	auth     string
	// patience is how long a request may take; 0 means long enough.
	patience time.Duration
	// unchecked lets settings be wrong: the way out is made with the fixture's.
	unchecked bool
}

// noPace replaces a connector's rate, which is for real platforms.
var noPace = abi.Limits{PerSecond: 1e6, Burst: 1e6, Concurrency: 64}

// connect opens a connection to p. It closes with the test, which then fails
// for every secret that got where it must not be.
func (s *suite) connect(t *testing.T, p *platform, o options) *connection {
	t.Helper()
	settings := s.settings(t, p, o)
	secrets := s.secrets(t, p, o)
	reach := settings
	if o.unchecked {
		reach = s.settings(t, p, options{auth: o.auth})
	}
	seen := s.seen.watch(secrets)
	clock := &clock{}
	out, err := egress.NewClient(egress.Options{
		Connection: s.manifest.ID, Manifest: s.manifest, Settings: reach, Secrets: secrets, Auth: o.scheme(s.fixture),
		AllowPrivate: true, Rate: noPace, Limits: egress.Limits{Timeout: o.patience},
		Clock: clock.now, Redactor: vault.NewRedactor(), Logger: slog.New(seen),
	})
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	pool := wasm.NewPool(s.module, wasm.PoolOptions{
		Settings: settings, HTTP: out, State: newMemory(), Logger: slog.New(seen), Clock: time.Now, MaxInstances: 1,
	})
	t.Cleanup(func() {
		if err := pool.Close(context.Background()); err != nil {
			t.Errorf("closing the connection: %v", err)
		}
		if err := out.Close(context.Background()); err != nil {
			t.Errorf("closing the way out: %v", err)
		}
		seen.search(t, s, p)
	})
	return &connection{platform: p, pool: pool, clock: clock, seen: seen, fuel: &s.fuel}
}

func (o *options) scheme(f *rig.Fixture) string {
	if o.auth != "" {
		return o.auth
	}
	return f.Auth
}

// settings returns the connection's settings as its plugin gets them.
func (s *suite) settings(t *testing.T, p *platform, o options) []byte {
	t.Helper()
	all := map[string]any{}
	maps.Copy(all, s.fixture.Settings)
	maps.Copy(all, o.settings)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	for name, value := range all {
		all[name] = p.Fill(t, value)
	}
	c := config.Connection{Name: s.manifest.ID, Settings: all}
	text, err := c.Effective(s.manifest)
	if err != nil {
		t.Fatal(err)
	}
	if !o.unchecked {
		for _, fault := range conform("settings", s.manifest.Settings, text) {
			t.Error(fault)
		}
	}
	return text
}

func (s *suite) secrets(t *testing.T, p *platform, o options) map[string]string {
	t.Helper()
	all := map[string]string{}
	maps.Copy(all, s.fixture.Secrets)
	maps.Copy(all, o.secrets)
	for name, value := range all {
		all[name] = p.FillText(t, value)
	}
	return all
}

// invoke calls the plugin. An error that is the connector's own fault fails the test.
func (c *connection) invoke(t *testing.T, call abi.Call) ([]byte, *abi.Error) {
	t.Helper()
	output, fault := c.try(t, call)
	if fault != nil && (fault.Kind == abi.Internal || fault.Kind == abi.Limit) {
		t.Errorf("%s %s broke down: %s: %s", call.Op, call.Name, fault.Kind, fault)
	}
	return output, fault
}

// try calls the plugin, and may be answered anything.
func (c *connection) try(t *testing.T, call abi.Call) ([]byte, *abi.Error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callTime)
	defer cancel()
	if call.Now.IsZero() {
		call.Now = c.platform.now(t)
	}
	what := string(call.Op) + " " + call.Name
	output, stats, err := c.pool.Invoke(ctx, &call)
	c.fuel.note(&call, &stats)
	if err != nil {
		fault := abi.AsError(err)
		c.seen.text("the error of "+what, fault.Error())
		return nil, fault
	}
	c.seen.text("the output of "+what, string(output))
	return output, nil
}

// clock is the host's, which a test may set forward.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// now is the platform's time, which is the host's too.
func (p *platform) now(t *testing.T) time.Time {
	t.Helper()
	now, err := p.Now(t.Context())
	rig.Must(t, err)
	return now
}

// memory is a plugin's state for as long as a case takes.
type memory struct{ values map[string][]byte }

func newMemory() *memory { return &memory{values: map[string][]byte{}} }

// Get returns the value of key, or nil.
func (m *memory) Get(_ context.Context, key string) ([]byte, error) { return m.values[key], nil }

// Put keeps the writes.
func (m *memory) Put(_ context.Context, writes []wasm.StateWrite) error {
	for _, w := range writes {
		m.values[w.Key] = w.Value
	}
	return nil
}
