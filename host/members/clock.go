package members

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// timerBatch is how many members are looked at in one commit when their time comes.
const timerBatch = 256

// longestSleep bounds how long the clock is trusted: one that is set forward
// makes tags at most this late.
const longestSleep = time.Minute

// clockwork wakes Run, and remembers from where on timers are left: those
// before were fired, and reading over their remains costs time.
type clockwork struct {
	mu   sync.Mutex
	from time.Time
	wake chan struct{}
}

// set is told of timers that were set.
func (c *clockwork) set(alarms []time.Time) {
	if len(alarms) == 0 {
		return
	}
	c.mu.Lock()
	for _, at := range alarms {
		if at.Before(c.from) {
			c.from = at
		}
	}
	c.mu.Unlock()
	c.look()
}

func (c *clockwork) look() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// fired is told that no timer before at is left, as far as from says.
func (c *clockwork) fired(from, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.from.Equal(from) {
		c.from = at
	}
}

func (c *clockwork) begin() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.from
}

// RulesChanged has everybody looked at again if rules about members changed.
func (m *Members) RulesChanged() { m.clock.look() }

// Run decides tags whose time has come, and everybody's after rules changed,
// until ctx ends. One Run at a time.
func (m *Members) Run(ctx context.Context) {
	for ctx.Err() == nil {
		wait := longestSleep
		next, err := m.work(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			m.Logger.Error("deciding tags stopped, trying again", "error", err)
			wait = time.Second
		case !next.IsZero():
			wait = min(wait, next.Sub(m.Now()))
		}
		t := time.NewTimer(max(wait, 0))
		select {
		case <-ctx.Done():
		case <-m.clock.wake:
		case <-t.C:
		}
		t.Stop()
	}
}

// work does all that is due and returns when the next timer is.
func (m *Members) work(ctx context.Context) (time.Time, error) {
	if err := m.Sweep(ctx); err != nil {
		return time.Time{}, err
	}
	return m.Tick(ctx)
}

// Tick decides the tags of everybody whose time has come, in batches, and
// returns when the next timer is due; zero if there is none.
func (m *Members) Tick(ctx context.Context) (time.Time, error) {
	for {
		from := m.clock.begin()
		due, next, err := m.timers(ctx, from)
		if err != nil || len(due) == 0 {
			return next, err
		}
		if err := m.fire(ctx, due); err != nil {
			return time.Time{}, err
		}
		last, _ := parseTimer(due[len(due)-1])
		m.clock.fired(from, last)
	}
}

// timers returns the keys of timers that are due, at most a batch, or when the first one will be.
func (m *Members) timers(ctx context.Context, from time.Time) (due []string, next time.Time, err error) {
	now := m.Now()
	r := store.Range{Prefix: under(tableTimer), From: timerKey(from, ""), KeysOnly: true, Limit: timerBatch}
	err = m.Store.Scan(ctx, r, func(k string, _ []byte) error {
		if at, _ := parseTimer(k); at.After(now) {
			next = at
			return store.ErrStop
		}
		due = append(due, k)
		return nil
	})
	if err != nil {
		return nil, next, fmt.Errorf("reading members' timers: %w", err)
	}
	return due, next, nil
}

func (m *Members) fire(ctx context.Context, due []string) error {
	rows := make([]string, 0, len(due))
	for _, k := range due {
		_, id := parseTimer(k)
		rows = append(rows, key(tableMember, id))
	}
	return m.change(ctx, host.Cause{By: host.ByRule}, func(t *tx) (err error) {
		if err := t.prefetchMembers(ctx, rows); err != nil {
			return err
		}
		if t.fresh, err = t.unasked(ctx); err != nil {
			return err
		}
		for _, k := range due {
			at, id := parseTimer(k)
			t.drop(k)
			p, err := read[person](ctx, t, key(tableMember, id))
			if err != nil {
				return err
			}
			if p == nil || !p.Due.Equal(at) {
				continue
			}
			p.Due = time.Time{}
			t.save(p)
			t.touch(id, partTime)
		}
		return nil
	})
}
