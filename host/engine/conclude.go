package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// conclude records where the run stands after perform returned err.
func (x *execution) conclude(ctx context.Context, err error) error {
	if isUnrecorded(err) {
		return err
	}
	if stop, ok := errors.AsType[stopped](err); ok {
		x.run.Outcome = stop.reason
		err = nil
	}
	if rest, ok := errors.AsType[resting](err); ok {
		if rest.yields == nil {
			x.clearTrouble()
		}
		return x.rest(ctx, rest.until)
	}
	if hold, ok := errors.AsType[held](err); ok {
		return x.hold(ctx, hold.connection)
	}
	if err == nil {
		x.clearTrouble()
		return x.end(ctx, host.RunDone)
	}
	x.trouble(err)
	due, again := x.again()
	switch {
	case x.probed && tried(x.run.Error.Kind): // the host chose this run to see; that was no attempt of its own
		x.run.Attempt--
		return x.hold(ctx, x.down)
	case !again:
		return x.end(ctx, host.RunFailed)
	case x.down != "": // tried again when the connection works, not by a timer of its own
		return x.hold(ctx, x.down)
	default:
		return x.rest(ctx, due)
	}
}

func (x *execution) clearTrouble() {
	x.run.Attempt, x.run.Error, x.run.FailedStep, x.run.FailingSince = 0, nil, "", time.Time{}
}

// trouble notes why the run cannot go on.
func (x *execution) trouble(err error) {
	path := ""
	if at, ok := errors.AsType[*stepError](err); ok {
		path = at.path
	}
	if path != x.run.FailedStep {
		x.run.Attempt, x.run.FailingSince = 0, time.Time{}
	}
	if x.run.FailingSince.IsZero() {
		x.run.FailingSince = x.Now()
	}
	x.run.FailedStep, x.run.Error = path, abi.AsError(err)
	x.run.Attempt++
}

// again says whether and when the failed step is tried again.
func (x *execution) again() (time.Time, bool) {
	policy := x.Retry
	if x.flow != nil {
		policy = policy.with(x.flow.Retry)
	}
	delay, again := policy.next(x.run.Error, x.run.Attempt, x.Now().Sub(x.run.FailingSince), x.Jitter())
	return x.Now().Add(delay), again
}

// rest lets the run wait for a time; it keeps its place at the head of its lane.
func (x *execution) rest(ctx context.Context, until time.Time) error {
	x.run.Due = until
	err := x.await(ctx, func(c *ledger.Change) { c.SetTimer(x.run.ID, until) })
	if err == nil {
		x.timers.lower(timeMark(until))
	}
	return err
}

// hold lets the run wait until a connection works again; its place in the lane
// and its count of attempts stay. How long it may still be tried counts anew from
// then: an outage lasts as long as it lasts.
func (x *execution) hold(ctx context.Context, connection string) error {
	x.run.Held = connection
	if !x.works(connection) {
		x.run.FailingSince = time.Time{}
	}
	err := x.await(ctx, func(c *ledger.Change) { c.Hold(connection, x.run.ID) })
	if err == nil {
		x.tending.lower("")
	}
	return err
}

// await records that the run waits, and for what.
func (x *execution) await(ctx context.Context, what func(*ledger.Change)) error {
	x.run.State = host.RunWaiting
	err := x.commit(ctx, func(c *ledger.Change) error {
		c.Unready(&x.run.Run)
		what(c)
		return nil
	})
	if err != nil {
		return err
	}
	x.Observer.RunEnded(x.run.Flow, x.run.State, x.Now().Sub(x.run.Created))
	return nil
}

// end records the run's last state and lets the next run of its lane go on,
// unless the run failed and its flow says that order matters more.
func (x *execution) end(ctx context.Context, state host.RunState) error {
	x.run.State, x.run.Ended, x.run.Due = state, x.Now(), time.Time{}
	var next *ledger.Follower
	var told *notices
	err := x.commit(ctx, func(c *ledger.Change) (err error) {
		told = x.notices()
		c.Unready(&x.run.Run)
		if state == host.RunFailed {
			c.MarkFailed(x.run.ID)
			if err := told.failed(ctx, c, x.failure()); err != nil {
				return err
			}
		}
		if x.blocksLane(state) {
			return nil
		}
		lanes := x.Ledger.Lanes()
		next, err = lanes.Leave(ctx, c, &x.run.Run)
		lanes.Save(c)
		return err
	})
	if err != nil {
		return err
	}
	told.committed()
	if next != nil {
		x.announce(next.ID, next.Priority)
	}
	x.Observer.RunEnded(x.run.Flow, state, x.run.Ended.Sub(x.run.Created))
	return nil
}

// failure is what there is to say about this run, which failed.
func (x *execution) failure() failure {
	return failure{
		run: &x.run.Run, origin: x.event.Origin, flow: x.flow,
		connection: calledBy(x.recorded(x.run.FailedStep)),
	}
}

// blocksLane says whether the lane waits for a person. A run that has not begun
// holds nobody up. Where the flow can no longer be had as it was, what it says
// now counts.
func (x *execution) blocksLane(state host.RunState) bool {
	flow := x.flow
	if flow == nil {
		flow = x.Rules.Current().Flow(x.run.Flow)
	}
	return state == host.RunFailed && !x.run.Started.IsZero() && flow != nil && flow.OnFailure == rules.Block
}

// retryConflicts repeats a read-and-commit for as long as others get in between.
func retryConflicts(attempt func() error) error {
	for range maxConflicts {
		err := attempt()
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("after %d attempts: %w", maxConflicts, store.ErrConflict)
}
