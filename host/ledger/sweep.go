package ledger

import (
	"bytes"
	"context"
	"errors"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// sweepBatch is how many rows of one kind are looked at for one commit.
const sweepBatch = 200

// SweepRuns deletes runs that ended and whose ids are smaller than before,
// with their journals. It returns how many.
func (l *Ledger) SweepRuns(ctx context.Context, before string) (int, error) {
	return sweep(ctx, l, tableRun, before, func(c *Change, r *host.Run) error {
		if r.State.Open() {
			return errKeep
		}
		c.batch.Delete(key(tableByEvent, r.Event, r.ID))
		c.batch.Delete(key(tableFailed, r.ID))
		return l.store.Scan(ctx, store.Range{Prefix: under(tableStep, r.ID), KeysOnly: true}, func(k string, _ []byte) error {
			c.batch.Delete(k)
			return nil
		})
	})
}

// SweepEvents deletes events with ids smaller than before that no run needs.
func (l *Ledger) SweepEvents(ctx context.Context, before string) (int, error) {
	return sweep(ctx, l, tableEvent, before, func(_ *Change, e *host.Event) error {
		if _, err := l.store.Get(ctx, key(tableInbox, e.ID)); !isNotFound(err) {
			return keepOr(err)
		}
		runs, err := l.ids(ctx, under(tableByEvent, e.ID), "", 1, nil)
		if err != nil || len(runs) > 0 {
			return keepOr(err)
		}
		return nil
	})
}

// SweepDead deletes dead letters with ids smaller than before.
func (l *Ledger) SweepDead(ctx context.Context, before string) (int, error) {
	return sweep(ctx, l, tableDead, before, func(*Change, *host.DeadLetter) error { return nil })
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
// goes with a row, or returns errKeep.
func sweep[T any](ctx context.Context, l *Ledger, table, before string, condemn func(*Change, *T) error) (int, error) {
	total, from := 0, ""
	for {
		var c Change
		page, err := l.page(ctx, table, from, before)
		if err != nil {
			return total, err
		}
		deleted, err := condemnAll(&c, page, condemn)
		if err != nil {
			return total, err
		}
		if err := l.Commit(ctx, &c); err != nil {
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

func condemnAll[T any](c *Change, rows []rawRow, condemn func(*Change, *T) error) (deleted int, err error) {
	for _, raw := range rows {
		var row T
		if err := decode(raw.value, &row); err != nil {
			return deleted, err
		}
		err := condemn(c, &row)
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
