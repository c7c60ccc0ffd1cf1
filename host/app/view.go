package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/schedule"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/badger"
	"github.com/musubi-run/musubi/host/web/api"
)

// View answers questions about what is stored. It needs no running host.
type View struct {
	ledger *ledger.Ledger
	store  store.Store
}

// OpenView looks into the store of a host that does not run. fs.ErrNotExist
// means that none has run yet.
func OpenView(_ context.Context, cfg *config.Config, log *slog.Logger) (*View, error) {
	dir := storeIn(cfg.Data)
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("looking for the store: %w", err)
	}
	s, err := badger.Open(badger.Options{Dir: dir, Clock: time.Now, Logger: log}) //nolint:forbidigo // decides only what has expired
	if err != nil {
		return nil, err
	}
	return &View{ledger: ledger.View(s), store: s}, nil
}

// Close gives the store back.
func (v *View) Close() error { return v.store.Close() }

// Runs returns the runs that the filter selects, newest first.
func (v View) Runs(ctx context.Context, f host.RunFilter) ([]host.Run, error) {
	return v.ledger.Runs(ctx, f)
}

// Run returns one run with its journal, or host.ErrNotFound.
func (v View) Run(ctx context.Context, id string) (host.Run, []host.StepRecord, error) {
	run, err := v.ledger.Run(ctx, id)
	if err != nil {
		return run, nil, err
	}
	steps, err := v.ledger.Steps(ctx, id)
	return run, steps, err
}

// Events returns the events that the filter selects, newest first.
func (v View) Events(ctx context.Context, f host.EventFilter) ([]host.Event, error) {
	return v.ledger.Events(ctx, f)
}

// Event returns one event with its runs, or host.ErrNotFound.
func (v View) Event(ctx context.Context, id string) (host.Event, []host.Run, error) {
	event, err := v.ledger.Event(ctx, id)
	if err != nil {
		return event, nil, err
	}
	runs, err := v.ledger.RunsOf(ctx, id)
	return event, runs, err
}

// DeadLetters returns the dead letters that the filter selects, newest first.
func (v View) DeadLetters(ctx context.Context, f host.EventFilter) ([]host.DeadLetter, error) {
	return v.ledger.DeadLetters(ctx, f)
}

// DeadLetter returns one dead letter, or host.ErrNotFound.
func (v View) DeadLetter(ctx context.Context, id string) (host.DeadLetter, error) {
	return v.ledger.Dead(ctx, id)
}

// Links returns the links that the filter selects.
func (v View) Links(ctx context.Context, f host.LinkFilter) ([]host.Link, error) {
	return v.ledger.Links(ctx, f)
}

// EachRun calls visit with every run, oldest first.
func (v View) EachRun(ctx context.Context, visit func(host.Run) error) error {
	return v.ledger.EachRun(ctx, visit)
}

// EachLink calls visit with every link.
func (v View) EachLink(ctx context.Context, visit func(host.Link) error) error {
	return v.ledger.EachLink(ctx, visit)
}

// Audits returns what people did, as the filter selects, newest first.
func (v View) Audits(ctx context.Context, f host.AuditFilter) ([]api.Audit, error) {
	kept, err := v.ledger.Audits(ctx, f)
	told := make([]api.Audit, len(kept))
	for i := range kept {
		told[i] = auditOf(&kept[i])
	}
	return told, err
}

// Cursors returns how far every poll has come, and why one brings nothing.
// Schedules, backfills and troubles, whose names hold a colon as no trigger's
// does, have cursors of their own.
func (v View) Cursors(ctx context.Context) ([]api.Cursor, error) {
	all, err := v.ledger.Cursors(ctx)
	if err != nil {
		return nil, err
	}
	type poll struct{ connection, trigger string }
	troubles := make(map[poll]*api.PollTrouble)
	for _, c := range all {
		trigger, trouble, is, err := schedule.TroubleOf(c)
		if err != nil {
			return nil, err
		}
		if is {
			troubles[poll{c.Connection, trigger}] = (*api.PollTrouble)(&trouble)
		}
	}
	var polls []api.Cursor
	for _, c := range all {
		if !strings.Contains(c.Trigger, ":") {
			polls = append(polls, api.Cursor{Cursor: c, Trouble: troubles[poll{c.Connection, c.Trigger}]})
		}
	}
	return polls, nil
}

// Operator is a View of a running host that can also act.
type Operator struct {
	View

	app *App
}

// EachRun calls visit with every run, and keeps that all of them were handed out.
func (o Operator) EachRun(ctx context.Context, visit func(host.Run) error) error {
	if err := o.app.engine.Record(ctx, host.ActExport, "runs", ""); err != nil {
		return err
	}
	return o.View.EachRun(ctx, visit)
}

// EachLink calls visit with every link, and keeps that all of them were handed out.
func (o Operator) EachLink(ctx context.Context, visit func(host.Link) error) error {
	if err := o.app.engine.Record(ctx, host.ActExport, "links", ""); err != nil {
		return err
	}
	return o.View.EachLink(ctx, visit)
}

// Rerun lets a failed or cancelled run go again.
func (o Operator) Rerun(ctx context.Context, id string, again host.Rerun) error {
	err := o.app.rewirable(ctx, id, again)
	if err == nil {
		err = o.app.engine.Rerun(ctx, id, again)
	}
	return o.refused(ctx, host.ActRerun, id, again.String(), err)
}

// Cancel ends a run for good.
func (o Operator) Cancel(ctx context.Context, id string) error {
	return o.refused(ctx, host.ActCancel, id, "", o.app.engine.Cancel(ctx, id))
}

// Dismiss says that nobody has to look at a dead letter any more.
func (o Operator) Dismiss(ctx context.Context, id string) error {
	return o.refused(ctx, host.ActDismiss, id, "", o.app.engine.Dismiss(ctx, id))
}

// Replay takes a dead letter up again.
func (o Operator) Replay(ctx context.Context, id string) (host.Receipt, error) {
	receipt, err := o.app.engine.Replay(ctx, id)
	return receipt, o.refused(ctx, host.ActReplay, id, "", err)
}

// Missed returns those of a page of accepted events on which a flow that is in
// force would start and has not, the oldest first, and behind which event the
// next page begins. Those from before the oldest runs that are kept are left out.
func (o Operator) Missed(ctx context.Context, flow string, f host.EventFilter) (missed []host.Event, after string, err error) {
	on, err := o.app.listener(flow)
	if err != nil {
		return nil, "", err
	}
	f.Connection, f.Type, f.Oldest = on.Connection, on.Event, true
	swept, err := o.app.ledger.RunsSwept(ctx)
	if err != nil {
		return nil, "", err
	}
	f.After = max(f.After, swept)
	events, err := o.Events(ctx, f)
	if err != nil {
		return nil, "", err
	}
	for i := range events {
		is, err := o.app.engine.Missed(ctx, flow, &events[i])
		if err != nil {
			return nil, "", err
		}
		if is {
			missed = append(missed, events[i])
		}
	}
	if len(events) > 0 && len(events) == f.Limit {
		after = events[len(events)-1].ID
	}
	return missed, after, nil
}

// RunMissed starts the run of an event that the flow missed.
func (o Operator) RunMissed(ctx context.Context, flow, event string) error {
	return o.refused(ctx, host.ActRun, event, flow, o.app.engine.RunMissed(ctx, flow, event))
}

// SetCursor moves a poll to a place that a person chose; it is due at once.
func (o Operator) SetCursor(ctx context.Context, c host.Cursor) error {
	err := o.setCursor(ctx, c)
	if err == nil {
		o.app.poller.Again(c.Connection, c.Trigger)
	}
	return o.refused(ctx, host.ActCursor, c.Connection+" "+c.Trigger, string(c.Value), err)
}

func (o Operator) setCursor(ctx context.Context, c host.Cursor) error {
	if err := o.app.pollable(c.Connection, c.Trigger); err != nil {
		return err
	}
	read, err := o.app.ledger.Cursor(ctx, c.Connection, c.Trigger)
	if err != nil {
		return err
	}
	if err := checkMark(read.Value, c.Value); err != nil {
		return err
	}
	var change ledger.Change
	change.MoveCursor(read, c)
	o.app.engine.Sign(ctx, &change, host.ActCursor, c.Connection+" "+c.Trigger, string(c.Value))
	return o.app.ledger.Commit(ctx, &change)
}
