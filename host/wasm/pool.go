package wasm

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// HTTP is the guests' way out: package egress. The request is the
// implementation's to keep.
type HTTP interface {
	Do(ctx context.Context, request *abi.Request) *abi.Response
}

// Renewer is an [HTTP] whose credential may have expired. Many platforms tell that
// in the body of an answer, which only the plugin reads.
type Renewer interface {
	// Refused takes the plugin's word that the credential of its call, which began
	// at since, was refused. It returns true if another one is used from now on:
	// the call is then made once more, unless it may have changed something.
	Refused(since time.Time) bool
}

// PoolOptions bind a pool to one connection.
type PoolOptions struct {
	// Settings is the connection's settings, JSON, validated by the caller.
	Settings []byte
	// HTTP carries the plugin's requests; nil means that it may send none.
	HTTP HTTP
	// State keeps what the plugin remembers; nil means nothing.
	State State
	// Limits bound every call; zero fields take their default.
	Limits Limits
	// Logger receives the plugin's log; nil discards it.
	Logger *slog.Logger
	// Clock measures how long calls take; nil means not at all.
	Clock func() time.Time
	// MaxInstances is how many calls run at once; 0 means 8. More wait.
	MaxInstances int
	// MaxCalls is after how many calls an instance is replaced; 0 means 100,000.
	MaxCalls int
}

const (
	defaultMaxInstances = 8
	defaultMaxCalls     = 100_000
)

func (o PoolOptions) withDefaults() PoolOptions {
	o.Limits = o.Limits.WithDefaults()
	o.MaxInstances = orDefault(o.MaxInstances, defaultMaxInstances)
	o.MaxCalls = orDefault(o.MaxCalls, defaultMaxCalls)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func (o *PoolOptions) now() time.Time {
	if o.Clock == nil {
		return time.Time{}
	}
	return o.Clock()
}

// Pool calls a plugin for one connection. Instances are started as calls need
// them, kept while they are used, and never serve another connection. A pool
// is safe for concurrent use.
type Pool struct {
	module *Module
	opts   PoolOptions
	// slots holds a token per call under way.
	slots chan struct{}
	// live is how many instances there are.
	live atomic.Int64

	mu     sync.Mutex
	idle   []*instance // the last one used is the last
	closed bool
}

// NewPool returns a pool for one connection of the module. It starts nothing.
func NewPool(m *Module, opts PoolOptions) *Pool {
	opts = opts.withDefaults()
	p := &Pool{module: m, opts: opts, slots: make(chan struct{}, opts.MaxInstances)}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pools[p] = struct{}{}
	return p
}

// Invoke carries out one call and returns what the plugin answered. Every
// error carries an [abi.Kind]: one that the plugin answered arrives whole, one
// of the sandbox is Limit or Internal, and Unavailable means that the plugin
// was not reached. Settings of the call are the pool's.
func (p *Pool) Invoke(ctx context.Context, call *abi.Call) ([]byte, Stats, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, Stats{}, &abi.Error{Kind: abi.Unavailable, Message: "waiting for a free instance of the plugin: " + ctx.Err().Error()}
	}
	defer func() { <-p.slots }()
	began := p.opts.now()
	body, stats, err := p.once(ctx, call)
	if renewer, ok := p.opts.HTTP.(Renewer); ok && abi.KindOf(err) == abi.Auth && renewer.Refused(began) && !stats.Changed {
		first := stats
		body, stats, err = p.once(ctx, call)
		stats.add(&first)
	}
	return body, stats, err
}

// once carries out a call for whoever holds a slot.
func (p *Pool) once(ctx context.Context, call *abi.Call) ([]byte, Stats, error) {
	inst, started, err := p.acquire(ctx)
	if err != nil {
		return nil, Stats{}, err
	}
	own := *call
	own.Settings = p.opts.Settings
	body, err := inst.invoke(ctx, &own)
	stats := inst.usage(started)
	stats.Dropped = p.release(ctx, inst)
	return body, stats, err
}

// Warm starts instances until n are idle, at the most as many as the pool may have.
func (p *Pool) Warm(ctx context.Context, n int) error {
	for range min(n, cap(p.slots)) - p.idleCount() {
		inst, err := p.start(ctx)
		if err != nil {
			return err
		}
		p.release(ctx, inst)
	}
	return nil
}

func (p *Pool) idleCount() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.idle)
}

// acquire takes the instance that was used last, or starts one.
func (p *Pool) acquire(ctx context.Context) (inst *instance, started bool, err error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, false, &abi.Error{Kind: abi.Unavailable, Message: "the connection is closed"}
	}
	if n := len(p.idle); n > 0 {
		inst = p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return inst, false, nil
	}
	p.mu.Unlock()
	inst, err = p.start(ctx)
	return inst, true, err
}

func (p *Pool) start(ctx context.Context) (*instance, error) {
	program, err := p.module.use(ctx)
	if err != nil {
		return nil, err
	}
	inst, err := newInstance(program, &p.opts, p.module.runtime.seed)
	if err != nil {
		p.module.leave()
		return nil, err
	}
	p.live.Add(1)
	return inst, nil
}

// release puts an instance back, or drops it and says why.
func (p *Pool) release(ctx context.Context, inst *instance) Dropped {
	why := inst.unfit()
	if why == "" && !p.keep(inst) {
		why = DroppedClosed
	}
	if why != "" {
		p.drop(ctx, inst)
	}
	return why
}

func (p *Pool) drop(ctx context.Context, inst *instance) {
	inst.close(ctx)
	p.live.Add(-1)
	p.module.leave()
}

// Instances returns how many instances there are, idle ones included.
func (p *Pool) Instances() int { return int(p.live.Load()) }

func (p *Pool) keep(inst *instance) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	inst.lastUsed = p.opts.now()
	p.idle = append(p.idle, inst)
	return true
}

// dropIdle closes the instances that were not used for a while.
func (p *Pool) dropIdle() {
	now := p.opts.now()
	p.mu.Lock()
	n := 0
	for n < len(p.idle) && now.Sub(p.idle[n].lastUsed) >= p.module.runtime.idleAfter {
		n++
	}
	old := append([]*instance{}, p.idle[:n]...)
	p.idle = append(p.idle[:0], p.idle[n:]...)
	p.mu.Unlock()
	for _, inst := range old {
		p.drop(context.Background(), inst)
	}
}

// Close waits for the calls under way, refuses new ones and drops the
// instances. A second Close does nothing. If ctx ends first the calls go on.
func (p *Pool) Close(ctx context.Context) error {
	idle, first := p.retire()
	for _, inst := range idle {
		p.drop(ctx, inst)
	}
	if !first {
		return nil
	}
	return p.drain(ctx)
}

// drain waits until every call has ended, by taking all of their tokens.
func (p *Pool) drain(ctx context.Context) error {
	taken := 0
	defer func() {
		for range taken {
			<-p.slots
		}
	}()
	for taken < cap(p.slots) {
		select {
		case p.slots <- struct{}{}:
			taken++
		case <-ctx.Done():
			return fmt.Errorf("waiting for %d calls of the plugin to end: %w", cap(p.slots)-taken, ctx.Err())
		}
	}
	return nil
}

func (p *Pool) retire() (idle []*instance, first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first = !p.closed
	idle, p.idle, p.closed = p.idle, nil, true
	return idle, first
}
