package members

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk"
)

// tx is one change of members on its way: the rows that it read and changed,
// and what is to be announced. The one writer owns it; see Members.
type tx struct {
	m *Members
	// ahead is a change that is not on the disk yet, nil if there is none.
	ahead *flight
	// now is the moment of the whole change, cause who asked for it.
	now   time.Time
	cause host.Cause
	// origin is that of the event under way; quiet keeps what follows to itself.
	origin string
	quiet  bool
	// sweeping says that nothing happened to the members themselves, sweep how far that is.
	sweeping bool
	sweep    *progress
	// fresh are the versions of rules of which not everybody was asked yet, where only time has passed.
	fresh map[string]bool

	rows  map[string]*row
	dirty []string
	news  []announcement
	// pages are what the histories of members get, by member.
	pages map[string]*page
	links []linkNews
	// alarms are the timers that were set.
	alarms []time.Time
	// queue are the members whom the fact under way touched, changed the parts
	// of them that changed; suspects are customers to be matched again.
	queue    []string
	changed  map[string]part
	suspects []host.Ref
	// pending is what the rules have to decide before the change is done, by
	// member, in the order of deciding.
	pending  map[string]*decision
	deciding []*decision
}

// row is one row as this change sees it.
type row struct {
	stored []byte
	value  any // nil: not there
	dirty  bool
	// expires is when the row vanishes by itself; zero means never.
	expires time.Time
}

func (m *Members) begin(cause host.Cause) *tx {
	return &tx{m: m, now: m.Now().UTC(), cause: cause, rows: make(map[string]*row), changed: make(map[string]part), pending: make(map[string]*decision), pages: make(map[string]*page)}
}

// read returns the row at k, nil if there is none. Who changes it calls write.
func read[T any](ctx context.Context, t *tx, k string) (*T, error) {
	r := t.rows[k]
	if r == nil {
		var err error
		if r, err = load[T](ctx, t, k); err != nil {
			return nil, err
		}
		t.rows[k] = r
	}
	v, _ := r.value.(*T) //nolint:errcheck // nil for a row that is not there
	return v, nil
}

// load reads a row from the store, or takes it over from the change that is ahead.
func load[T any](ctx context.Context, t *tx, k string) (*row, error) {
	if r := t.ahead.written(k); r != nil {
		return r, nil
	}
	raw, err := t.m.Store.Get(ctx, k)
	if errors.Is(err, store.ErrNotFound) {
		return new(row), nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a row of members: %w", err)
	}
	v := new(T)
	if err := sdk.Decode(raw, v); err != nil {
		return nil, fmt.Errorf("a stored %T cannot be read: %w", v, err)
	}
	return &row{stored: raw, value: v}, nil
}

// write keeps v, a pointer, at k when the change is committed.
func (t *tx) write(k string, v any) {
	r := t.rows[k]
	if r == nil {
		r = new(row)
		t.rows[k] = r
	}
	r.value = v
	if !r.dirty {
		r.dirty = true
		t.dirty = append(t.dirty, k)
	}
}

// drop removes the row at k.
func (t *tx) drop(k string) { t.write(k, nil) }

// add puts everything that was written into the batch.
func (t *tx) add(b *store.Batch) error {
	values := make([][]byte, len(t.dirty))
	err := inParallel(len(t.dirty), func(i int) (err error) {
		if v := t.rows[t.dirty[i]].value; v != nil {
			if values[i], err = sdk.Encode(v); err != nil {
				return fmt.Errorf("encoding a %T: %w", v, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, k := range t.dirty {
		switch r := t.rows[k]; {
		case r.value == nil:
			b.Delete(k)
		case !bytes.Equal(values[i], r.stored):
			b.Do = append(b.Do, store.Mutation{Key: k, Value: values[i], Expires: r.expires})
			r.stored = values[i]
		}
	}
	return nil
}

// mark is a row that only says that it is there.
type mark struct{}
