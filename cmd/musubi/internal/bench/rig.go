package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/musubi-run/musubi/cmd/musubi/internal/loopback"
	"github.com/musubi-run/musubi/rules/library"
	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

const (
	module = "github.com/musubi-run/musubi"
	shopID = "ecforce"
	crmID  = "salesforce"
	flow   = "ecforce-customer-to-salesforce"
)

// rig is what all measurements share: built plugins and running sims without limits.
type rig struct {
	plugins   string
	shop, crm *simclient.Process
}

func (r *rig) close() {
	for _, sim := range []*simclient.Process{r.shop, r.crm} {
		if sim != nil {
			sim.Stop()
		}
	}
}

func (b *bench) prepare(ctx context.Context) (*rig, error) {
	r := &rig{plugins: filepath.Join(b.Dir, "plugins")}
	if err := os.MkdirAll(r.plugins, 0o700); err != nil {
		return nil, fmt.Errorf("making the benchmark's folder: %w", err)
	}
	for _, id := range []string{shopID, crmID} {
		sim, err := b.connect(ctx, r.plugins, id)
		if err != nil {
			r.close()
			return nil, err
		}
		if id == shopID {
			r.shop = sim
		} else {
			r.crm = sim
		}
	}
	if err := r.shop.SetLimits(ctx, map[string]any{"per_second": 0}); err != nil {
		r.close()
		return nil, fmt.Errorf("lifting the simulated shop's rate limit: %w", err)
	}
	return r, nil
}

// connect builds a connector's plugin into the folder and starts its sim.
func (b *bench) connect(ctx context.Context, plugins, id string) (*simclient.Process, error) {
	b.tell("building " + id)
	built, err := b.Builder.Plugin(ctx, module+"/plugins/"+id)
	if err != nil {
		return nil, err
	}
	if err := built.CopyTo(filepath.Join(plugins, id+".wasm")); err != nil {
		return nil, err
	}
	return b.startSim(ctx, id)
}

func (b *bench) startSim(ctx context.Context, id string) (*simclient.Process, error) {
	program, err := b.Builder.Program(ctx, module+"/plugins/"+id+"/sim")
	if err != nil {
		return nil, err
	}
	return simclient.Start(ctx, program.Path, "-addr", "127.0.0.1:0")
}

// host is the program under test.
type host struct {
	dir     string
	address string
	cmd     *exec.Cmd
	client  *http.Client
	// ended is closed when the process is gone; failure then says how it went.
	ended   chan struct{}
	failure error
}

// client keeps a connection for each of those that deliver.
func (b *bench) client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: b.Connections, MaxConnsPerHost: b.Connections,
		DisableCompression: true, // the metrics are read ten times a second
	}}
}

// newHost writes the configuration of a host with data of its own. Its rules
// are the library's step-by-step flow, or none.
func (b *bench) newHost(r *rig, name string, withFlow bool) (*host, error) {
	files := map[string]string{
		"musubi.yaml": r.configuration(), "shop_token": "sim-token",
		"crm_client_id": "sim-client-id", "crm_client_secret": "sim-client-secret",
	}
	if withFlow {
		text, err := library.Flow(flow)
		if err != nil {
			return nil, err
		}
		files["rules/"+flow+".yaml"] = string(text)
	}
	return b.hostOf(name, files)
}

// hostOf writes the files of a host. ADDRESS in its musubi.yaml is where it listens.
func (b *bench) hostOf(name string, files map[string]string) (*host, error) {
	h := &host{dir: filepath.Join(b.Dir, name), client: b.client()}
	var err error
	if h.address, err = loopback.FreeAddress(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(h.dir, "rules"), 0o700); err != nil { // not every host has flows
		return nil, fmt.Errorf("making the host's folder: %w", err)
	}
	files["musubi.yaml"] = strings.Replace(files["musubi.yaml"], "ADDRESS", h.address, 1)
	for file, text := range files {
		path := filepath.Join(h.dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, fmt.Errorf("making the host's folder: %w", err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return nil, fmt.Errorf("writing the host's files: %w", err)
		}
	}
	return h, b.shareCache(h)
}

// shareCache lets all hosts use one folder of compiled plugins.
func (b *bench) shareCache(h *host) error {
	shared, data := filepath.Join(b.Dir, "cache"), filepath.Join(h.dir, "data")
	for _, dir := range []string{shared, data} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("making the compile cache: %w", err)
		}
	}
	if err := os.Symlink(shared, filepath.Join(data, "cache")); err != nil {
		return fmt.Errorf("sharing the compile cache: %w", err)
	}
	return nil
}

func (r *rig) configuration() string {
	return strings.NewReplacer("PLUGINS", r.plugins, "SHOP", r.shop.URL, "CRM", r.crm.URL).Replace(`
listen: ADDRESS
data: ./data
rules: ./rules
plugins: PLUGINS
log: {level: warn}
connections:
  shop:
    connector: ecforce
    settings: {base_url: SHOP}
    secrets: {token: file:shop_token}
    allow_private: true
    limits: {per_second: 1000000, concurrency: 6}
  crm:
    connector: salesforce
    settings: {base_url: CRM}
    secrets: {client_id: file:crm_client_id, client_secret: file:crm_client_secret}
    allow_private: true
    limits: {per_second: 1000000, concurrency: 6}
`)
}

// start runs the host and returns how long it took until it was ready.
func (b *bench) start(ctx context.Context, h *host) (time.Duration, error) {
	log, err := os.Create(filepath.Join(h.dir, "host.log"))
	if err != nil {
		return 0, fmt.Errorf("making the host's log: %w", err)
	}
	h.cmd = exec.CommandContext(ctx, b.Program, "serve", "-c", filepath.Join(h.dir, "musubi.yaml")) //nolint:gosec // this very program
	h.cmd.Stdout, h.cmd.Stderr = log, log
	began := b.Now()
	if err := errors.Join(h.cmd.Start(), log.Close()); err != nil {
		return 0, fmt.Errorf("starting the host: %w", err)
	}
	h.ended = make(chan struct{})
	go func() {
		h.failure = h.cmd.Wait()
		close(h.ended)
	}()
	if err := h.awaitReady(ctx); err != nil {
		said, unread := os.ReadFile(log.Name())
		return 0, errors.Join(fmt.Errorf("%w; it said:\n%s", err, said), unread)
	}
	return b.Now().Sub(began), nil
}

const (
	readyWithin = 60 * time.Second
	readyEvery  = 2 * time.Millisecond
)

func (h *host) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	for {
		if status, err := h.get(ctx, "/readyz", nil); err == nil && status == http.StatusOK {
			return nil
		}
		select {
		case <-h.ended:
			return fmt.Errorf("the host ended before it was ready: %s", h.cmd.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("waiting for the host to be ready: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

func (h *host) get(ctx context.Context, path string, read func(*bufio.Scanner)) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.address+path, http.NoBody)
	if err != nil {
		return 0, fmt.Errorf("asking for %s: %w", path, err)
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if read != nil {
		read(bufio.NewScanner(resp.Body))
	}
	return resp.StatusCode, nil
}

// stop ends the host as an operator does.
func (h *host) stop() error {
	if err := h.cmd.Process.Signal(os.Interrupt); err != nil {
		return fmt.Errorf("stopping the host: %w", err)
	}
	if <-h.ended; h.failure != nil {
		return fmt.Errorf("the host ended badly: %w", h.failure)
	}
	h.client.CloseIdleConnections()
	return nil
}

// hookPath is where the shop delivers to, from the file that the host keeps it in.
func (h *host) hookPath() (string, error) {
	text, err := os.ReadFile(filepath.Join(h.dir, "data", "hooks.json"))
	if err != nil {
		return "", fmt.Errorf("reading the webhook address: %w", err)
	}
	tokens := make(map[string]string)
	if err := json.Unmarshal(text, &tokens); err != nil {
		return "", fmt.Errorf("reading the webhook address: %w", err)
	}
	return "/hooks/shop/" + tokens["shop"], nil
}
