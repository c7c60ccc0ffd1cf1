package ledger

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

func isNotFound(err error) bool {
	return errors.Is(err, store.ErrNotFound) || errors.Is(err, host.ErrNotFound)
}

// AddRun adds a new run and its place in the list of its event's runs.
func (c *Change) AddRun(r *host.Run) {
	c.put(key(tableRun, r.ID), r)
	c.batch.Put(key(tableByEvent, r.Event, r.ID), nil)
}

// RunRow is a run as it was read, so that replacing it can be conditional: a
// run that a person cancelled must not come back to life.
type RunRow struct {
	host.Run

	stored, next []byte
}

// ReplaceRun writes the row's run; the commit conflicts if the stored run is
// not the one that was read. Settle makes the row fit for another replacement.
func (c *Change) ReplaceRun(row *RunRow) {
	k := key(tableRun, row.ID)
	c.batch.Holds(k, row.stored)
	row.next = c.put(k, &row.Run)
}

// Settle tells the row that its replacement was committed.
func (row *RunRow) Settle() { row.stored = row.next }

// Unchanged says whether the stored run is still the one that was read.
func (l *Ledger) Unchanged(ctx context.Context, row *RunRow) (bool, error) {
	raw, err := l.raw(ctx, key(tableRun, row.ID))
	return bytes.Equal(raw, row.stored), err
}

// RunRow returns one run to be replaced, or host.ErrNotFound.
func (l *Ledger) RunRow(ctx context.Context, id string) (RunRow, error) {
	raw, err := l.store.Get(ctx, key(tableRun, id))
	if errors.Is(err, store.ErrNotFound) {
		return RunRow{}, host.ErrNotFound
	}
	row := RunRow{stored: raw}
	if err != nil {
		return row, err
	}
	err = decode(raw, &row.Run)
	return row, err
}

// Run returns one run, or host.ErrNotFound.
func (l *Ledger) Run(ctx context.Context, id string) (host.Run, error) {
	return get[host.Run](ctx, l, key(tableRun, id))
}

// RunsOf returns the runs of an event, oldest first.
func (l *Ledger) RunsOf(ctx context.Context, event string) ([]host.Run, error) {
	ids, err := l.ids(ctx, under(tableByEvent, event), "", 1<<20, nil)
	if err != nil {
		return nil, err
	}
	runs := make([]host.Run, 0, len(ids))
	for _, id := range ids {
		r, err := l.Run(ctx, id)
		if err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// Ready makes the run one that can go on now.
func (c *Change) Ready(r *host.Run) {
	c.batch.Put(readyKey(r.Priority, r.ID), nil)
}

// Unready takes the run from those that can go on now.
func (c *Change) Unready(r *host.Run) {
	c.batch.Delete(readyKey(r.Priority, r.ID))
}

func readyKey(prio int, run string) string {
	return key(tableReady, priority(prio), run)
}

func priority(p int) string { return string(rune('0' + p)) }

// ReadyRuns returns ids of runs that can go on now, oldest first within a
// priority, at most limit of those that keep takes.
func (l *Ledger) ReadyRuns(ctx context.Context, prio int, from string, limit int, keep func(id string) bool) ([]string, error) {
	return l.ids(ctx, under(tableReady, priority(prio)), from, limit, keep)
}

// ReadyAmong returns those of the runs that can go on now and that keep takes.
func (l *Ledger) ReadyAmong(ctx context.Context, prio int, runs []string, keep func(id string) bool) ([]string, error) {
	var ready []string
	for _, id := range runs {
		_, err := l.store.Get(ctx, readyKey(prio, id))
		switch {
		case isNotFound(err):
		case err != nil:
			return ready, err
		case keep(id):
			ready = append(ready, id)
		}
	}
	return ready, nil
}

// Backlog counts runs of backfills that are ready or wait for a connection, at most so many.
func (l *Ledger) Backlog(ctx context.Context, most int) (int, error) {
	ids, err := l.ReadyRuns(ctx, host.PriorityBackfill, "", most, nil)
	count := len(ids)
	if err != nil || count >= most {
		return count, err
	}
	names, err := l.HeldConnections(ctx)
	for _, name := range names {
		if err != nil || count >= most {
			break
		}
		var held int
		held, err = l.heldBackfill(ctx, name, most-count)
		count += held
	}
	return count, err
}

// Live says whether runs that are not of backfills are ready.
func (l *Ledger) Live(ctx context.Context) (bool, error) {
	ids, err := l.ReadyRuns(ctx, host.PriorityLive, "", 1, nil)
	return len(ids) > 0, err
}

// MarkFailed and UnmarkFailed keep the list of runs that a person should look at.
func (c *Change) MarkFailed(run string) { c.batch.Put(key(tableFailed, run), nil) }

// UnmarkFailed takes the run from the list of those that a person should look at.
func (c *Change) UnmarkFailed(run string) { c.batch.Delete(key(tableFailed, run)) }

// PutStep journals a step.
func (c *Change) PutStep(s *host.StepRecord) {
	c.put(key(tableStep, s.Run, s.Path), s)
}

// DropStep takes a step out of the journal.
func (c *Change) DropStep(s *host.StepRecord) {
	c.batch.Delete(key(tableStep, s.Run, s.Path))
}

// Steps returns a run's journal in the order in which the steps ended.
func (l *Ledger) Steps(ctx context.Context, run string) ([]host.StepRecord, error) {
	steps, err := list[host.StepRecord](ctx, l, store.Range{Prefix: under(tableStep, run)}, 0, nil)
	slices.SortFunc(steps, func(a, b host.StepRecord) int { return a.Seq - b.Seq })
	return steps, err
}
