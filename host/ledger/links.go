package ledger

import (
	"context"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// PutLink remembers the link in both directions. old are the links that stand
// in its way, as LinksBetween returned them: they are replaced, and the commit
// conflicts if either side was linked otherwise meanwhile.
func (c *Change) PutLink(link *host.Link, seen LinkView) {
	forward, backward := linkKey(link.Kind, link.From, link.To.Connection), linkKey(link.Kind, link.To, link.From.Connection)
	c.expect(forward, seen.forward)
	if !seen.paired {
		c.expect(backward, seen.backward)
		for _, stale := range seen.stale(link) {
			c.batch.Delete(stale)
		}
	}
	c.put(forward, link)
	c.put(backward, link)
}

func (c *Change) expect(k string, value []byte) {
	if value == nil {
		c.batch.Absent(k)
		return
	}
	c.batch.Holds(k, value)
}

// linkKey is where the link of a record to some record of another connection is kept.
func linkKey(kind string, r host.Ref, other string) string {
	return key(tableLink, kind, r.Connection, other, r.ID)
}

// LinkView is what two records were linked with when it was read.
type LinkView struct {
	forward, backward []byte
	// paired says that they were linked with each other. Then forward says all: the
	// two rows of a link are written together, and neither goes without the other.
	paired bool
	// turned says that the link was made from the other side.
	turned bool
}

// Pair returns the link of the two with each other, as it was asked for: From
// is the record that was given first; nil if they are not linked so.
func (v LinkView) Pair() *host.Link {
	var link host.Link
	if !v.paired || decode(v.forward, &link) != nil {
		return nil
	}
	if v.turned {
		link.From, link.To = link.To, link.From
		link.Written, link.Hash, link.BackWritten, link.BackHash = link.BackWritten, link.BackHash, link.Written, link.Hash
	}
	return &link
}

// stale returns the keys of rows that point from somewhere else at a side of
// the new link and would be left dangling.
func (v LinkView) stale(link *host.Link) []string {
	var keys []string
	for _, raw := range [][]byte{v.forward, v.backward} {
		var old host.Link
		if raw == nil || decode(raw, &old) != nil {
			continue
		}
		for _, k := range []string{linkKey(old.Kind, old.From, old.To.Connection), linkKey(old.Kind, old.To, old.From.Connection)} {
			if k != linkKey(link.Kind, link.From, link.To.Connection) && k != linkKey(link.Kind, link.To, link.From.Connection) {
				keys = append(keys, k)
			}
		}
	}
	return dedupe(keys)
}

func dedupe(keys []string) []string {
	seen := make(map[string]bool, len(keys))
	out := keys[:0]
	for _, k := range keys {
		if !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	return out
}

// LinksBetween reads what the two sides of a link are linked with now.
func (l *Ledger) LinksBetween(ctx context.Context, kind string, from, to host.Ref) (LinkView, error) {
	forward, err := l.raw(ctx, linkKey(kind, from, to.Connection))
	if err != nil {
		return LinkView{}, err
	}
	if forward != nil {
		var link host.Link
		if err := decode(forward, &link); err != nil {
			return LinkView{}, err
		}
		if turned := joins(&link, to, from); turned || joins(&link, from, to) {
			return LinkView{forward: forward, paired: true, turned: turned}, nil
		}
	}
	backward, err := l.raw(ctx, linkKey(kind, to, from.Connection))
	return LinkView{forward: forward, backward: backward}, err
}

func joins(link *host.Link, from, to host.Ref) bool {
	return sameRecord(link.From, from) && sameRecord(link.To, to)
}

// sameRecord leaves out the object, as the keys of links do.
func sameRecord(a, b host.Ref) bool { return a.Connection == b.Connection && a.ID == b.ID }

func (l *Ledger) raw(ctx context.Context, k string) ([]byte, error) {
	value, err := l.store.Get(ctx, k)
	if isNotFound(err) {
		return nil, nil
	}
	return value, err
}

// Linked returns the link of a record to a record of the other connection, or host.ErrNotFound.
func (l *Ledger) Linked(ctx context.Context, kind string, r host.Ref, other string) (host.Link, error) {
	return get[host.Link](ctx, l, linkKey(kind, r, other))
}

// Links returns the links that the filter selects, each once.
func (l *Ledger) Links(ctx context.Context, f host.LinkFilter) ([]host.Link, error) {
	prefix := under(tableLink)
	if f.Kind != "" {
		prefix = under(tableLink, f.Kind)
		if f.From.Connection != "" {
			prefix = under(tableLink, f.Kind, f.From.Connection)
		}
	}
	seen := make(map[host.Link]bool)
	keep := func(link *host.Link) bool {
		if !sideOf(link, f.From) || seen[*link] {
			return false
		}
		seen[*link] = true
		return true
	}
	return list(ctx, l, store.Range{Prefix: prefix}, f.Limit, keep)
}

func sideOf(link *host.Link, r host.Ref) bool {
	return matchesRef(link.From, r) || matchesRef(link.To, r)
}

func matchesRef(side, want host.Ref) bool {
	return (want.Connection == "" || side.Connection == want.Connection) && (want.ID == "" || side.ID == want.ID)
}
