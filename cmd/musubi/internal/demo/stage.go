package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/musubi-run/musubi/cmd/musubi/internal/loopback"
	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/rules/library"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

const (
	module = "github.com/musubi-run/musubi"
	shopID = "ecforce"
	crmID  = "salesforce"
	flow   = "ecforce-customer-to-salesforce-upsert"
)

// stage is everything that runs during the demo.
type stage struct {
	shop, crm     *simclient.Process
	host          *app.App
	config, rules string

	cancel context.CancelFunc
	served sync.WaitGroup
	fault  error
}

func (s *stage) hostURL() string { return "http://" + s.host.Addr() }

// close stops the host first, so that it can still reach the platforms.
func (s *stage) close() {
	if s.cancel != nil {
		s.cancel()
		s.served.Wait()
	}
	if s.host != nil {
		s.fault = errors.Join(s.fault, s.host.Close())
	}
	for _, sim := range []*simclient.Process{s.shop, s.crm} {
		if sim != nil {
			sim.Stop()
		}
	}
}

// setUp builds and starts what the demo needs.
func (d *demo) setUp(ctx context.Context) (_ *stage, err error) {
	s := &stage{config: filepath.Join(d.Dir, "musubi.yaml"), rules: filepath.Join(d.Dir, "rules")}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if err := d.buildPlugins(ctx); err != nil {
		return nil, err
	}
	if s.shop, err = d.startSim(ctx, shopID); err != nil {
		return nil, err
	}
	if s.crm, err = d.startSim(ctx, crmID); err != nil {
		return nil, err
	}
	if err := d.write(s); err != nil {
		return nil, err
	}
	if err := d.startHost(ctx, s); err != nil {
		return nil, err
	}
	return s, d.connectHooks(ctx, s)
}

// step prints what begins, and when it is over how long it took.
func (d *demo) step(en, ja string, work func() error) error {
	fmt.Fprintf(d.Out, "  %s … ", d.Lang.Pick(abi.Text{EN: en, JA: ja}))
	began := time.Now() //nolint:forbidigo // shown to a person, decides nothing
	if err := work(); err != nil {
		d.say("failed\n", "失敗\n")
		return err
	}
	fmt.Fprintln(d.Out, time.Since(began).Round(10*time.Millisecond))
	return nil
}

func (d *demo) buildPlugins(ctx context.Context) error {
	dir := filepath.Join(d.Dir, "plugins")
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // plugins are no secret
		return fmt.Errorf("making the demo's folder: %w", err)
	}
	for _, id := range []string{shopID, crmID} {
		err := d.step("building plugin "+id, "プラグイン "+id+" をビルド", func() error {
			built, err := d.Builder.Plugin(ctx, module+"/plugins/"+id)
			if err != nil {
				return err
			}
			return built.CopyTo(filepath.Join(dir, id+".wasm"))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) startSim(ctx context.Context, id string) (sim *simclient.Process, err error) {
	err = d.step("building and starting the simulated "+id, "シミュレーター "+id+" をビルドして起動", func() error {
		program, err := d.Builder.Program(ctx, module+"/plugins/"+id+"/sim")
		if err != nil {
			return err
		}
		sim, err = simclient.Start(ctx, program.Path, "-addr", "127.0.0.1:0")
		return err
	})
	return sim, err
}

// write makes the demo's folder: the configuration as a shop would write it,
// the secrets in files of their own, and the library's flow.
func (d *demo) write(s *stage) error {
	address, err := loopback.FreeAddress()
	if err != nil {
		return err
	}
	files := map[string]string{
		"musubi.yaml":               configuration(address, s.shop.URL, s.crm.URL),
		"secrets/shop_token":        "sim-token",
		"secrets/crm_client_id":     "sim-client-id",
		"secrets/crm_client_secret": "sim-client-secret",
	}
	text, err := library.Flow(flow)
	if err != nil {
		return err
	}
	files["rules/"+flow+".yaml"] = string(text)
	for name, text := range files {
		path := filepath.Join(d.Dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("making the demo's folder: %w", err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return fmt.Errorf("writing the demo's files: %w", err)
		}
	}
	return nil
}

func configuration(address, shop, crm string) string {
	return strings.NewReplacer("ADDRESS", address, "SHOP", shop, "CRM", crm).Replace(`# The demo's host. A real one has the platforms' addresses instead of the simulators'.
listen: ADDRESS
data: ./data
rules: ./rules
plugins: ./plugins
connections:
  shop:
    connector: ecforce
    settings: {base_url: SHOP}
    secrets: {token: file:secrets/shop_token}
    allow_private: true             # the simulator is on this machine
    limits: {per_second: 100, concurrency: 8}
  crm:
    connector: salesforce
    settings: {base_url: CRM}
    secrets: {client_id: file:secrets/crm_client_id, client_secret: file:secrets/crm_client_secret}
    allow_private: true
`)
}

func (d *demo) startHost(ctx context.Context, s *stage) error {
	return d.step("starting the host", "ホストを起動", func() error {
		cfg, err := config.Load(s.config)
		if err != nil {
			return err
		}
		if s.host, err = app.Open(ctx, cfg, app.Options{Logger: d.Logger, CacheDir: d.CacheDir}); err != nil {
			return err
		}
		if err := s.host.Listen(ctx); err != nil {
			return err
		}
		serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
		s.cancel = cancel
		s.served.Go(func() { s.fault = s.host.Serve(serving) })
		return nil
	})
}

// template is what the shop is told to send: ids and the time of the change.
const template = `{"musubi":1,"family":"customer","id":"{{ customer.id }}","number":"{{ customer.number }}","updated_at":"{{ customer.updated_at }}"}`

// connectHooks registers the host's webhook address at the shop, as an ops
// person does in the shop's console.
func (d *demo) connectHooks(ctx context.Context, s *stage) error {
	if err := s.shop.SetLimits(ctx, map[string]any{"per_second": 0}); err != nil {
		return fmt.Errorf("lifting the simulated shop's rate limit: %w", err)
	}
	path, err := s.host.HookPath("shop")
	if err != nil {
		return err
	}
	return s.shop.SetHook(ctx, simkit.Hook{URL: s.hostURL() + path, Events: []string{event}, Template: template})
}
