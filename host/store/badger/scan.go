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
	usable := func() error { return s.usable(ctx) }
	if err := usable(); err != nil {
		return err
	}
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	value := func(item *bdb.Item, do func([]byte) error) error { return s.visit(txn, item, do) }
	sc := scan{r: r, now: s.now(), usable: usable, value: value, visit: visit}
	it, err := s.iterator(txn, r)
	if err != nil {
		return err
	}
	defer it.Close()
	err = sc.run(it)
	if errors.Is(err, store.ErrStop) {
		return nil
	}
	return err
}

// usable is why a long stay inside has to end, or nil.
func (s *Store) usable(ctx context.Context) error {
	if s.users.isClosed() {
		return store.ErrClosed
	}
	return ctx.Err()
}

// scan is one Scan under way.
type scan struct {
	r      store.Range
	now    uint64
	usable func() error
	value  func(item *bdb.Item, do func([]byte) error) error
	visit  func(key string, value []byte) error
	seen   int
}

func (sc *scan) run(it *bdb.Iterator) error {
	from, to := scanBounds(sc.r)
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

// iterator narrows a forward scan to the tables that have the prefix. Badger
// ends a reverse one at the first key without the prefix, and that is where a
// reverse scan has to begin.
func (s *Store) iterator(txn *bdb.Txn, r store.Range) (it *bdb.Iterator, err error) {
	defer s.survive(&err)
	o := bdb.IteratorOptions{Reverse: r.Reverse, Prefix: []byte{rowSpace}}
	if !r.Reverse {
		o.Prefix = rowKey(r.Prefix)
	}
	return txn.NewIterator(o), nil
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
	err := sc.value(item, func(value []byte) error {
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
