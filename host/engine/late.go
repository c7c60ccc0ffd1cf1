package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Missed says whether a flow that is in force would start on an event that was
// matched without it: it was written or switched on later, or its condition is
// another now. An event that the flow has a run of is not missed, whatever
// became of that run; nor is one from before the oldest runs that are kept, of
// which nobody knows any more.
func (e *Engine) Missed(ctx context.Context, flow string, ev *host.Event) (bool, error) {
	s, err := e.missed(ctx, flow, ev)
	return s != nil, err
}

func (e *Engine) missed(ctx context.Context, flow string, ev *host.Event) (*rules.Selected, error) {
	f := e.Rules.Current().Flow(flow)
	if f == nil || f.Off || f.On.Event == "" || f.On.Event != ev.Type || f.On.Connection != ev.Connection ||
		ev.Completes != "" || ev.Origin == host.OriginSchedule {
		return nil, nil
	}
	if swept, err := e.Ledger.RunsSwept(ctx); ev.ID < swept || err != nil {
		return nil, err
	}
	if matched, err := e.left(ctx, ev.ID); !matched || err != nil {
		return nil, err
	}
	runs, err := e.Ledger.RunsOf(ctx, ev.ID) // after it left the inbox: it gets no others by itself
	if err != nil {
		return nil, fmt.Errorf("looking for runs of event %s: %w", ev.ID, err)
	}
	if slices.ContainsFunc(runs, func(r host.Run) bool { return r.Flow == flow }) {
		return nil, nil
	}
	s, takes := f.Select(ruleEvent(ev))
	if !takes {
		return nil, nil
	}
	return &s, nil
}

// RunMissed starts the run that a flow missed, as if the event were matched now,
// but behind what happens now. An event that the flow did not miss is refused
// with kind Conflict: however often it is asked for, there is one run.
func (e *Engine) RunMissed(ctx context.Context, flow, event string) error {
	e.late.Lock()
	defer e.late.Unlock()
	var run *host.Run
	var head bool
	err := retryConflicts(func() (err error) {
		run, head, err = e.addMissed(ctx, flow, event)
		return err
	})
	if err != nil {
		return fmt.Errorf("running flow %s for event %s: %w", flow, event, err)
	}
	if head {
		e.announce(run.ID, run.Priority)
	}
	return nil
}

func (e *Engine) addMissed(ctx context.Context, flow, event string) (run *host.Run, head bool, err error) {
	ev, err := e.Ledger.Event(ctx, event)
	if err != nil {
		return nil, false, err
	}
	s, err := e.missed(ctx, flow, &ev)
	if err != nil {
		return nil, false, err
	}
	if s == nil {
		return nil, false, &abi.Error{Kind: abi.Conflict, Message: fmt.Sprintf("flow %s does not start on event %s, or has run for it", flow, event)}
	}
	run = e.newRun(s, &ev)
	run.Priority = host.PriorityBackfill
	var c ledger.Change
	lanes, told := e.Ledger.Lanes(), e.notices()
	if head, err = e.place(ctx, &c, lanes, told, run, &ev); err != nil {
		return nil, false, err
	}
	e.Sign(ctx, &c, host.ActRun, event, flow)
	lanes.Save(&c)
	if err := e.Ledger.Commit(ctx, &c); err != nil {
		return nil, false, err
	}
	told.committed()
	return run, head, nil
}
