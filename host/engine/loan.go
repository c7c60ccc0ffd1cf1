package engine

import (
	"context"
	"sync"
	"time"
)

// A run under way has a slot, and there are only so many. Runs that wait for a
// slow platform would take them all, and everybody else's runs would wait too.
// So a call that takes long lends its run's slot out: others go on, and the run
// ends without it. When many calls of one connection have done so, the
// connection takes no more: its further runs are held, on disk, until there is
// room again.
const (
	// lendAfter is when a call takes long. Most answers come before.
	lendAfter = 200 * time.Millisecond
	// maxLent is how many calls of one connection may have lent their slot, some
	// 50 kB each.
	maxLent = 512
)

// berth is a run's slot, given back once.
type berth struct {
	once  sync.Once
	slots chan struct{}
}

// give gives the slot back, and says whether it was still there.
func (b *berth) give() (given bool) {
	b.once.Do(func() {
		<-b.slots
		given = true
	})
	return given
}

type berthKey struct{}

func withBerth(ctx context.Context, b *berth) context.Context {
	return context.WithValue(ctx, berthKey{}, b)
}

// loans counts the calls that have lent a slot, by connection.
type loans struct {
	mu  sync.Mutex
	out map[string]int
}

func newLoans() *loans { return &loans{out: make(map[string]int)} }

func (l *loans) add(connection string, n int) (out int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out[connection] += n; l.out[connection] == 0 {
		delete(l.out, connection)
		return 0
	}
	return l.out[connection]
}

// room is how many more runs a connection takes before it is slow for too
// many; free says that it is not slow for any.
func (l *loans) room(connection string) (room int, free bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.out[connection]
	return max(0, maxLent-out), out == 0
}

// loan is one call that may lend its run's slot.
type loan struct {
	mu         sync.Mutex
	over, lent bool
}

// lend lends the run's slot if the call takes long. The caller says when it is over.
func (e *Engine) lend(ctx context.Context, connection string) (over func()) {
	b, ok := ctx.Value(berthKey{}).(*berth)
	if !ok {
		return func() {}
	}
	l := &loan{}
	timer := time.AfterFunc(lendAfter, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if !l.over && b.give() {
			l.lent = true
			e.loans.add(connection, 1)
		}
	})
	return func() {
		timer.Stop()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.over = true
		if l.lent && e.loans.add(connection, -1) == maxLent/2 {
			e.tending.lower("")
		}
	}
}
