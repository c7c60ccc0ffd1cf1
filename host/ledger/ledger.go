// Package ledger gives the store's bytes their meaning: events, dead letters,
// runs, journaled steps, lanes, timers, links and cursors, as rows with typed
// readers here and typed writers on [Change]. It decides keys and encodings
// and nothing else; the order of things is the engine's business.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk"
)

// Ledger reads and writes typed rows. It is safe for concurrent use.
type Ledger struct {
	store store.Store
	// fence is the value that the fence row must still hold for our commits to count.
	fence []byte
}

// Open claims the store: from now on commits of an earlier owner fail with
// store.ErrConflict, so a host that was taken for dead cannot write behind its
// successor's back.
func Open(ctx context.Context, s store.Store) (*Ledger, error) {
	old, err := s.Get(ctx, fenceKey)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("reading the store's fence: %w", err)
	}
	epoch, _ := strconv.ParseUint(string(old), 10, 64) //nolint:errcheck // no fence yet reads as 0
	l := &Ledger{store: s, fence: strconv.AppendUint(nil, epoch+1, 10)}

	var claim store.Batch
	if old == nil {
		claim.Absent(fenceKey)
	} else {
		claim.Holds(fenceKey, old)
	}
	claim.Put(fenceKey, l.fence)
	if err := s.Commit(ctx, claim); err != nil {
		return nil, fmt.Errorf("claiming the store: %w", err)
	}
	return l, nil
}

// View reads a store without claiming it. Its Commit always fails.
func View(s store.Store) *Ledger { return &Ledger{store: s} }

// Commit makes the change durable, whole or not at all. store.ErrConflict
// means that a condition of the change, or the fence, does not hold.
func (l *Ledger) Commit(ctx context.Context, c *Change) error {
	if c.err != nil {
		return c.err
	}
	if c.batch.Empty() {
		return nil
	}
	c.batch.Holds(fenceKey, l.fence)
	return l.store.Commit(ctx, c.batch)
}

// Fenced says whether another host has claimed the store since Open.
func (l *Ledger) Fenced(ctx context.Context) (bool, error) {
	current, err := l.store.Get(ctx, fenceKey)
	if err != nil {
		return false, fmt.Errorf("reading the store's fence: %w", err)
	}
	return string(current) != string(l.fence), nil
}

// get decodes the row at k into a T. host.ErrNotFound if there is none.
func get[T any](ctx context.Context, l *Ledger, k string) (T, error) {
	var row T
	raw, err := l.store.Get(ctx, k)
	if errors.Is(err, store.ErrNotFound) {
		return row, host.ErrNotFound
	}
	if err != nil {
		return row, err
	}
	err = decode(raw, &row)
	return row, err
}

func decode(raw []byte, row any) error {
	if err := sdk.Decode(raw, row); err != nil {
		return fmt.Errorf("a stored %T cannot be read: %w", row, err)
	}
	return nil
}

// list decodes the rows of a range, as many as limit (0: all) satisfy keep (nil: all).
func list[T any](ctx context.Context, l *Ledger, r store.Range, limit int, keep func(*T) bool) ([]T, error) {
	var rows []T
	err := l.store.Scan(ctx, r, func(_ string, value []byte) error {
		var row T
		if err := decode(value, &row); err != nil {
			return err
		}
		if keep != nil && !keep(&row) {
			return nil
		}
		rows = append(rows, row)
		if limit > 0 && len(rows) >= limit {
			return store.ErrStop
		}
		return nil
	})
	return rows, err
}

// Change gathers what is to happen together. The zero Change is ready to use.
// It must not be used by two goroutines at once, nor after Commit.
type Change struct {
	batch store.Batch
	err   error
}

// Empty says whether the change would change nothing.
func (c *Change) Empty() bool { return c.batch.Empty() && c.err == nil }

// put encodes the row and returns its bytes.
func (c *Change) put(k string, row any) []byte {
	value, err := sdk.Encode(row)
	if err != nil {
		c.err = errors.Join(c.err, fmt.Errorf("encoding a %T: %w", row, err))
		return nil
	}
	c.batch.Put(k, value)
	return value
}

// get0 returns the bytes at k as text, or host.ErrNotFound.
func get0(ctx context.Context, l *Ledger, k string) (string, error) {
	raw, err := l.store.Get(ctx, k)
	if errors.Is(err, store.ErrNotFound) {
		return "", host.ErrNotFound
	}
	return string(raw), err
}

// Join adds mutations of rows that are not the ledger's, to happen with the change.
func (c *Change) Join(b store.Batch) {
	c.batch.If = append(c.batch.If, b.If...)
	c.batch.Do = append(c.batch.Do, b.Do...)
}
