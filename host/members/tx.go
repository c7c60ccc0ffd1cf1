package members

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// tx is one change of members on its way: the rows that it read and changed,
// and what is to be announced. The one writer owns it; see Members.
type tx struct {
	m *Members
	// now is the moment of the whole change, cause who asked for it.
	now   time.Time
	cause host.Cause
	// origin is that of the event under way; quiet keeps what follows to itself.
	origin string
	quiet  bool
	// sweeping says that nothing happened to the members themselves.
	sweeping bool

	rows  map[string]*row
	dirty []string
	news  []announcement
	links []linkNews
	// alarms are the timers that were set.
	alarms []time.Time
	// queue are the members whose tags must be decided again, changed the parts
	// of them that changed; suspects are customers to be matched again.
	queue    []string
	changed  map[string]part
	suspects []host.Ref
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
	return &tx{m: m, now: m.Now().UTC(), cause: cause, rows: make(map[string]*row), changed: make(map[string]part)}
}

// read returns the row at k, nil if there is none. Who changes it calls write.
func read[T any](ctx context.Context, t *tx, k string) (*T, error) {
	if r := t.rows[k]; r != nil {
		v, _ := r.value.(*T) //nolint:errcheck // nil for a row that is not there
		return v, nil
	}
	raw, err := t.m.Store.Get(ctx, k)
	if errors.Is(err, store.ErrNotFound) {
		t.rows[k] = new(row)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a row of members: %w", err)
	}
	v := new(T)
	if err := json.Unmarshal(raw, v); err != nil {
		return nil, fmt.Errorf("a stored %T cannot be read: %w", v, err)
	}
	t.rows[k] = &row{stored: raw, value: v}
	return v, nil
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
	for _, k := range t.dirty {
		r := t.rows[k]
		if r.value == nil {
			b.Delete(k)
			continue
		}
		value, err := json.Marshal(r.value)
		if err != nil {
			return fmt.Errorf("encoding a %T: %w", r.value, err)
		}
		if string(value) != string(r.stored) {
			b.Do = append(b.Do, store.Mutation{Key: k, Value: value, Expires: r.expires})
		}
	}
	return nil
}

// mark is a row that only says that it is there.
type mark struct{}
