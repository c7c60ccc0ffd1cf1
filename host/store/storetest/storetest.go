// Package storetest checks the promises of host/store against a backend: Run
// those that every backend keeps, RunDurable those of one that survives its process.
package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/store"
)

// Open makes an empty store whose rows expire by clock; the suite closes it.
type Open func(t *testing.T, clock func() time.Time) store.Store

// Run checks everything that store.Store promises. Its clock stands in the
// future, because a backend may also let rows expire by the machine's own.
func Run(t *testing.T, open Open) {
	t.Helper()
	groups := map[string]map[string]func(fixture){
		"commit":     commitPromises,
		"conditions": conditionPromises,
		"range":      rangePromises,
		"value":      valuePromises,
		"limits":     limitPromises,
		"snapshot":   snapshotPromises,
		"expiry":     expiryPromises,
		"cancel":     cancelPromises,
		"close":      closePromises,
		"model":      modelPromises,
	}
	for group, promises := range groups {
		for name, check := range promises {
			t.Run(group+"/"+name, func(t *testing.T) { check(newFixture(t, open)) })
		}
	}
}

// fixture is an open store with helpers that fail the test.
type fixture struct {
	*testing.T
	store store.Store
	clock *clock
}

func newFixture(t *testing.T, open Open) fixture {
	t.Helper()
	c := &clock{now: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}
	s := open(t, c.Now)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return fixture{t, s, c}
}

// row is a key with its value.
type row struct{ key, value string }

// fill commits rows of which key and value are the same.
func (f fixture) fill(keys ...string) {
	f.Helper()
	var b store.Batch
	for _, k := range keys {
		b.Put(k, []byte(k))
	}
	f.commit(b)
}

func (f fixture) commit(b store.Batch) {
	f.Helper()
	if err := f.store.Commit(f.Context(), b); err != nil {
		f.Fatalf("committing: %v", err)
	}
}

// refused commits b and demands the error want.
func (f fixture) refused(b store.Batch, want error) {
	f.Helper()
	if err := f.store.Commit(f.Context(), b); !errors.Is(err, want) {
		f.Fatalf("committing: %v, want %v", err, want)
	}
}

func (f fixture) holds(key, want string) {
	f.Helper()
	got, err := f.store.Get(f.Context(), key)
	if err != nil || string(got) != want {
		f.Fatalf("get %q = %q, %v, want %q", key, got, err, want)
	}
}

func (f fixture) absent(keys ...string) {
	f.Helper()
	for _, key := range keys {
		if got, err := f.store.Get(f.Context(), key); !errors.Is(err, store.ErrNotFound) {
			f.Fatalf("get %q = %q, %v, want %v", key, got, err, store.ErrNotFound)
		}
	}
}

func (f fixture) rows(r store.Range) []row {
	f.Helper()
	rows, err := scan(f.Context(), f.store, r)
	if err != nil {
		f.Fatalf("scanning %+v: %v", r, err)
	}
	return rows
}

func scan(ctx context.Context, s store.Store, r store.Range) ([]row, error) {
	rows := []row{}
	err := s.Scan(ctx, r, func(key string, value []byte) error {
		rows = append(rows, row{key, string(value)})
		return nil
	})
	return rows, err
}

// together runs work n times at once and waits for all.
func together(n int, work func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { work(i) })
	}
	all.Wait()
}

// clock moves only when it is told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the clock's time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
