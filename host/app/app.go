// Package app wires a host together: store, sandbox, rules, engine, polls and
// web server, from one configuration. It is the only place where they meet.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-run/musubi/host/builtin"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/engine"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/host/schedule"
	"github.com/musubi-run/musubi/host/store/badger"
	"github.com/musubi-run/musubi/host/telemetry"
	"github.com/musubi-run/musubi/host/vault"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/host/web"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/rules/diag"
)

// Options are what a host is given besides its configuration.
type Options struct {
	// Logger is required.
	Logger *slog.Logger
	// Now is the clock; nil means the machine's.
	Now func() time.Time
	// CacheDir keeps compiled plugins; empty means a folder under the data folder.
	CacheDir string
	// Version is what the host says that it is.
	Version api.Version
}

// App is one host. Open makes it ready, Serve runs it, Close gives everything back.
type App struct {
	cfg     *config.Config
	opts    Options
	log     *slog.Logger
	plugins map[string]*Plugin
	catalog *rules.Catalog
	metrics *telemetry.Metrics
	hooks   *config.HookTokens
	vault   *vault.Vault
	// secrets are the values of all references, by their path in the configuration,
	// replaced as a whole when one changes.
	secrets  atomic.Pointer[map[string]string]
	redactor *vault.Redactor

	store   *badger.Store
	ledger  *ledger.Ledger
	sandbox *wasm.Runtime
	// connections are all that can be called, sandboxed those of plugins.
	connections map[string]connection
	sandboxed   map[string]*Connection
	builtin     *builtin.Connector
	rules       *engine.Rulebook
	members     *members.Members
	engine      *engine.Engine
	poller      *schedule.Poller
	clockwork   *schedule.Clockwork
	backfiller  *schedule.Backfiller
	web         *web.Server

	// hooking lets one at a time change where a connection's platform delivers.
	hooking sync.Mutex
	// reload lets one at a time put rules in force, or delete old ones.
	reload  sync.Mutex
	serving bool
	// told guards what is told of the rules: when those in force were loaded, and
	// why the newest ones of the folder are not in force.
	told     sync.Mutex
	loaded   time.Time
	rejected diag.Problems
	// watched is what the rules folder held when its rules were first loaded.
	watched folderStamp
	// warm is closed when every plugin has been compiled and started once.
	warm chan struct{}
	// backfills guards which backfills are worked on.
	backfills sync.Mutex

	closing []func() error
}

// Check finds everything that is wrong with the configuration, the plugins
// and the rules, without starting anything: all at once, as far as one fault
// does not follow from another. The configuration may have been read partly.
func Check(cfg *config.Config) (*rules.Set, error) {
	plugins, err := Plugins(cfg.Plugins)
	if err != nil {
		if faults := cfg.Faults(); len(faults) > 0 {
			return nil, faults
		}
		return nil, err
	}
	own, err := ownConnector(nobody, nil, nil)
	if err != nil {
		return nil, err
	}
	known := manifests(plugins)
	_, unaccepted := checkAccepted(cfg, plugins)
	faults := []error{cfg.Check(known), unaccepted}
	var set *rules.Set
	if cfg.CanHold(known) {
		set, err = loadConfigured(cfg, catalog(cfg, plugins, own))
		faults = append(faults, err)
	}
	return set, together(faults)
}

// together makes one error of several: all problems, or else the first fault of another kind.
func together(faults []error) error {
	var all diag.Problems
	var other error
	for _, err := range faults {
		if problems, ok := errors.AsType[diag.Problems](err); ok {
			all = append(all, problems...)
		} else if other == nil {
			other = err
		}
	}
	if len(all) > 0 {
		return all
	}
	return other
}

// Open makes the host ready to serve. A configuration, a secret or a rule that
// is wrong is reported here, all that can be found at once.
func Open(ctx context.Context, cfg *config.Config, opts Options) (*App, error) {
	a, err := open(ctx, cfg, opts,
		(*App).openPlugins, (*App).openMetrics, (*App).openStore, (*App).openVault, (*App).openSecrets, (*App).openConnections,
		(*App).openEngine, (*App).openRules, (*App).openWeb)
	if _, wrong := errors.AsType[diag.Problems](err); wrong {
		if _, all := Check(cfg); all != nil { // the stages end at the first of them
			return nil, all
		}
	}
	return a, err
}

func open(ctx context.Context, cfg *config.Config, opts Options, stages ...func(*App, context.Context) error) (*App, error) {
	if opts.Now == nil {
		opts.Now = time.Now //nolint:forbidigo // the one place where the machine's clock comes in
	}
	a := &App{cfg: cfg, opts: opts, log: opts.Logger, warm: make(chan struct{})}
	for _, stage := range stages {
		if err := stage(a, ctx); err != nil {
			return nil, errors.Join(err, a.Close())
		}
	}
	return a, nil
}

func (a *App) onClose(f func() error) { a.closing = append(a.closing, f) }

// Close gives back what Open took, in reverse order. It may be called twice.
func (a *App) Close() error {
	var faults []error
	for i := len(a.closing) - 1; i >= 0; i-- {
		faults = append(faults, a.closing[i]())
	}
	a.closing = nil
	return errors.Join(faults...)
}

func (a *App) openPlugins(context.Context) (err error) {
	if a.plugins, err = Plugins(a.cfg.Plugins); err != nil {
		return err
	}
	if err := a.cfg.Check(manifests(a.plugins)); err != nil {
		return err
	}
	if err := a.openAccepted(); err != nil {
		return err
	}
	if a.builtin, err = ownConnector(func() *members.Members { return a.members }, a.formLink, a.claim); err != nil {
		return err
	}
	a.catalog = catalog(a.cfg, a.plugins, a.builtin)
	return nil
}

func (a *App) openMetrics(context.Context) (err error) {
	a.metrics, err = telemetry.New(a.opts.Version.Version)
	return err
}

func (a *App) openStore(ctx context.Context) error {
	s, err := badger.Open(badger.Options{Dir: storeIn(a.cfg.Data), Clock: a.opts.Now, Logger: a.log})
	if err != nil {
		return err
	}
	a.store = s
	a.onClose(s.Close)
	if a.ledger, err = ledger.Open(ctx, s); err != nil {
		return err
	}
	return a.metrics.WatchStore(func() telemetry.StoreStats { return telemetry.StoreStats(s.Stats()) })
}

func (a *App) openEngine(ctx context.Context) error {
	newest, err := a.ledger.NewestID(ctx)
	if err != nil {
		return err
	}
	a.rules = engine.NewRulebook(a.ledger, a.loadSources)
	newID := newIDs(a.opts.Now, newest).next
	a.openMembers(newID)
	a.engine = engine.New(engine.Options{
		Ledger: a.ledger, Connectors: a, Rules: a.rules, Observer: a.metrics.Engine, Logger: a.log,
		Now: a.opts.Now, NewID: newID, Jitter: mathrand.Float64, Projection: a.members,
		DedupeWindow: a.cfg.DedupeWindow, NoticeWindow: a.cfg.NoticeWindow,
		LoopLimit: a.cfg.LoopLimit, LoopWindow: a.cfg.LoopWindow, RunLink: a.runLink,
		Known: func(connection string) bool { return a.connections[connection] != nil },
	})
	due := schedule.Options{Connectors: guarded{a.engine}, Cursors: a.ledger, Intake: a.engine, Logger: a.log, Now: a.opts.Now, Warn: a.warnOfPoll}
	a.poller, a.clockwork = schedule.NewPoller(due), schedule.NewClockwork(due)
	due.Intake = signedIntake{a.engine}
	a.backfiller = schedule.NewBackfiller(due, a.ledger)
	return nil
}

func (a *App) openWeb(context.Context) error {
	if err := os.MkdirAll(a.cfg.Data, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	token, err := a.adminToken()
	if err != nil {
		return err
	}
	hooks, err := a.webHooks()
	if err != nil {
		return err
	}
	a.web, err = web.New(web.Options{
		Hooks: hooks, Intake: a.engine, Operator: a.Operator(), Members: memberDesk{a}, FormList: a.webForms(), Forms: memberDesk{a}, AdminToken: token,
		Ready: a.ready, Metrics: a.metrics.Registry, Meter: a.metrics.Webhooks,
		Version: a.opts.Version, Logger: a.log, Clock: a.opts.Now,
	})
	return err
}

func (a *App) ready(ctx context.Context) error {
	fenced, err := a.ledger.Fenced(ctx)
	if err != nil {
		return unready(err.Error(),
			"保存データを使えません。書き込みの失敗なら、ディスクの空きなどを直してホストを再起動してください。ファイルが壊れているなら、最新のバックアップを新しいデータフォルダーに戻してください(musubi restore): "+err.Error())
	}
	if fenced {
		return unready(
			"another host has taken over the store",
			"別のホストが保存データを引き継ぎました")
	}
	select {
	case <-a.warm:
		return nil
	default:
		return unready("plugins are being compiled", "プラグインを準備(コンパイル)しています")
	}
}

// Listen opens the configured address; see Addr.
func (a *App) Listen(ctx context.Context) error {
	return a.web.Listen(ctx, a.cfg.Listen)
}

// Addr is the address that is listened on.
func (a *App) Addr() string { return a.web.Addr() }

// Operator answers and acts for people.
func (a *App) Operator() Operator {
	return Operator{View: View{ledger: a.ledger, store: a.store}, app: a}
}

// Serve listens, runs flows and polls until ctx ends; then it stops taking
// deliveries, lets runs under way finish within the configured grace, and
// returns. What was not finished goes on at the next start. It may be called once.
func (a *App) Serve(ctx context.Context) error {
	if a.web.Addr() == "" {
		if err := a.Listen(ctx); err != nil {
			return err
		}
	}
	a.engine.Start(ctx)
	a.startSchedules(ctx)
	if err := a.watchBackfills(ctx); err != nil {
		return errors.Join(err, a.shutdown(context.WithoutCancel(ctx)))
	}
	var warming sync.WaitGroup
	defer warming.Wait()
	warming.Go(func() { a.warmUp(ctx) })
	watching, stop := context.WithCancel(ctx)
	var workers sync.WaitGroup
	workers.Go(func() { a.watchRules(watching) })
	workers.Go(func() { a.sweeper().keep(watching) })
	workers.Go(func() { a.members.Run(watching) })
	workers.Go(func() { a.watchExpiries(watching) })
	workers.Go(func() { a.watchSecrets(watching) })
	a.log.Info("host is ready", "address", a.Addr(), "connections", len(a.sandboxed), "flows", len(a.rules.Current().Flows()))

	select {
	case <-ctx.Done():
	case <-a.web.Done():
	}
	stop()
	workers.Wait()
	return a.shutdown(context.WithoutCancel(ctx))
}

func (a *App) startSchedules(ctx context.Context) {
	a.reload.Lock()
	defer a.reload.Unlock()
	a.serving = true
	a.watchSchedules(ctx, a.rules.Current())
}

// webGrace is the web server's part of the grace. Deliveries take
// milliseconds; what is still open then is a client's spare connection on
// which nothing was ever sent, and that must not use up the time of the runs.
const webGrace = 3 * time.Second

func (a *App) shutdownWeb(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, webGrace)
	defer cancel()
	err := a.web.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		a.log.Info("connections that were still open are dropped")
		return nil
	}
	return err
}

func (a *App) shutdown(ctx context.Context) error {
	a.log.Info("host is stopping", "grace", a.cfg.ShutdownGrace.String())
	ctx, cancel := context.WithTimeout(ctx, a.cfg.ShutdownGrace)
	defer cancel()
	err := a.shutdownWeb(ctx)
	a.poller.Stop()
	a.clockwork.Stop()
	a.backfiller.Stop()
	a.engine.Stop(ctx)
	return err
}
