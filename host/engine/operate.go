package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Rerun lets a run that failed or was cancelled run again, from the place that
// again says. A run that is open, or done, is refused with kind Conflict.
func (e *Engine) Rerun(ctx context.Context, id string, again host.Rerun) error {
	var run ledger.RunRow
	err := retryConflicts(func() (err error) {
		var c ledger.Change
		if run, err = e.revive(ctx, &c, id, again); err != nil {
			return err
		}
		e.Sign(ctx, &c, host.ActRerun, id, again.String())
		return e.reenter(ctx, &c, &run.Run)
	})
	if err != nil {
		return fmt.Errorf("running %s again: %w", id, err)
	}
	e.announce(run.ID, run.Priority)
	return nil
}

func (e *Engine) revive(ctx context.Context, c *ledger.Change, id string, again host.Rerun) (ledger.RunRow, error) {
	run, err := e.Ledger.RunRow(ctx, id)
	if err != nil {
		return run, err
	}
	if run.State != host.RunFailed && run.State != host.RunCancelled {
		return run, &abi.Error{Kind: abi.Conflict, Message: fmt.Sprintf(
			"run %s is %s: only a failed or cancelled run can run again", id, run.State)}
	}
	if err := e.rewind(ctx, c, &run, again.How); err != nil {
		return run, err
	}
	if err := e.relane(ctx, &run.Run); err != nil {
		return run, err
	}
	run.Reruns++ // whoever still has the run as it was must not take it for the same
	run.State, run.Ended, run.Due = host.RunQueued, time.Time{}, time.Time{}
	run.Attempt, run.FailingSince, run.FailedStep, run.Error, run.Outcome = 0, time.Time{}, "", nil, ""
	if len(again.Connections) > 0 {
		run.Connections = maps.Clone(run.Connections)
		if run.Connections == nil {
			run.Connections = make(map[string]string, len(again.Connections))
		}
		maps.Copy(run.Connections, again.Connections)
	}
	c.UnmarkFailed(run.ID)
	c.ReplaceRun(&run)
	return run, nil
}

// relane finds the lane of a run that never began, because its flow could not
// say whether it takes the event, or in which order.
func (e *Engine) relane(ctx context.Context, run *host.Run) error {
	if !run.Started.IsZero() || run.FailedStep != pathWhen {
		return nil
	}
	flow, err := e.Rules.Flow(ctx, run.Flow, run.Version)
	if abi.KindOf(err) == abi.Config { // the run will say so
		return nil
	}
	if err != nil {
		return err
	}
	event, err := e.Ledger.Event(ctx, run.Event)
	if err != nil {
		return fmt.Errorf("reading event %s: %w", run.Event, err)
	}
	if s, takes := flow.Select(ruleEvent(&event)); takes && s.Err == nil {
		run.Lane = ledger.LaneName(flow.ID, s.Lane)
	}
	return nil
}

// rewind prepares the journal for the way of running again.
func (e *Engine) rewind(ctx context.Context, c *ledger.Change, run *ledger.RunRow, how host.Restart) error {
	switch how {
	case host.RestartStep, "":
		return e.settleOpen(ctx, c, run)
	case host.RestartNewest:
		flow := e.Rules.Current().Flow(run.Flow)
		if flow == nil {
			return &abi.Error{Kind: abi.Config, Message: "flow " + run.Flow + " is no longer among the rules"}
		}
		run.Version = flow.Version
	case host.RestartBegin:
	default:
		return &abi.Error{Kind: abi.Invalid, Message: fmt.Sprintf("no way to run again is called %q: use step, begin or newest", how)}
	}
	run.Beginnings++
	steps, err := e.shorten(ctx, run)
	if err == nil {
		err = e.forgetSteps(ctx, c, run, steps)
	}
	if err != nil {
		return fmt.Errorf("forgetting the journal: %w", err)
	}
	return nil
}

// forgetSteps deletes part of a journal, with what the steps claimed to do once
// only: newer rules may have another name for the step that claims it again.
func (e *Engine) forgetSteps(ctx context.Context, c *ledger.Change, run *ledger.RunRow, steps []host.StepRecord) error {
	for i := range steps {
		s := &steps[i]
		c.DropStep(s)
		if s.Call != host.Builtin+"."+host.ActionClaim || len(s.Input) == 0 {
			continue
		}
		var claimed struct {
			Key string `json:"key"`
		}
		if err := json.Unmarshal(s.Input, &claimed); err != nil {
			return fmt.Errorf("reading what %s claimed: %w", s.Path, err)
		}
		if err := e.Ledger.Disclaim(ctx, c, run.Flow, claimed.Key, stepKey(run.ID, s.Path)); err != nil {
			return fmt.Errorf("giving back what %s claimed: %w", s.Path, err)
		}
	}
	return nil
}

// settleOpen takes a step for not carried out that was left to a person because
// nobody could tell: to run it again is the answer.
func (e *Engine) settleOpen(ctx context.Context, c *ledger.Change, run *ledger.RunRow) error {
	if run.Error == nil {
		return nil
	}
	steps, err := e.Ledger.Steps(ctx, run.ID)
	if err != nil {
		return fmt.Errorf("reading the journal: %w", err)
	}
	for i := range steps {
		if s := &steps[i]; s.State == host.StepStarted && s.Error != nil && s.Error.Code == host.CodeNoAnswer {
			s.State, s.Attempts = host.StepFailed, 0
			s.Started = e.Now()
			c.PutStep(s)
		}
	}
	return nil
}

// shorten deletes the end of a journal that is longer than one commit may
// delete, for as long as nobody touches the run, and returns the beginning: what
// is left is a journal that could go on from there.
func (e *Engine) shorten(ctx context.Context, run *ledger.RunRow) ([]host.StepRecord, error) {
	steps, err := e.Ledger.Steps(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	stored := *run
	if stored.Run, err = e.Ledger.Run(ctx, run.ID); err != nil { // as it was before this restart changed it
		return nil, err
	}
	for len(steps) > forgetBatch {
		var c ledger.Change
		c.ReplaceRun(&stored)
		if err := e.forgetSteps(ctx, &c, run, steps[len(steps)-forgetBatch:]); err != nil {
			return nil, err
		}
		if err := e.Ledger.Commit(ctx, &c); err != nil {
			return nil, err
		}
		stored.Settle()
		steps = steps[:len(steps)-forgetBatch]
	}
	return steps, nil
}

// reenter puts the run back into its lane: at the head if it still blocks it,
// else at the end.
func (e *Engine) reenter(ctx context.Context, c *ledger.Change, run *host.Run) error {
	lanes := e.Ledger.Lanes()
	if err := lanes.Reenter(ctx, c, run); err != nil {
		return err
	}
	lanes.Save(c)
	return e.Ledger.Commit(ctx, c)
}

// Cancel ends a run for good: one that waits or is queued at once, a failed
// one that blocks its lane by releasing the lane, one whose step is under way
// as soon as that step is over. A run that is over is refused with kind Conflict.
func (e *Engine) Cancel(ctx context.Context, id string) error {
	var next *ledger.Follower
	var run ledger.RunRow
	err := retryConflicts(func() (err error) {
		run, err = e.Ledger.RunRow(ctx, id)
		if err != nil {
			return err
		}
		if run.State == host.RunDone || run.State == host.RunCancelled {
			return &abi.Error{Kind: abi.Conflict, Message: fmt.Sprintf("run %s is %s already", id, run.State)}
		}
		next, err = e.cancelRun(ctx, &run)
		return err
	})
	if err != nil {
		return fmt.Errorf("cancelling %s: %w", id, err)
	}
	if next != nil {
		e.announce(next.ID, next.Priority)
	}
	e.announce(id, run.Priority) // it leaves its lane, if it has not
	return nil
}

func (e *Engine) cancelRun(ctx context.Context, run *ledger.RunRow) (next *ledger.Follower, err error) {
	var c ledger.Change
	if run.State == host.RunWaiting {
		c.CancelTimer(ledger.Timer{Due: run.Due, Run: run.ID})
		c.Unhold(run.Held, run.ID)
	}
	if run.State == host.RunFailed {
		c.UnmarkFailed(run.ID)
	}
	e.Sign(ctx, &c, host.ActCancel, run.ID, "")
	underWay := (run.State == host.RunQueued || run.State == host.RunRunning) && e.flight.has(run.ID)
	run.State, run.Ended, run.Due, run.Held = host.RunCancelled, e.Now(), time.Time{}, ""
	c.ReplaceRun(run)
	if underWay { // who is behind it waits until its step is over: see dropReady
		return nil, e.Ledger.Commit(ctx, &c)
	}
	c.Unready(&run.Run)
	lanes := e.Ledger.Lanes()
	if next, err = lanes.Leave(ctx, &c, &run.Run); err != nil {
		return nil, err
	}
	if next == nil {
		if err := lanes.Forget(ctx, &c, &run.Run); err != nil {
			return nil, err
		}
	}
	lanes.Save(&c)
	return next, e.Ledger.Commit(ctx, &c)
}

// Replay takes a dead letter up again, after the connector or the settings
// were mended. It stays a dead letter if it still cannot be parsed.
func (e *Engine) Replay(ctx context.Context, id string) (host.Receipt, error) {
	letter, err := e.Ledger.Dead(ctx, id)
	if err != nil {
		return host.Receipt{}, err
	}
	receipt, state, err := e.parse(ctx, &letter.Delivery)
	if err != nil {
		return host.Receipt{}, fmt.Errorf("replaying dead letter %s: %w", id, err)
	}
	events := make([]host.Event, 0, len(receipt.Events))
	for i := range receipt.Events {
		events = append(events, e.envelope(letter.Delivery.Connection, host.OriginReplay, &receipt.Events[i]))
	}
	letter.Replayed = e.Now()
	return e.acceptWith(ctx, events, func(c *ledger.Change) {
		e.Sign(ctx, c, host.ActReplay, id, "")
		c.PutDead(&letter)
		c.PutState(letter.Delivery.Connection, state)
	})
}

// Dismiss says that there is nothing in a dead letter, such as a scanner's post:
// nobody has to look at it any more. The same content that comes again is a letter
// of its own. One that is dealt with already is refused with kind Conflict.
func (e *Engine) Dismiss(ctx context.Context, id string) error {
	letter, err := e.Ledger.Dead(ctx, id)
	if err != nil {
		return err
	}
	if !letter.Open() {
		return &abi.Error{Kind: abi.Conflict, Message: fmt.Sprintf("delivery %s was replayed or dismissed already", id)}
	}
	letter.Dismissed = e.Now()
	var c ledger.Change
	e.Sign(ctx, &c, host.ActDismiss, id, "")
	c.PutDead(&letter)
	return e.Ledger.Commit(ctx, &c)
}
