// Package mem keeps a store in memory: for tests, and for hosts that may forget.
// It has no goroutines, works inside testing/synctest, and is as strict as the
// durable backend: a value that a visitor keeps past its call is overwritten.
package mem

import (
	"bytes"
	"context"
	"errors"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-run/musubi/host/store"
)

// Store is a store.Store in memory.
type Store struct {
	clock func() time.Time
	rows  atomic.Pointer[tree]

	// commit is held by the one writer; readers take the tree as it is.
	commit sync.Mutex
	expiry expiries
	closed atomic.Bool
}

var _ store.Store = (*Store)(nil)

// New returns an empty store whose rows expire by clock.
func New(clock func() time.Time) *Store {
	s := &Store{clock: clock}
	s.rows.Store(&tree{seed: maphash.MakeSeed()})
	return s
}

// Commit carries out batch, or nothing. See store.Store.
func (s *Store) Commit(ctx context.Context, batch store.Batch) error {
	if err := batch.Check(); err != nil {
		return err
	}
	s.commit.Lock()
	defer s.commit.Unlock()
	if err := s.usable(ctx); err != nil {
		return err
	}
	now := s.now()
	rows := *s.rows.Load()
	for i := range batch.If {
		if !holds(rows, now, &batch.If[i]) {
			return store.ErrConflict
		}
	}
	rows = s.expiry.sweep(rows, now)
	for i := range batch.Do {
		rows = s.apply(rows, &batch.Do[i])
	}
	s.rows.Store(&rows)
	return nil
}

func (s *Store) apply(rows tree, m *store.Mutation) tree {
	if m.Value == nil {
		return rows.remove(m.Key)
	}
	expires := m.ExpirySeconds()
	if expires > 0 {
		s.expiry.add(expires, m.Key)
	}
	return rows.put(m.Key, bytes.Clone(m.Value), expires)
}

func holds(rows tree, now uint64, c *store.Condition) bool {
	row := rows.get(c.Key)
	if !row.alive(now) {
		return c.Value == nil
	}
	return c.Value != nil && bytes.Equal(row.value, c.Value)
}

// alive says whether there is a row and its time has not come.
func (n *node) alive(now uint64) bool {
	return n != nil && (n.expires == 0 || n.expires > now)
}

// Get returns a copy of the value of key. See store.Store.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	row := s.rows.Load().get(key)
	if !row.alive(s.now()) {
		return nil, store.ErrNotFound
	}
	return bytes.Clone(row.value), nil
}

// Scan visits the rows of r as they are now. See store.Store.
func (s *Store) Scan(ctx context.Context, r store.Range, visit func(key string, value []byte) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	usable := func() error { return s.usable(ctx) }
	sc := scan{r: r, now: s.now(), usable: usable, visit: visit, buf: []byte{}}
	from, to := r.Bounds()
	if r.Reverse {
		descend(s.rows.Load().root, from, to, sc.row)
	} else {
		ascend(s.rows.Load().root, from, to, sc.row)
	}
	if errors.Is(sc.err, store.ErrStop) {
		return nil
	}
	return sc.err
}

// Close makes every later call fail. It is safe to call twice.
func (s *Store) Close() error {
	s.closed.Store(true)
	s.commit.Lock()
	defer s.commit.Unlock()
	return nil
}

func (s *Store) usable(ctx context.Context) error {
	if s.closed.Load() {
		return store.ErrClosed
	}
	return ctx.Err()
}

// now is the clock in whole seconds, as expiry counts.
func (s *Store) now() uint64 { return uint64(max(s.clock().Unix(), 0)) }
