package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// dispatchBatch is how many events are matched in one commit.
const dispatchBatch = 256

// dispatchAll matches every event of the inbox with the current rules.
func (e *Engine) dispatchAll(ctx context.Context) error {
	from, ok := e.inbox.take()
	for ok {
		events, err := e.Ledger.Inbox(ctx, from, dispatchBatch)
		if err != nil {
			return fmt.Errorf("reading the inbox: %w", err)
		}
		if err := e.dispatch(ctx, events); err != nil {
			return err
		}
		if len(events) < dispatchBatch {
			return nil
		}
		from = events[len(events)-1].ID + "\x01"
	}
	return nil
}

// dispatch commits the runs of all events together; where that conflicts with
// a lane that moves, in halves.
func (e *Engine) dispatch(ctx context.Context, events []host.Event) error {
	err := e.enter(ctx, events)
	if err == nil || !divisible(err) {
		return err
	}
	if half := len(events) / 2; half > 0 {
		if err := e.dispatch(ctx, events[:half]); err != nil {
			return err
		}
		return e.dispatch(ctx, events[half:])
	}
	return e.insist(ctx, &events[0], err)
}

// divisible says that fewer events at once may do: nothing was written, because
// a lane moved meanwhile, or because all together were too much for one commit.
func divisible(err error) bool {
	return errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrInvalid)
}

// insist dispatches one event until no lane moves meanwhile.
func (e *Engine) insist(ctx context.Context, ev *host.Event, err error) error {
	for try := 0; err != nil; try++ {
		if errors.Is(err, store.ErrInvalid) {
			return e.setAside(ctx, ev, err)
		}
		if !errors.Is(err, store.ErrConflict) || try >= maxConflicts {
			return fmt.Errorf("dispatching event %s: %w", ev.ID, err)
		}
		if done, err := e.left(ctx, ev.ID); done || err != nil {
			return err
		}
		err = e.enter(ctx, []host.Event{*ev})
	}
	return nil
}

// setAside takes an event out of the inbox whose runs the store would never
// take, or what it means for the projection. They fail where a person sees
// them: one event must not hold up all others.
func (e *Engine) setAside(ctx context.Context, ev *host.Event, invalid error) error {
	e.Logger.Error("event cannot be dispatched and is set aside", "event", ev.ID, "error", invalid)
	why := &abi.Error{Kind: abi.Internal, Message: "the engine cannot record this run's beginning: " + invalid.Error()}
	err := retryConflicts(func() error {
		var c ledger.Change
		told := e.notices()
		c.LeaveInbox(ev.ID)
		for _, run := range e.match(ev) {
			if run.State != host.RunFailed {
				run.State, run.Ended, run.Error = host.RunFailed, run.Created, why
			}
			if err := e.addFailed(ctx, &c, told, run, ev); err != nil {
				return err
			}
		}
		err := e.Ledger.Commit(ctx, &c)
		if err == nil {
			told.committed()
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("setting event %s aside: %w", ev.ID, err)
	}
	return nil
}

// addFailed adds a run that failed before its first step.
func (e *Engine) addFailed(ctx context.Context, c *ledger.Change, told *notices, run *host.Run, ev *host.Event) error {
	c.AddRun(run)
	c.MarkFailed(run.ID)
	return told.failed(ctx, c, failure{run: run, origin: ev.Origin, flow: e.Rules.Current().Flow(run.Flow)})
}

// maxConflicts bounds optimistic repetition. A lane conflicts only when it
// moved between a read and a commit, a few milliseconds.
const maxConflicts = 100

// left says whether the event is no longer in the inbox.
func (e *Engine) left(ctx context.Context, event string) (bool, error) {
	there, err := e.Ledger.Inbox(ctx, event, 1)
	if err != nil {
		return false, err
	}
	return len(there) == 0 || there[0].ID != event, nil
}

// enter matches events and puts their runs into lanes, in one commit.
func (e *Engine) enter(ctx context.Context, events []host.Event) error {
	if len(events) == 0 {
		return nil
	}
	var c ledger.Change
	var heads []*host.Run
	lanes, told := e.Ledger.Lanes(), e.notices()
	for i := range events {
		c.LeaveInbox(events[i].ID)
		for _, run := range e.match(&events[i]) {
			head, err := e.place(ctx, &c, lanes, told, run, &events[i])
			if err != nil {
				return err
			}
			if head {
				heads = append(heads, run)
			}
		}
	}
	lanes.Save(&c)
	if err := e.commitWith(ctx, events, &c); err != nil {
		return err
	}
	told.committed()
	for _, run := range heads {
		e.announce(run.ID, run.Priority)
	}
	return nil
}

// place adds a new run to the change, at the end of its lane, and says whether
// it may go on at once. One that failed before its first step has no lane.
func (e *Engine) place(ctx context.Context, c *ledger.Change, lanes *ledger.Lanes, told *notices, run *host.Run, ev *host.Event) (head bool, err error) {
	if run.State == host.RunFailed {
		return false, e.addFailed(ctx, c, told, run, ev)
	}
	c.AddRun(run)
	if head, err = lanes.Enter(ctx, c, run); err != nil {
		return false, fmt.Errorf("entering lane of run %s: %w", run.ID, err)
	}
	return head, nil
}

// commitWith commits the change together with what the events mean for the projection.
func (e *Engine) commitWith(ctx context.Context, events []host.Event, c *ledger.Change) error {
	if e.Projection == nil {
		return e.Ledger.Commit(ctx, c)
	}
	done, err := e.Projection.Project(ctx, events, c)
	if err != nil {
		return fmt.Errorf("projecting events: %w", err)
	}
	err = e.Ledger.Commit(ctx, c)
	done(err == nil)
	return err
}

// announce tells the feeder of a run that became ready. One that is still under
// way is launched again when it is over.
func (e *Engine) announce(run string, priority int) {
	if e.flight.note(run) {
		return
	}
	if priority == host.PriorityBackfill {
		e.later.add(run)
		return
	}
	e.ready.add(run)
}

// match returns a new run for every flow that takes the event.
func (e *Engine) match(ev *host.Event) []*host.Run {
	if ev.Completes != "" {
		return nil
	}
	var runs []*host.Run
	for _, s := range e.selected(ev) {
		runs = append(runs, e.newRun(&s, ev))
	}
	return runs
}

// selected are the flows that take the event; a schedule's event is meant for its own flow.
func (e *Engine) selected(ev *host.Event) []rules.Selected {
	set := e.Rules.Current()
	if ev.Origin != host.OriginSchedule {
		return set.Select(ruleEvent(ev))
	}
	flow := set.Flow(ev.Subject)
	if flow == nil || flow.On.Schedule == nil {
		return nil
	}
	if s, takes := flow.Select(ruleEvent(ev)); takes {
		return []rules.Selected{s}
	}
	return nil
}

func ruleEvent(ev *host.Event) *rules.Event {
	return &rules.Event{
		ID: ev.ID, Connection: ev.Connection, Source: ev.Source, Type: ev.Type, Subject: ev.Subject,
		Time: ev.Time, Received: ev.Received, Data: ev.Data,
	}
}

// newRun is a run of a flow for the event that it takes. Where the flow's
// condition cannot be evaluated it has failed, so that a person sees it.
func (e *Engine) newRun(s *rules.Selected, ev *host.Event) *host.Run {
	run := &host.Run{
		ID: e.NewID(), Flow: s.Flow.ID, Version: s.Flow.Version,
		Event: ev.ID, Connection: ev.Connection, Type: ev.Type, Subject: ev.Subject,
		Lane: ledger.LaneName(s.Flow.ID, s.Lane), State: host.RunQueued, Created: e.Now(),
	}
	if ev.Origin == host.OriginBackfill {
		run.Priority = host.PriorityBackfill
	}
	if s.Err != nil {
		run.State, run.Ended, run.Error, run.FailedStep = host.RunFailed, run.Created, abi.AsError(s.Err), pathWhen
	}
	return run
}
