// Package members knows who is who: it joins channel identities (a LINE friend)
// with the customers of carts, keeps what they bought, and gives them tags.
//
// Facts come as events of the shared commerce model, as rows of an import, or
// from a form; what a platform is called plays no part. A fact touches a few
// rows by their keys and nobody is ever searched for: whoever has a telephone
// number is one row, so each match is one look-up, whichever side came first.
//
// There is one writer at a time ([Members] holds a lock from the first read to
// the commit), and the ledger's fence keeps out a second host. So a change is
// decided on rows that nobody else changes, without conditions and repetitions.
// See RATIONALE.md.
package members

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Options are what members work with. All are required.
type Options struct {
	Ledger *ledger.Ledger
	Store  store.Store
	// Book returns the rules in force.
	Book func() *Book
	// Model says which type of the shared model a connection's events of a type are.
	Model func(connection, eventType string) abi.Model
	// Listens says whether any flow starts on an event of the host's own
	// connection: what nobody listens to is not announced.
	Listens func(eventType string) bool
	// Wake is told of events that were put into the inbox.
	Wake   func(event string)
	Logger *slog.Logger
	Now    func() time.Time
	NewID  func() string
}

// Members is all members of a host. It is safe for concurrent use.
type Members struct {
	Options

	// writer is held from the first read of a change to its commit. An import lets
	// go of it earlier: aloft is its change that is not committed yet.
	writer sync.Mutex
	aloft  *flight
	clock  clockwork
}

// New returns the members that the store holds.
func New(o Options) *Members {
	return &Members{Options: o, clock: clockwork{wake: make(chan struct{}, 1)}}
}

// change carries out one change of members durably, whole or not at all.
func (m *Members) change(ctx context.Context, cause host.Cause, do func(*tx) error) error {
	m.writer.Lock()
	defer m.writer.Unlock()
	m.land()
	t := m.begin(cause)
	var c ledger.Change
	events, err := t.carryOut(ctx, do, &c)
	if err != nil {
		return err
	}
	return m.commit(ctx, t, &c, events)
}

// carryOut adds what do does to c, and returns the ids of the events.
func (t *tx) carryOut(ctx context.Context, do func(*tx) error, c *ledger.Change) ([]string, error) {
	if err := do(t); err != nil {
		return nil, err
	}
	return t.finish(ctx, c)
}

func (m *Members) committed(t *tx, events []string) {
	for _, id := range events {
		m.Wake(id)
	}
	m.clock.set(t.alarms)
}

// Project adds to c what the events mean for members, so that both happen
// together or not at all. Until done is called with whether c was committed,
// nobody else changes members; it must be called, unless there is an error. An
// event that cannot be understood is noted as a fault and stops nothing.
func (m *Members) Project(ctx context.Context, events []host.Event, c *ledger.Change) (done func(committed bool), err error) {
	if !m.wanted() {
		return func(bool) {}, nil
	}
	facts := m.factsOf(events)
	if len(facts) == 0 {
		return func(bool) {}, nil
	}
	m.writer.Lock()
	m.land()
	t := m.begin(host.Cause{By: host.ByEvent})
	announced, err := m.project(ctx, t, facts, c)
	if err != nil {
		m.writer.Unlock()
		return nil, err
	}
	return func(committed bool) {
		m.writer.Unlock()
		if committed {
			m.committed(t, announced)
		}
	}, nil
}

// wanted says whether the host keeps members: some rule is about them. Who asks
// for nothing of the kind has no copy of the shop's customers here.
func (m *Members) wanted() bool {
	book := m.Book()
	return len(book.Links)+len(book.Tags) > 0
}

func (m *Members) project(ctx context.Context, t *tx, facts []fact, c *ledger.Change) ([]string, error) {
	if err := t.prefetch(ctx, facts); err != nil {
		return nil, err
	}
	for i := range facts {
		if err := t.take(ctx, &facts[i]); err != nil {
			return nil, err
		}
	}
	return t.finish(ctx, c)
}

// finish adds all that the change wrote and announced to c, and returns the
// ids of the events.
func (t *tx) finish(ctx context.Context, c *ledger.Change) ([]string, error) {
	if err := t.settle(ctx); err != nil {
		return nil, err
	}
	if err := t.decide(); err != nil {
		return nil, err
	}
	var b store.Batch
	if err := t.add(&b); err != nil {
		return nil, err
	}
	if err := b.Check(); err != nil {
		return nil, fmt.Errorf("a change of members is too large: %w", err)
	}
	c.Join(b)
	return t.publish(c)
}
