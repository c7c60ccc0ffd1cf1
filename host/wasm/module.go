package wasm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Module is one plugin. Its code is loaded when it is first called, in the
// background: other modules go on meanwhile. Code that nobody used for a while
// is dropped, and loaded again from the cache when it is wanted.
type Module struct {
	runtime  *Runtime
	manifest *abi.Manifest
	source   source

	mu      sync.Mutex
	pools   map[*Pool]struct{}
	program *program
	loading *loading // nil while nobody loads
	refused error    // the module can never be compiled
	closed  bool
	users   int // instances that run the program
	unused  int // how often in a row nobody was found to use it
}

// loading is a load under way. Its error is set before done is closed.
type loading struct {
	done chan struct{}
	err  error
}

// Load checks that wasm is a plugin for this host, without running or
// compiling it: its manifest, its ABI version, its imports and its exports. It
// keeps wasm, which must not change.
func (r *Runtime) Load(wasm []byte) (*Module, error) {
	return r.LoadFrom(wasm, func() ([]byte, error) { return wasm, nil })
}

// LoadFrom is Load for a plugin that need not stay in memory: it lets go of
// wasm, and calls again when the plugin has to be compiled. What that returns is
// refused if it is not the same.
func (r *Runtime) LoadFrom(wasm []byte, again func() ([]byte, error)) (*Module, error) {
	manifest, err := abi.ReadManifest(wasm)
	if err != nil {
		return nil, invalid(fmt.Errorf("reading the manifest: %w", err))
	}
	m, err := r.load(wasm, again)
	if err != nil {
		return nil, fmt.Errorf("plugin %s: %w", manifest.ID, err)
	}
	m.manifest = manifest
	return m, nil
}

// maxModule bounds a plugin's file, in bytes. A connector has three to five million.
const maxModule = 32 << 20

// load is Load without a manifest, which Describe is there to find out.
func (r *Runtime) load(wasm []byte, again func() ([]byte, error)) (*Module, error) {
	if len(wasm) > maxModule {
		return nil, invalid(fmt.Errorf("it has %d bytes, more than %d", len(wasm), maxModule))
	}
	if err := checkLinks(wasm); err != nil {
		return nil, invalid(err)
	}
	m := &Module{runtime: r, source: newSource(wasm, again), pools: map[*Pool]struct{}{}}
	if err := r.adopt(m); err != nil {
		return nil, err
	}
	return m, nil
}

func invalid(err error) error {
	return &abi.Error{Kind: abi.Invalid, Message: err.Error()}
}

// Manifest returns what the plugin can do and reach. It is shared: do not change it.
func (m *Module) Manifest() *abi.Manifest { return m.manifest }

// Compile compiles the module unless that was done, and waits for it. It is
// called by the first call anyway; a host calls it to be warm.
func (m *Module) Compile(ctx context.Context) error {
	_, err := m.use(ctx)
	if err == nil {
		m.leave()
	}
	return err
}

// Cached says whether the module's code is in the cache, so that its first call
// waits some ten milliseconds for it, not seconds.
func (m *Module) Cached() bool { return m.source.cached(m.runtime.cacheDir) }

// use returns the module's code, which stays until leave. It waits for the code
// to be loaded.
func (m *Module) use(ctx context.Context) (*program, error) {
	for {
		p, load, err := m.enter()
		if p != nil || err != nil {
			return p, err
		}
		select {
		case <-load.done:
			if load.err != nil {
				return nil, load.err
			}
		case <-ctx.Done():
			return nil, &abi.Error{Kind: abi.Unavailable, Message: "waiting for the plugin to compile: " + ctx.Err().Error()}
		}
	}
}

// enter returns the module's code or, if it is not there, the load to wait for.
func (m *Module) enter() (*program, *loading, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
		return nil, nil, errClosed
	case m.refused != nil:
		return nil, nil, m.refused
	case m.program != nil:
		m.users++
		m.unused = 0
		return m.program, nil, nil
	case m.loading == nil:
		return nil, m.begin(), nil
	default:
		return nil, m.loading, nil
	}
}

// begin loads in the background, so that a caller that gives up does not take
// the others' load with it. The caller holds mu.
func (m *Module) begin() *loading {
	load := &loading{done: make(chan struct{})}
	m.loading = load
	err := m.runtime.start(func() {
		program, err := m.source.compile(m.runtime.cacheDir, m.runtime.log)
		m.finish(load, program, err)
	})
	if err != nil {
		m.loading, load.err = nil, err
		close(load.done)
	}
	return load
}

func (m *Module) finish(load *loading, program *program, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.program, m.loading, m.unused, load.err = program, nil, 0, err
	if abi.KindOf(err) == abi.Invalid {
		m.refused = err
	}
	close(load.done)
}

// leave gives back what use returned.
func (m *Module) leave() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.users--
}

// unusedSweeps is after how many looks of the janitor code that nobody uses is
// dropped: five times as late as an instance.
const unusedSweeps = 10

// dropUnused drops the code if nobody used it for a while.
func (m *Module) dropUnused() {
	m.mu.Lock()
	p := m.program
	if p == nil || m.users > 0 {
		m.unused = 0
		m.mu.Unlock()
		return
	}
	if m.unused++; m.unused < unusedSweeps || m.runtime.cacheDir == "" {
		m.mu.Unlock()
		return
	}
	m.program = nil
	m.mu.Unlock()
	if err := p.close(context.Background()); err != nil {
		m.runtime.log.Warn("code of a plugin was not dropped", slog.String("error", err.Error()))
	}
}

// Close closes the module's pools, then drops the compiled code.
func (m *Module) Close(ctx context.Context) error {
	m.runtime.forget(m)
	return m.shutdown(ctx)
}

func (m *Module) shutdown(ctx context.Context) error {
	for _, p := range m.allPools() {
		if err := p.Close(ctx); err != nil {
			return err // its code is still in use
		}
	}
	p := m.retire()
	if p == nil {
		return nil
	}
	return p.close(ctx)
}

// retire lets nobody use the module any more, and returns its code if there is any.
func (m *Module) retire() *program {
	for {
		m.mu.Lock()
		m.closed = true
		load, p := m.loading, m.program
		if load == nil {
			m.program = nil
		}
		m.mu.Unlock()
		if load == nil {
			return p
		}
		<-load.done
	}
}

func (m *Module) allPools() []*Pool {
	m.mu.Lock()
	defer m.mu.Unlock()
	pools := make([]*Pool, 0, len(m.pools))
	for p := range m.pools {
		pools = append(pools, p)
	}
	return pools
}

// Describe runs the describe export of a plugin that carries no manifest yet,
// and returns the manifest, JSON.
func (r *Runtime) Describe(ctx context.Context, wasm []byte) (manifest []byte, err error) {
	m, err := r.load(wasm, func() ([]byte, error) { return wasm, nil })
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Close(ctx)) }()
	p, err := m.use(ctx)
	if err != nil {
		return nil, err
	}
	defer m.leave()
	inst, err := newInstance(p, &PoolOptions{Limits: DefaultLimits()}, r.seed)
	if err != nil {
		return nil, err
	}
	defer inst.close(ctx)
	return inst.describe(ctx)
}
