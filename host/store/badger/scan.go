package badger

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	bdb "github.com/dgraph-io/badger/v4"

	"github.com/musubi-run/musubi/host/store"
)

// Scan visits the rows of r as they are now. See store.Store.
func (s *Store) Scan(ctx context.Context, r store.Range, visit func(key string, value []byte) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.users.leave()
	usable := func() error {
		if s.users.isClosed() {
			return store.ErrClosed
		}
		return ctx.Err()
	}
	if err := usable(); err != nil {
		return err
	}
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	sc := scan{r: r, now: s.now(), usable: usable, visit: visit}
	err := sc.run(txn)
	if errors.Is(err, store.ErrStop) {
		return nil
	}
	return err
}

// scan is one Scan under way.
type scan struct {
	r      store.Range
	now    uint64
	usable func() error
	visit  func(key string, value []byte) error
	seen   int
}

func (sc *scan) run(txn *bdb.Txn) error {
	from, to := scanBounds(sc.r)
	it := txn.NewIterator(sc.iteratorOptions())
	defer it.Close()
	for sc.seek(it, from, to); it.Valid(); it.Next() {
		item := it.Item()
		if past(sc.r.Reverse, item.Key(), from, to) || (sc.r.Limit > 0 && sc.seen == sc.r.Limit) {
			return nil
		}
		if !alive(item, sc.now) {
			continue
		}
		if err := sc.usable(); err != nil {
			return err
		}
		if err := sc.show(item); err != nil {
			return err
		}
		sc.seen++
	}
	return nil
}

// iteratorOptions narrows a forward scan to the tables that have the prefix.
// Badger ends a reverse one at the first key without the prefix, and that is
// where a reverse scan has to begin.
func (sc *scan) iteratorOptions() bdb.IteratorOptions {
	o := bdb.IteratorOptions{Reverse: sc.r.Reverse, Prefix: []byte{rowSpace}}
	if !sc.r.Reverse {
		o.Prefix = rowKey(sc.r.Prefix)
	}
	return o
}

// scanBounds are the bounds of r as stored keys; to is never empty.
func scanBounds(r store.Range) (from, to []byte) {
	first, end := r.Bounds()
	if end == "" {
		return rowKey(first), []byte{rowSpace + 1}
	}
	return rowKey(first), rowKey(end)
}

// seek goes to the first row of the range, in the scan's direction.
func (sc *scan) seek(it *bdb.Iterator, from, to []byte) {
	if !sc.r.Reverse {
		it.Seek(from)
		return
	}
	it.Seek(to)
	if it.Valid() && bytes.Equal(it.Item().Key(), to) {
		it.Next()
	}
}

// past says whether the scan has left the range at key.
func past(reverse bool, key, from, to []byte) bool {
	if reverse {
		return bytes.Compare(key, from) < 0
	}
	return bytes.Compare(key, to) >= 0
}

func (sc *scan) show(item *bdb.Item) error {
	key := string(item.Key()[1:])
	if sc.r.KeysOnly {
		return sc.visit(key, nil)
	}
	var visited error
	err := item.Value(func(value []byte) error {
		if value == nil {
			value = []byte{}
		}
		visited = sc.visit(key, value[:len(value):len(value)])
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the value of key %q: %w", key, err)
	}
	return visited
}
