package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/musubi-run/musubi/host"
)

// PutDead keeps a delivery that could not be turned into events.
func (c *Change) PutDead(d *host.DeadLetter) {
	c.put(key(tableDead, d.ID), d)
}

// Dead returns one dead letter, or host.ErrNotFound.
func (l *Ledger) Dead(ctx context.Context, id string) (host.DeadLetter, error) {
	return get[host.DeadLetter](ctx, l, key(tableDead, id))
}

// DeadRow is where the letter of a delivery is kept that came before, if it
// did, as it was read, so that replacing it can be conditional.
type DeadRow struct {
	host.DeadLetter

	// Known says that the very same delivery is kept already.
	Known bool

	fold        string
	letter, old []byte
}

// DeadOf looks for the letter of the very same delivery.
func (l *Ledger) DeadOf(ctx context.Context, d *host.Delivery) (DeadRow, error) {
	row := DeadRow{fold: foldKey(d)}
	id, err := l.raw(ctx, row.fold)
	if err != nil || id == nil {
		return row, err
	}
	row.old = id
	row.letter, err = l.raw(ctx, key(tableDead, string(id)))
	if err != nil || row.letter == nil {
		return row, err
	}
	row.Known = true
	err = decode(row.letter, &row.DeadLetter)
	return row, err
}

// FoldDead keeps a letter: next is the known one with one more repeat, or a new
// one. The commit conflicts if the same delivery was kept meanwhile.
func (c *Change) FoldDead(read DeadRow, next *host.DeadLetter) {
	c.expect(read.fold, read.old)
	if read.Known {
		c.batch.Holds(key(tableDead, read.ID), read.letter)
	} else {
		c.batch.Put(read.fold, []byte(next.ID))
	}
	c.PutDead(next)
}

// foldKey names a delivery by all that its sender chose. Headers are not among
// it: they tell the time, and count the attempt.
func foldKey(d *host.Delivery) string {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(d.Method), []byte(d.Query), d.Body} {
		fmt.Fprintf(h, "%d:", len(part))
		h.Write(part)
	}
	return key(tableFold, d.Connection, hex.EncodeToString(h.Sum(nil)[:16]))
}

// SweepDead deletes dead letters with ids smaller than before.
func (l *Ledger) SweepDead(ctx context.Context, before string) (int, error) {
	return sweep(ctx, l, tableDead, before, func(c *Change, _ rawRow, d *host.DeadLetter) error {
		fold := foldKey(&d.Delivery)
		id, err := l.store.Get(ctx, fold)
		if err == nil && string(id) == d.ID {
			c.batch.Delete(fold)
		}
		if isNotFound(err) {
			return nil
		}
		return err
	})
}
