package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/builtin"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/sdk/abi"
)

// endWindow tells how many runs failed in a window that is over. While there
// were any the next window follows at once, so that an outage of a day is told
// once a window and not once a run; after a quiet one the next failure is news again.
//
// It is two commits. The first keeps runs from joining, so that the count the
// second one tells is the last word; a crash in between leaves the timer.
func (e *Engine) endWindow(ctx context.Context, t ledger.Timer) error {
	if err := retryConflicts(func() error { return e.freezeWindow(ctx, t) }); err != nil {
		return fmt.Errorf("closing notice window %s: %w", t.Notice, err)
	}
	if err := retryConflicts(func() error { return e.tellWindow(ctx, t) }); err != nil {
		return fmt.Errorf("telling of notice window %s: %w", t.Notice, err)
	}
	return nil
}

func (e *Engine) freezeWindow(ctx context.Context, t ledger.Timer) error {
	row, err := e.Ledger.NoticeWindow(ctx, t.Notice)
	if pending, _ := row.Pending(); err != nil || row.ID == "" || pending != "" || row.Until.After(t.Due) {
		return err
	}
	next := row.NoticeWindow
	next.Closing = true
	var c ledger.Change
	c.ReplaceWindow(row, next)
	return e.Ledger.Commit(ctx, &c)
}

// tellWindow tells of the window whose count can be taken and sets what follows it.
func (e *Engine) tellWindow(ctx context.Context, t ledger.Timer) error {
	row, err := e.Ledger.NoticeWindow(ctx, t.Notice)
	if err != nil {
		return err
	}
	pending, since := row.Pending()
	count, latest, err := e.Ledger.Noticed(ctx, t.Notice, pending)
	if err != nil {
		return err
	}
	if !e.heard(builtin.RunFailed) { // any more
		count = 0
	}
	var c ledger.Change
	n := e.notices()
	// With a host that was down for long, the open window is over as well, and this is its timer.
	both := row.ID != "" && !row.Closing && !row.Until.After(t.Due)
	if !both {
		c.FireTimer(t)
	}
	if pending != "" {
		n.follow(&c, row, count)
	}
	if pending != "" && count > 0 {
		if err := n.summary(ctx, &c, row.NoticeGroup, latest, builtin.FailedRun{Count: int64(count), Summary: true, Since: since}); err != nil {
			return err
		}
	}
	if err := e.Ledger.Commit(ctx, &c); err != nil {
		return e.unlessFired(ctx, t, err)
	}
	n.committed()
	if err := e.Ledger.DropNoticed(ctx, t.Notice, pending); err != nil || !both {
		return err
	}
	return e.endWindow(ctx, t)
}

// forgetTold drops what was counted in windows that were told of by a host that
// died before it could. Nothing fails meanwhile.
func (e *Engine) forgetTold(ctx context.Context) {
	if err := e.Ledger.SweepNoticed(ctx); err != nil {
		e.Logger.Error("forgetting failures that people were told of failed", "error", err)
	}
}

// unlessFired forgives a conflict whose cause is that the timer was fired already.
func (e *Engine) unlessFired(ctx context.Context, t ledger.Timer, conflict error) error {
	timers, err := e.Ledger.Timers(ctx, t.Due, timerBatch)
	if err != nil {
		return errors.Join(conflict, err)
	}
	for _, there := range timers {
		if there.Due.Equal(t.Due) && there.Notice == t.Notice {
			return conflict
		}
	}
	return nil
}

// follow sets what comes after a window: another one while runs fail, nothing after a quiet one.
func (n *notices) follow(c *ledger.Change, row ledger.NoticeWindowRow, count int) {
	switch {
	case !row.Closing: // a run that came meanwhile opened the next one
		next := row.NoticeWindow
		next.Previous = ""
		c.ReplaceWindow(row, next)
	case count == 0:
		c.DropWindow(row)
	default:
		next := n.window(row.NoticeGroup)
		n.opened = append(n.opened, next.Until)
		c.ReplaceWindow(row, next)
	}
}

// summary announces what the window counted, with the latest of its runs, as
// far as that one is still to be seen.
func (n *notices) summary(ctx context.Context, c *ledger.Change, g ledger.NoticeGroup, latest string, told builtin.FailedRun) error {
	run, err := n.Ledger.Run(ctx, latest)
	switch {
	case errors.Is(err, host.ErrNotFound):
		run = host.Run{ID: latest, Flow: g.Flow}
	case err != nil:
		return fmt.Errorf("reading run %s: %w", latest, err)
	}
	if run.Error == nil { // it runs again, or was deleted
		run.Error, run.Ended = &abi.Error{Kind: g.Kind}, n.Now()
	}
	flow, _ := n.Rules.Flow(ctx, run.Flow, run.Version) //nolint:errcheck // without it the titles are missing, no more
	data := n.failedRun(failure{run: &run, flow: flow, connection: g.Connection})
	data.Count, data.Summary, data.Since = told.Count, told.Summary, told.Since
	return n.announce(c, builtin.RunFailed, run.ID, "summary:"+n.NewID(), data)
}
