package ledger

import (
	"bytes"
	"cmp"
	"context"
	"errors"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

const (
	// sweepBatch is how many rows of one kind are looked at for one commit.
	sweepBatch = 200
	// sweepRows is how many rows are deleted in one commit, far below what a store takes.
	sweepRows = 1000
)

// SweepRuns deletes runs that ended and whose ids are smaller than before,
// with their journals. It returns how many. A failed run that blocks its lane
// stays, because the lane waits for what a person does with it.
func (l *Ledger) SweepRuns(ctx context.Context, before string) (int, error) {
	if err := l.noteSwept(ctx, before); err != nil {
		return 0, err
	}
	return sweep(ctx, l, tableRun, before, func(c *Change, raw rawRow, r *host.Run) error {
		if r.State.Open() {
			return errKeep
		}
		if blocks, err := l.blocksLane(ctx, r); blocks || err != nil {
			return keepOr(err)
		}
		c.batch.Holds(raw.key, raw.value) // nobody had it go again meanwhile
		c.batch.Delete(key(tableByEvent, r.Event, r.ID))
		c.batch.Delete(key(tableFailed, r.ID))
		return l.store.Scan(ctx, store.Range{Prefix: under(tableStep, r.ID), KeysOnly: true}, func(k string, _ []byte) error {
			c.batch.Delete(k)
			return l.lighten(ctx, c, raw)
		})
	})
}

// noteSwept remembers that runs with smaller ids may be gone.
func (l *Ledger) noteSwept(ctx context.Context, before string) error {
	swept, err := l.RunsSwept(ctx)
	if err != nil || before <= swept {
		return err
	}
	var c Change
	c.batch.Put(sweptKey, []byte(before))
	return l.Commit(ctx, &c)
}

// RunsSwept returns the id before which runs that ended were deleted, "" if none
// were. Of an event with a smaller id nobody knows which flows had it.
func (l *Ledger) RunsSwept(ctx context.Context) (string, error) {
	before, err := l.raw(ctx, sweptKey)
	return string(before), err
}

// blocksLane says whether the lane of a run waits until a person has decided.
func (l *Ledger) blocksLane(ctx context.Context, r *host.Run) (bool, error) {
	if r.State != host.RunFailed && r.State != host.RunCancelled {
		return false, nil
	}
	row, err := get[laneRow](ctx, l, key(tableLane, r.Lane))
	if isNotFound(err) {
		return false, nil
	}
	return err == nil && row.Head == r.ID, err
}

// lighten commits what is there if it is much, so that a run with a long
// journal can be deleted too: its row goes last.
func (l *Ledger) lighten(ctx context.Context, c *Change, run rawRow) error {
	if len(c.batch.Do) < sweepRows {
		return nil
	}
	err := l.Commit(ctx, c)
	*c = Change{}
	c.batch.Holds(run.key, run.value)
	return err
}

// OldestBeyond returns the id before which runs that ended, with their journals
// and events, and events that started nothing take up so many bytes; where they
// are fewer, an id behind all that there are now. It reads no more than it would
// have deleted.
func (l *Ledger) OldestBeyond(ctx context.Context, bytes int64) (string, error) {
	o := &oldest{Ledger: l, left: bytes}
	err := l.store.Scan(ctx, store.Range{Prefix: under(tableRun)}, func(k string, value []byte) error {
		if err := o.idleEvents(ctx, lastPart(k)); err != nil || o.left <= 0 {
			return cmp.Or(err, store.ErrStop)
		}
		o.last = lastPart(k) + "\x01"
		var r host.Run
		if err := decode(value, &r); err != nil || r.State.Open() {
			return err
		}
		size, err := l.sizeOf(ctx, &r)
		o.left -= size + int64(len(k)+len(value))
		return err
	})
	if err == nil {
		err = o.idleEvents(ctx, afterIDs)
	}
	return o.last, err
}

// afterIDs is behind every id.
const afterIDs = "\xff"

// oldest goes through runs and events in the order of their ids until it has
// seen enough.
type oldest struct {
	*Ledger

	// left is how many bytes are still wanted, last an id behind what was seen;
	// events from the id `from` on were not looked at.
	left       int64
	last, from string
}

// idleEvents counts in the events with ids below before that started nothing.
func (o *oldest) idleEvents(ctx context.Context, before string) error {
	if o.left <= 0 {
		return nil
	}
	prefix := under(tableEvent)
	return o.store.Scan(ctx, store.Range{Prefix: prefix, From: prefix + o.from, To: prefix + before}, func(k string, value []byte) error {
		if o.left <= 0 {
			return store.ErrStop
		}
		id := lastPart(k)
		o.from = id + "\x01"
		if needed, err := o.needed(ctx, id); needed || err != nil {
			return err
		}
		o.last = o.from
		o.left -= int64(len(k) + len(value))
		return nil
	})
}

// sizeOf is about how many bytes a run's journal and event take.
func (l *Ledger) sizeOf(ctx context.Context, r *host.Run) (int64, error) {
	var size int64
	add := func(k string, value []byte) error {
		size += int64(len(k) + len(value))
		return nil
	}
	for _, rows := range []store.Range{{Prefix: under(tableStep, r.ID)}, {Prefix: key(tableEvent, r.Event)}} {
		if err := l.store.Scan(ctx, rows, add); err != nil {
			return size, err
		}
	}
	return size, nil
}

// SweepEvents deletes events with ids smaller than before that no run needs.
func (l *Ledger) SweepEvents(ctx context.Context, before string) (int, error) {
	return sweep(ctx, l, tableEvent, before, func(_ *Change, _ rawRow, e *host.Event) error {
		if needed, err := l.needed(ctx, e.ID); needed || err != nil {
			return keepOr(err)
		}
		return nil
	})
}

// needed says whether an event is yet to be matched, or has a run.
func (l *Ledger) needed(ctx context.Context, event string) (bool, error) {
	if _, err := l.store.Get(ctx, key(tableInbox, event)); !isNotFound(err) {
		return err == nil, err
	}
	runs, err := l.ids(ctx, under(tableByEvent, event), "", 1, nil)
	return len(runs) > 0, err
}

// SweepAudit deletes what people did, with ids smaller than before.
func (l *Ledger) SweepAudit(ctx context.Context, before string) (int, error) {
	return sweep(ctx, l, tableAudit, before, func(*Change, rawRow, *host.Audit) error { return nil })
}

// errKeep says that a row is not to be deleted.
var errKeep = errors.New("ledger: keep the row")

func keepOr(err error) error {
	if err != nil {
		return err
	}
	return errKeep
}

// sweep deletes rows of a table in order, a batch a commit. condemn adds what
// goes with a row, or returns errKeep. A batch whose rows changed meanwhile is
// looked at again.
func sweep[T any](ctx context.Context, l *Ledger, table, before string, condemn func(*Change, rawRow, *T) error) (int, error) {
	total, from := 0, ""
	for {
		var c Change
		page, err := l.page(ctx, table, from, before)
		if err != nil {
			return total, err
		}
		deleted, err := condemnAll(&c, page, condemn)
		if err == nil {
			err = l.Commit(ctx, &c)
		}
		if errors.Is(err, store.ErrConflict) {
			continue
		}
		if err != nil {
			return total, err
		}
		total += deleted
		if len(page) < sweepBatch {
			return total, nil
		}
		from = lastPart(page[len(page)-1].key) + "\x01"
	}
}

type rawRow struct {
	key   string
	value []byte
}

func (l *Ledger) page(ctx context.Context, table, from, before string) ([]rawRow, error) {
	var rows []rawRow
	prefix := under(table)
	r := store.Range{Prefix: prefix, From: prefix + from, To: prefix + before, Limit: sweepBatch}
	err := l.store.Scan(ctx, r, func(k string, value []byte) error {
		rows = append(rows, rawRow{k, bytes.Clone(value)})
		return nil
	})
	return rows, err
}

func condemnAll[T any](c *Change, rows []rawRow, condemn func(*Change, rawRow, *T) error) (deleted int, err error) {
	for _, raw := range rows {
		var row T
		if err := decode(raw.value, &row); err != nil {
			return deleted, err
		}
		err := condemn(c, raw, &row)
		if errors.Is(err, errKeep) {
			continue
		}
		if err != nil {
			return deleted, err
		}
		c.batch.Delete(raw.key)
		deleted++
	}
	return deleted, nil
}
