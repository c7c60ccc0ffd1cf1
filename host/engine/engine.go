// Package engine knows the order of things: what is made durable before what
// is answered, which run may go on, what follows a step, and what happens when
// one fails. It reaches plugins, rules and rows only through what it is given.
//
// The way of an event: Receive commits it to the inbox; the dispatcher matches
// it with rules and puts runs into their lanes; the feeder takes runs that are
// ready and executes them step by step; a run that must wait leaves a timer.
// Every arrow is one commit, so a crash anywhere repeats at most what had not
// been committed. See RATIONALE.md.
package engine

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Connectors calls plugins. A failure is an *abi.Error.
type Connectors interface {
	Invoke(ctx context.Context, in host.Invocation) (output []byte, err error)
}

// Observer is told what happened, for metrics. It must not block.
type Observer interface {
	// Delivery counts events by what became of them: accepted, duplicate or dead.
	Delivery(connection, outcome string, count int)
	// RunEnded is told of every run that ends or waits, with the time since it was created.
	RunEnded(flow string, state host.RunState, age time.Duration)
	// CallEnded is told of every call of an action, with how long it took.
	CallEnded(connection, action string, kind abi.Kind, took time.Duration)
}

// Projection keeps what follows from events beside the rules: who is who.
type Projection interface {
	// Project adds to c what the events mean; it may add events of its own. Unless
	// it fails, done is called with whether c was committed.
	Project(ctx context.Context, events []host.Event, c *ledger.Change) (done func(committed bool), err error)
	// Adds says whether again, the same fact as told, has something to tell that
	// told has not. It is then projected, though no flow sees it.
	Adds(told, again *host.Event) bool
}

// What became of an event, for Observer.Delivery.
const (
	OutcomeAccepted  = "accepted"
	OutcomeDuplicate = "duplicate"
	OutcomeDead      = "dead"
)

// Options are what an engine works with. All but the numbers and Projection are required.
type Options struct {
	Ledger     *ledger.Ledger
	Connectors Connectors
	Rules      *Rulebook
	Observer   Observer
	// Projection takes each event in with the commit that matches it with rules; nil for none.
	Projection Projection
	Logger     *slog.Logger
	// Now is the clock; NewID gives ids that sort by the time they were given.
	Now   func() time.Time
	NewID func() string
	// Known says whether there is a connection of that name; nil means that each is there.
	Known func(connection string) bool
	// Jitter returns a number in [0, 1) to spread retries by.
	Jitter func() float64

	// MaxRuns is how many runs are executed at once; 0 means 256.
	MaxRuns int
	// DedupeWindow is how long a repetition of an event is recognised; 0 means 7 days.
	DedupeWindow time.Duration
	// NoticeWindow is how long failures of one kind are counted after people were
	// told of the first; 0 means 10 minutes.
	NoticeWindow time.Duration
	// LoopLimit is how many times records may answer each other's changes, each
	// within LoopWindow of the one before and with other values, before that is
	// cut as a loop; 0 means 60 times and an hour.
	LoopLimit  int
	LoopWindow time.Duration
	// RunLink is where a person can look at a run, "" if nobody knows; nil means nobody does.
	RunLink func(id string) string
	// Retry is used where a flow does not say otherwise; zero means DefaultRetry.
	Retry RetryPolicy
}

func (o Options) withDefaults() Options {
	if o.MaxRuns == 0 {
		o.MaxRuns = 256
	}
	if o.DedupeWindow == 0 {
		o.DedupeWindow = 7 * 24 * time.Hour
	}
	if o.NoticeWindow == 0 {
		o.NoticeWindow = 10 * time.Minute
	}
	if o.LoopLimit == 0 {
		o.LoopLimit = 60
	}
	if o.LoopWindow == 0 {
		o.LoopWindow = time.Hour
	}
	if o.Known == nil {
		o.Known = func(string) bool { return true }
	}
	if o.RunLink == nil {
		o.RunLink = func(string) string { return "" }
	}
	if o.Retry == (RetryPolicy{}) {
		o.Retry = DefaultRetry
	}
	return o
}

// Engine accepts events and runs flows. Its methods may be called from any
// goroutine; Receive works before Start and after Stop, the rest waits.
type Engine struct {
	Options

	inbox  *frontier
	ready  *lineup
	later  *lineup // ready runs of backfill priority
	timers *frontier
	// tending is lowered when a connection stops working, or works again.
	tending  *frontier
	flight   *flight
	circuits *circuits
	loans    *loans
	loops    *loops
	rounds   *rounds
	// creations are what upserts are about to create, or did a moment ago.
	creations *creations
	// late is held by who looks whether a run is missing and then adds it.
	late sync.Mutex

	mu      sync.Mutex
	cancel  context.CancelFunc
	abort   context.CancelFunc
	workers sync.WaitGroup
}

// New returns an engine that does nothing yet.
func New(o Options) *Engine {
	o = o.withDefaults()
	return &Engine{
		Options:  o,
		inbox:    newFrontier(),
		ready:    newLineup(),
		later:    newLineup(),
		timers:   newFrontier(),
		tending:  newFrontier(),
		flight:   newFlight(o.MaxRuns),
		circuits: newCircuits(),
		loans:    newLoans(),
		loops:    newLoops(o.LoopLimit, o.LoopWindow),
		rounds:   newRounds(o.LoopWindow),

		creations: newCreations(),
	}
}

// Start begins to dispatch and run, and takes up what an earlier host left. A
// second Start before Stop does nothing.
func (e *Engine) Start(ctx context.Context) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cancel != nil {
		return
	}
	// Loops end with loops; runs under way end with work, some time later.
	work, abort := context.WithCancel(context.WithoutCancel(ctx))
	loops, cancel := context.WithCancel(work)
	e.cancel, e.abort = cancel, abort
	e.restoreStandings(work)
	e.forgetTold(work)
	for _, f := range []*frontier{e.inbox, e.ready.frontier, e.later.frontier, e.timers, e.tending} {
		f.lower("")
	}
	e.workers.Go(func() { e.loop(loops, "dispatch", e.inbox, e.dispatchAll) })
	e.workers.Go(func() { e.loop(loops, "timers", e.timers, e.fireTimers) })
	e.workers.Go(func() { e.loop(loops, "connections", e.tending, e.tend) })
	e.workers.Go(func() { e.feed(loops, work) })
}

// Wake tells the engine of an event that somebody else put into the inbox.
func (e *Engine) Wake(event string) { e.inbox.lower(event) }

// Stop takes up no more work and waits for runs under way until ctx ends; then
// it interrupts them, and they go on from their last journaled step at the
// next Start. Stop before Start and Stop twice do nothing.
func (e *Engine) Stop(ctx context.Context) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cancel == nil {
		return
	}
	e.cancel()
	done := make(chan struct{})
	go func() {
		e.workers.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		e.abort()
		<-done
	}
	e.abort()
	e.cancel, e.abort = nil, nil
}

// loop calls work each time the frontier is lowered, until ctx ends. work that
// fails is repeated after a pause: the store may be full for a while.
func (e *Engine) loop(ctx context.Context, name string, f *frontier, work func(context.Context) error) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
		}
		err := work(ctx)
		if err == nil || errors.Is(err, context.Canceled) {
			continue
		}
		e.Logger.Error("engine loop failed, repeating", "loop", name, "error", err)
		e.pause(ctx)
		f.lower("")
	}
}

const pauseAfterFault = time.Second

func (e *Engine) pause(ctx context.Context) {
	t := time.NewTimer(pauseAfterFault)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
