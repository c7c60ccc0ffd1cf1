package wasm

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Module is one plugin. It is compiled when it is first called, once, in the
// background: other modules go on meanwhile.
type Module struct {
	runtime  *Runtime
	manifest *abi.Manifest

	once    sync.Once
	source  []byte // nil once it was compiled
	ready   chan struct{}
	program *program
	err     error

	mu    sync.Mutex
	pools map[*Pool]struct{}
}

// Load checks that wasm is a plugin for this host, without running or
// compiling it: its manifest, its ABI version, its imports and its exports. It
// keeps wasm, which must not change.
func (r *Runtime) Load(wasm []byte) (*Module, error) {
	manifest, err := abi.ReadManifest(wasm)
	if err != nil {
		return nil, invalid(fmt.Errorf("reading the manifest: %w", err))
	}
	m, err := r.load(wasm)
	if err != nil {
		return nil, fmt.Errorf("plugin %s: %w", manifest.ID, err)
	}
	m.manifest = manifest
	return m, nil
}

// maxModule bounds a plugin's file, in bytes. A connector has three to five million.
const maxModule = 32 << 20

// load is Load without a manifest, which Describe is there to find out.
func (r *Runtime) load(wasm []byte) (*Module, error) {
	if len(wasm) > maxModule {
		return nil, invalid(fmt.Errorf("it has %d bytes, more than %d", len(wasm), maxModule))
	}
	if err := checkLinks(wasm); err != nil {
		return nil, invalid(err)
	}
	m := &Module{
		runtime: r,
		source:  wasm,
		ready:   make(chan struct{}),
		pools:   map[*Pool]struct{}{},
	}
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
	_, err := m.compiled(ctx)
	return err
}

func (m *Module) compiled(ctx context.Context) (*program, error) {
	m.once.Do(m.beginCompile)
	select {
	case <-m.ready:
		return m.program, m.err
	case <-ctx.Done():
		return nil, &abi.Error{Kind: abi.Unavailable, Message: "waiting for the plugin to compile: " + ctx.Err().Error()}
	}
}

// beginCompile compiles in the background, so that a caller that gives up
// does not take the others' compile with it.
func (m *Module) beginCompile() {
	err := m.runtime.start(func() {
		defer close(m.ready)
		m.program, m.err = compile(m.source, m.runtime.cacheDir, m.runtime.log)
		m.source = nil
	})
	if err != nil {
		m.err = err
		close(m.ready)
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
	m.once.Do(func() { m.err = errClosed; close(m.ready) })
	<-m.ready
	if m.program == nil {
		return nil
	}
	return m.program.close(ctx)
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
	m, err := r.load(wasm)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Close(ctx)) }()
	p, err := m.compiled(ctx)
	if err != nil {
		return nil, err
	}
	inst, err := newInstance(p, &PoolOptions{Limits: DefaultLimits()}, r.seed)
	if err != nil {
		return nil, err
	}
	defer inst.close(ctx)
	return inst.describe(ctx)
}
