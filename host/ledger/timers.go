package ledger

import (
	"context"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host/store"
)

// Timer is something that goes on at Due: a run that waits, or a notice window that ends.
type Timer struct {
	Due time.Time
	// Run is a run's id; Notice is the id of a group of failures. One of them is set.
	Run, Notice string
}

// noticeOwner begins the owner of a notice window's timer; no run's id has it.
const noticeOwner = "notice:"

// owner is the last part of the timer's key.
func (t Timer) owner() string {
	if t.Notice != "" {
		return noticeOwner + t.Notice
	}
	return t.Run
}

func parseTimer(due time.Time, owner string) Timer {
	if group, ok := strings.CutPrefix(owner, noticeOwner); ok {
		return Timer{Due: due, Notice: group}
	}
	return Timer{Due: due, Run: owner}
}

// timerKey begins with the instant as it is: it has a fixed length, so its
// zero bytes need no escape.
func timerKey(due time.Time, owner string) string { return under(tableTimer) + instant(due) + owner }

// SetTimer lets the run go on at the given time.
func (c *Change) SetTimer(run string, due time.Time) {
	c.batch.Put(timerKey(due, run), nil)
}

// FireTimer takes a timer away; the commit conflicts if it is gone already.
func (c *Change) FireTimer(t Timer) {
	k := timerKey(t.Due, t.owner())
	c.batch.Holds(k, nil)
	c.batch.Delete(k)
}

// CancelTimer takes a timer away if it is still there.
func (c *Change) CancelTimer(t Timer) {
	c.batch.Delete(timerKey(t.Due, t.owner()))
}

// Timers returns the timers from `from` on in order of time, at most limit.
func (l *Ledger) Timers(ctx context.Context, from time.Time, limit int) ([]Timer, error) {
	prefix := under(tableTimer)
	var timers []Timer
	r := store.Range{Prefix: prefix, From: prefix + instant(from), Limit: limit, KeysOnly: true}
	err := l.store.Scan(ctx, r, func(k string, _ []byte) error {
		k = k[len(prefix):]
		timers = append(timers, parseTimer(parseInstant(k[:8]), k[8:]))
		return nil
	})
	return timers, err
}
