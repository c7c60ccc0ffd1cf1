package ledger

import (
	"context"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// AcceptEvent adds the event, its place in the inbox and its dedupe marks. The
// commit conflicts if an event of the same connection, type and one of these
// keys was accepted and its mark has not expired.
func (c *Change) AcceptEvent(e *host.Event, marked time.Duration) {
	c.mark(e, e.Dedupe, marked)
	if e.Also != "" {
		c.mark(e, e.Also, marked)
	}
	c.put(key(tableEvent, e.ID), e)
	c.batch.Put(key(tableInbox, e.ID), nil)
}

func (c *Change) mark(e *host.Event, dedupe string, marked time.Duration) {
	mark := dedupeKey(e.Connection, e.Type, dedupe)
	c.batch.Absent(mark)
	c.batch.PutUntil(mark, []byte(e.ID), e.Received.Add(marked))
}

// LeaveInbox marks the event as matched. The commit conflicts if that was done before.
func (c *Change) LeaveInbox(event string) {
	k := key(tableInbox, event)
	c.batch.Holds(k, nil)
	c.batch.Delete(k)
}

func dedupeKey(connection, typ, dedupe string) string {
	return key(tableDedupe, connection, typ, bounded(dedupe))
}

// Accepted returns the id of the event that was accepted under this dedupe
// key, or "" if there is none.
func (l *Ledger) Accepted(ctx context.Context, connection, typ, dedupe string) (string, error) {
	id, err := l.store.Get(ctx, dedupeKey(connection, typ, dedupe))
	if isNotFound(err) {
		return "", nil
	}
	return string(id), err
}

// Event returns one event, or host.ErrNotFound.
func (l *Ledger) Event(ctx context.Context, id string) (host.Event, error) {
	return get[host.Event](ctx, l, key(tableEvent, id))
}

// Inbox returns events that wait to be matched, in order of acceptance, from
// the id `from` on, at most limit.
func (l *Ledger) Inbox(ctx context.Context, from string, limit int) ([]host.Event, error) {
	ids, err := l.ids(ctx, under(tableInbox), from, limit, nil)
	if err != nil {
		return nil, err
	}
	events := make([]host.Event, 0, len(ids))
	for _, id := range ids {
		e, err := l.Event(ctx, id)
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}

// ids lists the last parts of the keys under prefix, from the id `from` on,
// at most limit of those that keep takes (nil: all).
func (l *Ledger) ids(ctx context.Context, prefix, from string, limit int, keep func(id string) bool) ([]string, error) {
	var ids []string
	r := store.Range{Prefix: prefix, From: prefix + from, KeysOnly: true}
	err := l.store.Scan(ctx, r, func(k string, _ []byte) error {
		id := lastPart(k)
		if keep != nil && !keep(id) {
			return nil
		}
		ids = append(ids, id)
		if len(ids) >= limit {
			return store.ErrStop
		}
		return nil
	})
	return ids, err
}
