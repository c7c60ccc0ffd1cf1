package engine

import (
	"context"
	"errors"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
)

func (x *execution) recorded(path string) *host.StepRecord {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.journal[path]
}

// record journals a step with the next commit.
func (x *execution) record(rec *host.StepRecord, extras ...func(*ledger.Change)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.put(rec, extras...)
}

// put is record for who holds the lock.
func (x *execution) put(rec *host.StepRecord, extras ...func(*ledger.Change)) {
	rec.Run = x.run.ID
	x.weight += recordSize + len(rec.Input) + len(rec.Output)
	if rec.Seq == 0 {
		x.seq++
		rec.Seq = x.seq
	}
	x.journal[rec.Path] = rec
	if kept := x.kept[rec.Path]; len(kept) > 0 {
		x.extras, x.urgent = append(x.extras, kept...), true
		delete(x.kept, rec.Path)
	}
	for i, p := range x.pending {
		if p.Path == rec.Path {
			x.pending[i] = rec
			x.extras = append(x.extras, extras...)
			return
		}
	}
	x.pending = append(x.pending, rec)
	x.extras = append(x.extras, extras...)
}

// keep has what a call wants to remember committed with the step's next record.
func (x *execution) keep(connection, path string) func([]host.StateWrite) {
	return func(writes []host.StateWrite) {
		x.mu.Lock()
		defer x.mu.Unlock()
		if x.kept == nil {
			x.kept = make(map[string][]func(*ledger.Change))
		}
		for _, w := range writes {
			x.weight += len(w.Key) + len(w.Value)
		}
		x.kept[path] = append(x.kept[path], func(c *ledger.Change) { c.PutState(connection, writes) })
	}
}

// recordSize is about what a record weighs besides its input and output.
const recordSize = 300

// lighten writes what is pending before it becomes more than one commit takes,
// and at once where others wait for it.
func (x *execution) lighten(ctx context.Context) error {
	x.mu.Lock()
	heavy := x.urgent || x.weight > mostPending || len(x.pending)+len(x.extras) > mostPendingRows
	x.mu.Unlock()
	if !heavy {
		return nil
	}
	return x.flush(ctx)
}

// Of the store's limits for one commit a run uses no more than half.
const (
	mostPending     = store.MaxSmall / 2
	mostPendingRows = store.MaxRows / 10
)

// fill adds all that is pending to the change.
func (x *execution) fill(ctx context.Context, c *ledger.Change) error {
	for _, rec := range x.pending {
		c.PutStep(rec)
	}
	for _, extra := range x.extras {
		extra(c)
	}
	c.ReplaceRun(&x.run)
	return x.putLink(ctx, c)
}

// commit makes all that is pending durable, with what add adds. Where rows
// conflict that other runs share, it looks again, and while the store is full it
// waits: what this run did must not be forgotten for that. An error means that
// the run is not as it was, or the store takes nothing.
func (x *execution) commit(ctx context.Context, add func(*ledger.Change) error) error {
	err := x.attemptCommit(ctx, add)
	if errors.Is(err, store.ErrFull) {
		x.Logger.Error("the store is full, a run waits until it takes what the run did", "run", x.run.ID, "error", err)
	}
	for errors.Is(err, store.ErrFull) && ctx.Err() == nil {
		x.pause(ctx)
		err = x.attemptCommit(ctx, add)
	}
	if err != nil {
		return &unrecorded{err}
	}
	x.settled()
	return nil
}

func (x *execution) attemptCommit(ctx context.Context, add func(*ledger.Change) error) error {
	return retryConflicts(func() error {
		var c ledger.Change
		if err := x.fill(ctx, &c); err != nil {
			return err
		}
		if err := add(&c); err != nil {
			return err
		}
		err := x.Ledger.Commit(ctx, &c)
		if errors.Is(err, store.ErrConflict) {
			return x.unlessChanged(ctx, err)
		}
		return err
	})
}

// errChanged is a conflict that looking again does not help against: somebody
// else changed the run itself.
var errChanged = errors.New("the run was changed meanwhile")

func (x *execution) unlessChanged(ctx context.Context, conflict error) error {
	same, err := x.Ledger.Unchanged(ctx, &x.run)
	switch {
	case err != nil:
		return err
	case !same:
		return errChanged
	default:
		return conflict
	}
}

// settled forgets what was pending once it is durable.
func (x *execution) settled() {
	x.run.Settle()
	x.pending, x.extras, x.linking, x.weight, x.urgent = nil, nil, nil, 0, false
	for _, f := range x.after {
		f()
	}
	x.after = nil
}

// flush makes the journal durable up to here, before something is done that
// cannot be taken back.
func (x *execution) flush(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.run.State = host.RunRunning
	return x.commit(ctx, func(*ledger.Change) error { return nil })
}

// part makes durable what an interrupted run knows: what was done must not be
// taken for something that nobody knows.
func (x *execution) part(ctx context.Context) {
	if len(x.pending) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), partTime)
	defer cancel()
	if err := x.flush(ctx); err != nil {
		x.Logger.Warn("what an interrupted run did could not be recorded", "run", x.run.ID, "error", err)
	}
}

// partTime bounds how long a host that stops waits for its store.
const partTime = 5 * time.Second

// unrecorded means that the store did not take a commit: the run must not go
// on, and must not be marked as failed either.
type unrecorded struct{ err error }

func (u *unrecorded) Error() string { return "recording the run: " + u.err.Error() }
func (u *unrecorded) Unwrap() error { return u.err }
