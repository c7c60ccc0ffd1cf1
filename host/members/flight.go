package members

import (
	"context"
	"fmt"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
)

// flight is a change of an import that is decided and on its way to the disk.
// The next one is decided on its rows meanwhile, and follows it only if it
// arrives. Whatever else happens to members waits until it has landed.
type flight struct {
	// rows are the change's; what it wrote is what the store will hold.
	rows   map[string]*row
	landed chan struct{}
	err    error
}

// wait returns why the change could not be committed. There is nothing to wait
// for on a nil flight.
func (f *flight) wait() error {
	if f == nil {
		return nil
	}
	<-f.landed
	return f.err
}

// written returns the row at k if the flight wrote it, else nil.
func (f *flight) written(k string) *row {
	if f == nil {
		return nil
	}
	if r := f.rows[k]; r != nil && r.dirty {
		return &row{stored: r.stored, value: r.value}
	}
	return nil
}

// launch decides a change and has it committed while the caller decides the
// next one. Who launches waits for the flight.
func (m *Members) launch(ctx context.Context, cause host.Cause, do func(*tx) error) (*flight, error) {
	m.writer.Lock()
	defer m.writer.Unlock()
	t := m.begin(cause)
	t.ahead = m.aloft
	var c ledger.Change
	events, err := t.carryOut(ctx, do, &c)
	m.aloft = nil
	if fault := t.ahead.wait(); fault != nil {
		return nil, fault // whatever was decided was decided on what is not there
	}
	if err != nil {
		return nil, err
	}
	f := &flight{rows: t.rows, landed: make(chan struct{})}
	m.aloft = f
	go func() {
		defer close(f.landed)
		f.err = m.commit(ctx, t, &c, events)
	}()
	return f, nil
}

// commit makes a change durable and tells whom it concerns. Who no longer waits
// cannot stop it: nobody would know what the next change has to go by.
func (m *Members) commit(ctx context.Context, t *tx, c *ledger.Change, events []string) error {
	if err := m.Ledger.Commit(context.WithoutCancel(ctx), c); err != nil {
		return fmt.Errorf("committing a change of members: %w", err)
	}
	m.committed(t, events)
	return nil
}

// land waits until no change is under way. Whether it arrived concerns only who
// launched it.
func (m *Members) land() {
	_ = m.aloft.wait() //nolint:errcheck // see above
	m.aloft = nil
}
