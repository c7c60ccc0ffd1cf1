package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// execution is one run under way. Steps that foreach runs side by side share
// it, so what is below mu is guarded.
type execution struct {
	*Engine

	run   ledger.RunRow
	flow  *rules.Flow
	event host.Event
	// cause is the event as writes know it.
	cause func() cause
	// fresh says that no step was begun before.
	fresh bool

	// linkMu is held by who adds a link.
	linkMu sync.Mutex
	mu     sync.Mutex
	// journal holds every step that was recorded, by path.
	journal map[string]*host.StepRecord
	// pending are records that the next commit takes along: results of steps
	// that changed nothing, which a crash may make us read again.
	pending []*host.StepRecord
	// extras are other rows that belong to pending records: emitted events, state of plugins.
	extras []func(*ledger.Change)
	after  []func()
	// linking is a link that belongs to a pending record. What the two records are
	// linked with otherwise is looked up by the commit: other runs link, too.
	linking *pendingLink
	// kept is what plugins want to remember of calls whose step is not recorded
	// yet, by the step's path.
	kept map[string][]func(*ledger.Change)
	// urgent says that state of plugins is pending: other runs' calls see it only
	// once it is written.
	urgent bool
	seq    int
	// weight is about how many bytes are pending.
	weight int
	// down is the connection that a call just found not to work; probed says that
	// the call went out to see whether it works again.
	down   string
	probed bool
}

// execute brings the run as far as it goes now: to its end, to a wait or to a
// failed attempt, and records which. An error means that nothing could be
// recorded and the run is to be executed again.
func (e *Engine) execute(ctx context.Context, id string) error {
	x, err := e.begin(ctx, id)
	if err != nil || x == nil {
		return err
	}
	if x.run.Priority == host.PriorityBackfill {
		ctx = host.Background(ctx)
	}
	err = x.perform(ctx)
	if ctx.Err() != nil { // interrupted: goes on at the next start
		x.part(ctx)
		return ctx.Err()
	}
	err = x.conclude(ctx, err)
	switch {
	case errors.Is(err, store.ErrConflict), errors.Is(err, errChanged):
		return x.overtaken(ctx, err)
	case errors.Is(err, store.ErrInvalid):
		return e.giveUp(ctx, id, err)
	}
	return err
}

// overtaken explains a conflict: a person cancelled the run meanwhile, which is
// the end of it here, or the host lost its store to another one.
func (x *execution) overtaken(ctx context.Context, conflict error) error {
	run, err := x.Ledger.Run(ctx, x.run.ID)
	if err != nil || (run.State != host.RunCancelled && run.Reruns == x.run.Reruns) {
		return conflict
	}
	x.Logger.Info("run was cancelled while a step was under way", "run", run.ID)
	return nil
}

// giveUp fails a run whose next commit the store would never take, so that a
// person sees it. What that commit held is lost; what was journaled before stays.
func (e *Engine) giveUp(ctx context.Context, id string, invalid error) error {
	x, err := e.begin(ctx, id)
	if err != nil || x == nil {
		return errors.Join(invalid, err)
	}
	if err := x.load(ctx); isUnrecorded(err) {
		return errors.Join(invalid, err)
	}
	x.trouble(&abi.Error{Kind: abi.Internal, Message: "the engine cannot record what this run did: " + invalid.Error()})
	return x.end(ctx, host.RunFailed)
}

// begin loads the run. It returns nil if there is nothing to execute: the run
// ended or waits, and only its ready row is left over.
func (e *Engine) begin(ctx context.Context, id string) (*execution, error) {
	run, err := e.Ledger.RunRow(ctx, id)
	if errors.Is(err, host.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading run %s: %w", id, err)
	}
	if run.State != host.RunQueued && run.State != host.RunRunning {
		return nil, e.dropReady(ctx, run.ID)
	}
	x := &execution{Engine: e, run: run, journal: make(map[string]*host.StepRecord)}
	if x.event, err = e.Ledger.Event(ctx, run.Event); err != nil {
		return nil, fmt.Errorf("reading event %s: %w", run.Event, err)
	}
	x.cause = sync.OnceValue(func() cause { return causeOf(&x.event) })
	if x.run.Started.IsZero() {
		x.run.Started, x.fresh = e.Now(), true
		return x, nil
	}
	err = x.recall(ctx)
	return x, err
}

// dropReady takes a run that has nothing to do off the list of those that have,
// unless a person had it go again just now. One that was cancelled while its step
// was under way leaves its lane with that.
func (e *Engine) dropReady(ctx context.Context, id string) error {
	var next *ledger.Follower
	err := retryConflicts(func() error {
		next = nil
		run, err := e.Ledger.RunRow(ctx, id)
		if err != nil || run.State == host.RunQueued || run.State == host.RunRunning {
			return err // whoever changed it announces it
		}
		var c ledger.Change
		c.ReplaceRun(&run)
		c.Unready(&run.Run)
		lanes := e.Ledger.Lanes()
		if run.State == host.RunCancelled {
			if next, err = lanes.Leave(ctx, &c, &run.Run); err != nil {
				return err
			}
		}
		lanes.Save(&c)
		return e.Ledger.Commit(ctx, &c)
	})
	if err == nil && next != nil {
		e.announce(next.ID, next.Priority)
	}
	return err
}

// recall reads the journal of a run that began earlier.
func (x *execution) recall(ctx context.Context) error {
	steps, err := x.Ledger.Steps(ctx, x.run.ID)
	if err != nil {
		return fmt.Errorf("reading the journal of run %s: %w", x.run.ID, err)
	}
	for i := range steps {
		x.journal[steps[i].Path] = &steps[i]
		x.seq = max(x.seq, steps[i].Seq)
	}
	return nil
}

// perform runs the flow's steps. A fault in our own code fails the run, not the host.
func (x *execution) perform(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &abi.Error{Kind: abi.Internal, Message: fmt.Sprintf("the engine failed at this run: %v", r)}
		}
	}()
	if err := x.load(ctx); err != nil {
		return err
	}
	if err := x.enters(); err != nil {
		return err
	}
	scope, err := x.flow.Begin(ruleEvent(&x.event))
	if err != nil {
		return err
	}
	return x.steps(ctx, "", x.flow.Rewired(x.run.Connections).Steps, scope)
}

// load finds the run's version of its flow. That the store cannot be read just
// now is no fault of the run.
func (x *execution) load(ctx context.Context) (err error) {
	x.flow, err = x.Rules.Flow(ctx, x.run.Flow, x.run.Version)
	if err != nil && abi.KindOf(err) != abi.Config {
		return &unrecorded{err}
	}
	return err
}

// enters asks the flow's condition of a run that goes again and never began: it
// may have failed because of just that.
func (x *execution) enters() error {
	if !x.fresh || x.run.Reruns == 0 {
		return nil
	}
	s, takes := x.flow.Select(ruleEvent(&x.event))
	switch {
	case !takes:
		return stopped{"the flow's condition does not hold for this event"}
	case s.Err != nil:
		x.run.Started = time.Time{} // it has not begun
		return &stepError{path: pathWhen, err: s.Err}
	}
	return nil
}

// pathWhen is where a run failed whose flow's condition or key has no value for its event.
const pathWhen = "when"

// What a step can return besides failing: the run is over, rests until a time,
// or (see held) waits for a connection.
type (
	stopped struct{ reason string }
	resting struct {
		until time.Time
		// yields says why, if the run lets others go first; nil if it waits as its flow says.
		yields *abi.Error
	}
)

func (s stopped) Error() string { return "stopped: " + s.reason }
func (r resting) Error() string { return "resting until " + r.until.Format(time.RFC3339) }
func (r resting) Unwrap() error {
	if r.yields == nil {
		return nil
	}
	return r.yields
}

// stepError says which step an error belongs to.
type stepError struct {
	path string
	err  error
}

func (s *stepError) Error() string { return s.err.Error() }
func (s *stepError) Unwrap() error { return s.err }

// steps performs one list of steps in order. prefix stands before their paths
// in the journal when they belong to an item of a foreach or to a sub-flow.
func (x *execution) steps(ctx context.Context, prefix string, steps []*rules.Step, scope *rules.Scope) error {
	for _, step := range steps {
		err := x.step(ctx, prefix, step, scope)
		if err == nil {
			err = x.lighten(ctx)
		}
		if err != nil {
			if _, named := errors.AsType[*stepError](err); named || isControl(err) {
				return err
			}
			return &stepError{path: prefix + step.Path, err: err}
		}
	}
	return nil
}

func isControl(err error) bool {
	if _, ok := errors.AsType[stopped](err); ok {
		return true
	}
	if _, ok := errors.AsType[held](err); ok {
		return true
	}
	_, ok := errors.AsType[resting](err)
	return ok
}

// step performs one step, or takes its result from the journal.
func (x *execution) step(ctx context.Context, prefix string, step *rules.Step, scope *rules.Scope) error {
	path := prefix + step.Path
	rec := x.recorded(path)
	if rec == nil || rec.State == host.StepFailed {
		takes, err := holds(step.When, scope)
		if err != nil {
			return err
		}
		if !takes {
			x.record(&host.StepRecord{Path: path, State: host.StepSkipped, Started: x.Now(), Ended: x.Now()})
			return nil
		}
	}
	switch {
	case rec == nil:
	case rec.State == host.StepSkipped:
		return nil
	case rec.State == host.StepDone:
		if err := scope.Bind(step, rec.Output); err != nil {
			return err
		}
	}
	return x.do(ctx, prefix, step, scope, rec)
}

func holds(c *rules.Condition, scope *rules.Scope) (bool, error) {
	if c == nil {
		return true, nil
	}
	return c.Holds(scope)
}

// do performs what kind of step it is. Steps with inner steps are walked even
// if they are done: the inner ones bind names that later steps use.
func (x *execution) do(ctx context.Context, prefix string, step *rules.Step, scope *rules.Scope, rec *host.StepRecord) error {
	path := prefix + step.Path
	done := rec != nil && rec.State == host.StepDone
	switch d := step.Do.(type) {
	case *rules.Switch:
		return x.choose(ctx, prefix, d, scope)
	case *rules.Foreach:
		if d.Pages != nil {
			return x.eachPage(ctx, path, d, scope, rec)
		}
		return x.each(ctx, path, d, scope)
	case *rules.SubFlow:
		return x.enter(ctx, path, d, scope)
	case *rules.Assign:
		return x.assign(step, d, scope)
	case *rules.Stop:
		return x.stop(d, scope)
	case *rules.Fail:
		return x.fail(d, scope)
	}
	if done {
		return nil
	}
	switch d := step.Do.(type) {
	case *rules.Call:
		return x.call(ctx, path, step, d, scope, rec)
	case *rules.Upsert:
		return x.upsert(ctx, path, step, d, scope, rec)
	case *rules.Wait:
		return x.wait(path, step, d, scope, rec)
	case *rules.Link:
		return x.link(ctx, path, d, scope)
	case *rules.Linked:
		return x.linked(ctx, path, step, d, scope)
	case *rules.Emit:
		return x.emit(path, d, scope)
	default:
		return &abi.Error{Kind: abi.Unsupported, Message: fmt.Sprintf("this host does not know the step %T", step.Do)}
	}
}
