package ledger

import (
	"context"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// CursorRow is a cursor as it was read, so that moving it can be conditional.
type CursorRow struct {
	host.Cursor

	old []byte
}

// Cursor returns the cursor of a connection's trigger. One that was never set
// is returned empty.
func (l *Ledger) Cursor(ctx context.Context, connection, trigger string) (CursorRow, error) {
	row := CursorRow{Cursor: host.Cursor{Connection: connection, Trigger: trigger}}
	old, err := l.raw(ctx, key(tableCursor, connection, trigger))
	if err != nil || old == nil {
		return row, err
	}
	row.old = old
	err = decode(old, &row.Cursor)
	return row, err
}

// MoveCursor replaces the cursor; the commit conflicts if it was moved since it was read.
func (c *Change) MoveCursor(read CursorRow, next host.Cursor) {
	k := key(tableCursor, next.Connection, next.Trigger)
	c.expect(k, read.old)
	c.put(k, next)
}

// ForgetCursor has the cursor be as if it had never been set.
func (l *Ledger) ForgetCursor(ctx context.Context, connection, trigger string) error {
	var c Change
	c.batch.Delete(key(tableCursor, connection, trigger))
	return l.Commit(ctx, &c)
}

// Cursors returns every cursor.
func (l *Ledger) Cursors(ctx context.Context) ([]host.Cursor, error) {
	return list[host.Cursor](ctx, l, store.Range{Prefix: under(tableCursor)}, 0, nil)
}
