package ledger

import (
	"context"
	"errors"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// State returns what a connection's plugin remembered under key, nil if nothing.
func (l *Ledger) State(ctx context.Context, connection, k string) ([]byte, error) {
	return l.raw(ctx, key(tableState, connection, k))
}

// StateKeys counts what a connection's plugin remembers, up to most.
func (l *Ledger) StateKeys(ctx context.Context, connection string, most int) (count int, err error) {
	err = l.store.Scan(ctx, store.Range{Prefix: under(tableState, connection), KeysOnly: true}, func(string, []byte) error {
		if count++; count >= most {
			return store.ErrStop
		}
		return nil
	})
	return count, err
}

// PutState remembers values for a connection's plugin.
func (c *Change) PutState(connection string, writes []host.StateWrite) {
	for _, w := range writes {
		c.batch.Put(key(tableState, connection, w.Key), w.Value)
	}
}

// Sealed is the table that a vault keeps its sealed values in.
type Sealed struct{ *Ledger }

// Get returns a sealed value, nil if there is none.
func (s Sealed) Get(ctx context.Context, name string) ([]byte, error) {
	return s.raw(ctx, key(tableToken, name))
}

// Swap sets the value (nil removes it) if it is still old (nil: absent), and
// says whether it did.
func (s Sealed) Swap(ctx context.Context, name string, old, next []byte) (bool, error) {
	var c Change
	k := key(tableToken, name)
	c.expect(k, old)
	if next == nil {
		c.batch.Delete(k)
	} else {
		c.batch.Put(k, next)
	}
	err := s.Commit(ctx, &c)
	if errors.Is(err, store.ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

// Keys returns the names that begin with prefix, in order.
func (s Sealed) Keys(ctx context.Context, prefix string) ([]string, error) {
	var names []string
	r := store.Range{Prefix: under(tableToken) + prefix, KeysOnly: true}
	err := s.store.Scan(ctx, r, func(k string, _ []byte) error {
		names = append(names, lastPart(k))
		return nil
	})
	return names, err
}
