package ledger

import (
	"context"
	"strings"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// Hold lets the run wait until its connection works again.
func (c *Change) Hold(connection, run string) {
	c.batch.Put(key(tableHeld, connection, run), nil)
}

// Unhold takes the run from those that wait for the connection.
func (c *Change) Unhold(connection, run string) {
	c.batch.Delete(key(tableHeld, connection, run))
}

// Held returns runs that wait for the connection, from the id `from` on, oldest
// first, at most limit.
func (l *Ledger) Held(ctx context.Context, connection, from string, limit int) ([]string, error) {
	return l.ids(ctx, under(tableHeld, connection), from, limit, nil)
}

// heldBackfill counts runs of backfills that wait for the connection, at most so
// many. It looks at the newest: history that is fetched just now is there.
func (l *Ledger) heldBackfill(ctx context.Context, connection string, most int) (count int, err error) {
	seen := 0
	r := store.Range{Prefix: under(tableHeld, connection), Reverse: true, KeysOnly: true}
	err = l.store.Scan(ctx, r, func(k string, _ []byte) error {
		run, err := l.Run(ctx, lastPart(k))
		if err != nil && !isNotFound(err) {
			return err
		}
		if run.Priority == host.PriorityBackfill {
			count++
		}
		if seen++; count >= most || seen >= heldLook {
			return store.ErrStop
		}
		return nil
	})
	return count, err
}

// heldLook is how many held runs of a connection are looked at.
const heldLook = 2000

// HeldConnections returns the connections that runs wait for.
func (l *Ledger) HeldConnections(ctx context.Context) ([]string, error) {
	var names []string
	r := store.Range{Prefix: under(tableHeld), Limit: 1, KeysOnly: true}
	for {
		found := ""
		err := l.store.Scan(ctx, r, func(k string, _ []byte) error {
			found, _, _ = strings.Cut(k[len(r.Prefix):], "\x00")
			return nil
		})
		if err != nil || found == "" {
			return names, err
		}
		names = append(names, found)
		r.From = r.Prefix + found + "\x01"
	}
}
