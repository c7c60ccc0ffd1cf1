package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
)

const timerBatch = 256

// longestSleep bounds how long the timer loop trusts its clock: a clock that
// is set forward makes timers at most this late.
const longestSleep = time.Minute

// fireTimers makes every run ready whose time has come, then sleeps until the
// next timer is due, an earlier one is set, or ctx ends. Only the timers that
// are due are ever held in memory.
func (e *Engine) fireTimers(ctx context.Context) error {
	from, ok := e.timers.take()
	for ok {
		timers, err := e.Ledger.Timers(ctx, parseMark(from), timerBatch)
		if err != nil {
			return fmt.Errorf("reading timers: %w", err)
		}
		now := e.Now()
		due := dueBy(timers, now)
		if err := e.fireAll(ctx, due); err != nil {
			return err
		}
		switch {
		case len(due) < len(timers):
			return e.sleepUntil(ctx, timers[len(due)].Due, now)
		case len(due) == 0:
			return nil
		}
		from = timeMark(due[len(due)-1].Due)
	}
	return nil
}

func dueBy(timers []ledger.Timer, now time.Time) []ledger.Timer {
	for i, t := range timers {
		if t.Due.After(now) {
			return timers[:i]
		}
	}
	return timers
}

// timeMark and parseMark let a frontier hold an instant.
func timeMark(t time.Time) string { return fmt.Sprintf("%020d", max(t.UnixNano(), 0)) }

func parseMark(mark string) time.Time {
	nanos, err := strconv.ParseInt(mark, 10, 64)
	if err != nil { // the empty mark: from the beginning
		return time.Time{}
	}
	return time.Unix(0, nanos)
}

// sleepUntil returns early, leaving the loop to come again, if a timer was set meanwhile.
func (e *Engine) sleepUntil(ctx context.Context, due, now time.Time) error {
	t := time.NewTimer(min(due.Sub(now), longestSleep))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-e.timers.wake:
	case <-t.C:
	}
	e.timers.lower(timeMark(due))
	return nil
}

// firing is how many timers are fired at once, so that they share commits.
const firing = 64

func (e *Engine) fireAll(ctx context.Context, timers []ledger.Timer) error {
	var group errgroup.Group
	group.SetLimit(firing)
	for _, t := range timers {
		group.Go(func() error { return e.fire(ctx, t) })
	}
	return group.Wait()
}

// fire makes one waiting run ready, or ends a notice window. A run that was cancelled meanwhile only loses its timer.
func (e *Engine) fire(ctx context.Context, t ledger.Timer) error {
	if t.Notice != "" {
		return e.endWindow(ctx, t)
	}
	run, err := e.Ledger.RunRow(ctx, t.Run)
	if err != nil && !errors.Is(err, host.ErrNotFound) {
		return fmt.Errorf("reading run %s: %w", t.Run, err)
	}
	var c ledger.Change
	c.FireTimer(t)
	wake := err == nil && run.State == host.RunWaiting && !run.Due.After(t.Due)
	if wake {
		run.State, run.Due = host.RunQueued, time.Time{}
		c.ReplaceRun(&run)
		c.Ready(&run.Run)
	}
	if err := e.Ledger.Commit(ctx, &c); err != nil {
		if errors.Is(err, store.ErrConflict) { // fired, or cancelled, meanwhile: the next look tells
			return nil
		}
		return fmt.Errorf("firing the timer of run %s: %w", t.Run, err)
	}
	if wake {
		e.announce(run.ID, run.Priority)
	}
	return nil
}
