// Package wasm runs plugins: it compiles them once, keeps instances of each
// connection apart, and holds every call to its limits. It is the only package
// that knows wazero.
//
// A [Runtime] loads a [Module] per plugin; a [Pool] per connection calls it.
package wasm

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Options configure a [Runtime].
type Options struct {
	// CacheDir keeps compiled code between starts. Whoever can write to it runs
	// native code in this process, so it is created with mode 0700. Empty
	// means that nothing is kept.
	CacheDir string
	// Logger receives what concerns no single connection; nil discards it.
	Logger *slog.Logger
	// IdleAfter is how long an unused instance is kept; 0 means one minute.
	IdleAfter time.Duration
	// Seed makes the guests' randomness repeatable; nil means a random one.
	Seed []byte
}

// Runtime compiles plugins and owns everything that they run on. It is safe
// for concurrent use.
type Runtime struct {
	cacheDir  string
	log       *slog.Logger
	idleAfter time.Duration
	seed      []byte

	// stop ends the janitor; work counts it and the compiles under way.
	stop chan struct{}
	work sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	modules map[*Module]struct{}
}

const defaultIdleAfter = time.Minute

var errClosed = errors.New("wasm: the runtime is closed")

// New returns a runtime. The caller closes it.
func New(o Options) *Runtime {
	r := &Runtime{
		cacheDir:  o.CacheDir,
		log:       o.Logger,
		idleAfter: o.IdleAfter,
		seed:      o.Seed,
		stop:      make(chan struct{}),
		modules:   map[*Module]struct{}{},
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	if r.idleAfter <= 0 {
		r.idleAfter = defaultIdleAfter
	}
	if r.seed == nil {
		r.seed = []byte(rand.Text())
	}
	r.work.Go(r.sweep)
	return r
}

// Close closes all modules, and waits for compiles under
// way. Calls under way are waited for. A second Close does nothing.
func (r *Runtime) Close(ctx context.Context) error {
	modules, first := r.retire()
	if !first {
		return nil
	}
	close(r.stop)
	r.work.Wait()
	var errs []error
	for _, m := range modules {
		errs = append(errs, m.shutdown(ctx))
	}
	return errors.Join(errs...)
}

func (r *Runtime) retire() (modules []*Module, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, false
	}
	r.closed = true
	for m := range r.modules {
		modules = append(modules, m)
	}
	return modules, true
}

// adopt remembers m so that Close finds it.
func (r *Runtime) adopt(m *Module) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return errClosed
	}
	r.modules[m] = struct{}{}
	return nil
}

func (r *Runtime) forget(m *Module) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.modules, m)
}

// start runs work in a goroutine that Close waits for, unless the runtime is closed.
func (r *Runtime) start(work func()) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return errClosed
	}
	r.work.Go(work)
	return nil
}

// sweep drops instances that nobody used for a while.
func (r *Runtime) sweep() {
	tick := time.NewTicker(r.idleAfter / 2)
	defer tick.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-tick.C:
			r.dropIdle()
		}
	}
}

func (r *Runtime) dropIdle() {
	r.mu.Lock()
	modules := make([]*Module, 0, len(r.modules))
	for m := range r.modules {
		modules = append(modules, m)
	}
	r.mu.Unlock()
	for _, m := range modules {
		for _, p := range m.allPools() {
			p.dropIdle()
		}
		m.dropUnused()
	}
}
