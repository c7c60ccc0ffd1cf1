// Package hosttest runs a whole host in a temporary folder: real plugins in the
// sandbox, real simulated platforms as processes, a real store on disk, a real
// port. Scenario tests, crash tests and benchmarks stand on it.
//
//	h := hosttest.Start(t, hosttest.Options{
//		Rules:       map[string]string{"flow.yaml": flow},
//		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce"}, "crm": {Connector: "salesforce"}},
//	})
//	h.Deliver("shop", simkit.Delivery{Event: "customer_updated", ID: "30511"})
//	run := h.Settled(1)[0]
package hosttest

import (
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/host/web/client"
)

// Options say what a host is made of.
type Options struct {
	// Rules are the rules files, by name. Library names flows that are shipped.
	Rules   map[string]string
	Library []string
	// Connections are the connections, by name. Each has a sim of its own.
	Connections map[string]Connection
	// Extra are further top-level keys of musubi.yaml, with their values.
	Extra map[string]any
	// Process runs the host as a process of its own, so that it can be killed.
	// The package's TestMain must be Main.
	Process bool
	// Now is the host's clock; nil means the machine's. A process has no other.
	Now func() time.Time
	// Logger receives the host's log; nil keeps it and prints it if the test fails.
	Logger *slog.Logger
}

// Connection is one connection of the host. What is left out comes from the
// connector's testdata/conformance.json.
type Connection struct {
	// Connector is the connector's id: its folder under plugins.
	Connector string
	// Settings and Secrets are on top of the fixture's; {sim} stands for the sim's address.
	Settings map[string]any
	Secrets  map[string]string
	// Auth is the way to authenticate, instead of the fixture's.
	Auth string
	// Expires are the days on which secrets expire, by name.
	Expires map[string]string
	// Template is the form of webhook bodies, in the sim's words.
	Template string
	// Limits are the connection's limits in musubi.yaml, on top of those that switch the pace off.
	Limits map[string]any
	// Extra are further keys of the connection in musubi.yaml, with their values.
	Extra map[string]any
	// Paced keeps the connector's and the sim's rate limits, which are off otherwise.
	Paced bool
	// Quiet sends no webhooks by itself; Deliver still does.
	Quiet bool
}

// Host is a host that runs. Its methods fail the test when they cannot do what they say.
type Host struct {
	// URL is where it listens, Dir holds musubi.yaml and everything else.
	URL, Dir string
	// Client asks the host as its operators do.
	Client *client.Client
	// Sims are the platforms, by connection.
	Sims map[string]*rig.Sim

	tb        testing.TB
	opts      Options
	log       *journal
	transport *http.Transport
	running   *running
}

// running is the host while it runs, inside the test or as a process.
type running struct {
	// stop ends it gracefully, kill at once; kill is nil for a host inside the test.
	stop func()
	kill func()
	// ended is closed when it has ended, with err.
	ended chan struct{}
	err   error
}

const (
	// startTime bounds a start, compiling included.
	startTime = 2 * time.Minute
	// waitTime bounds waiting for what a test expects to happen at once. A
	// machine that is shared with others may stand still for half a minute.
	waitTime = 2 * time.Minute
)

// Start starts the sims and the host. Both end with the test.
func Start(tb testing.TB, o Options) *Host {
	tb.Helper()
	h := &Host{
		Dir: tb.TempDir(), Sims: map[string]*rig.Sim{},
		tb: tb, opts: o, log: newJournal(tb), transport: &http.Transport{MaxIdleConnsPerHost: 256},
	}
	tb.Cleanup(h.transport.CloseIdleConnections)
	h.prepare()
	h.boot()
	tb.Cleanup(h.Stop)
	return h
}

// boot starts the host on its folder and tells the platforms where to deliver.
func (h *Host) boot() {
	h.tb.Helper()
	began := time.Now()
	start := h.startInside
	if h.opts.Process {
		start = h.startProcess
	}
	var err error
	if h.running, err = start(); err != nil {
		h.tb.Fatalf("starting the host: %v", err)
	}
	h.AwaitWithin("the host to be ready", startTime, h.ready)
	token, err := config.LoadAdminToken(h.data())
	if err != nil {
		h.tb.Fatal(err)
	}
	h.Client = client.New(h.URL, token, h.transport)
	h.hook()
	h.tb.Logf("host ready after %s", time.Since(began).Round(time.Millisecond))
}

func (h *Host) ready() bool {
	h.tb.Helper()
	select {
	case <-h.running.ended:
		h.tb.Fatalf("the host ended before it was ready: %v", h.running.err)
	default:
	}
	answer, err := (&http.Client{Transport: h.transport}).Get(h.URL + "/readyz") //nolint:noctx // loopback, and await bounds it
	if err != nil {
		return false
	}
	return answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
}

// Stop ends the host gracefully. It may be called twice.
func (h *Host) Stop() {
	h.tb.Helper()
	if h.running == nil {
		return
	}
	h.running.stop()
	h.end()
	if err := h.running.err; err != nil {
		h.tb.Errorf("stopping the host: %v", err)
	}
	h.running = nil
}

// Kill ends the host's process with no warning, as a power cut does.
func (h *Host) Kill() {
	h.tb.Helper()
	if h.running == nil || h.running.kill == nil {
		h.tb.Fatal("only a running host with Options.Process can be killed")
	}
	h.running.kill()
	h.end()
	h.running = nil
}

// end waits until the host has ended.
func (h *Host) end() {
	h.tb.Helper()
	select {
	case <-h.running.ended:
	case <-time.After(waitTime):
		h.tb.Fatalf("the host has not ended after %s", waitTime)
	}
	h.transport.CloseIdleConnections()
}

// Restart starts the host again on the same folder and address, after Stop or
// Kill; a host that runs is stopped first.
func (h *Host) Restart() {
	h.tb.Helper()
	h.Stop()
	h.boot()
}

// SetRules replaces rules files, or adds them; the running host takes them up by itself.
func (h *Host) SetRules(files map[string]string) {
	h.tb.Helper()
	for name, text := range files {
		h.write(filepath.Join("rules", name), text)
	}
}

func (h *Host) data() string { return filepath.Join(h.Dir, "data") }

// write writes a file of the host's folder.
func (h *Host) write(name, text string) {
	h.tb.Helper()
	file := filepath.Join(h.Dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
		h.tb.Fatal(err)
	}
}
