package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// call performs a call step.
func (x *execution) call(ctx context.Context, path string, step *rules.Step, d *rules.Call, scope *rules.Scope, rec *host.StepRecord) error {
	input, err := callInput(d, scope, rec)
	if err != nil {
		return err
	}
	attempt := x.attempt(path, d.Connection, d.Action.Name, rec)
	attempt.Input = input
	output, err := x.act(ctx, d, attempt)
	if err != nil {
		return err
	}
	return x.finish(step, attempt, output, scope)
}

// act calls the action; one that changes something is one more write in the
// chain that led to it. What it writes to is the record whose id it takes, or
// else answers; a call without either, such as a message, ends the chain.
func (x *execution) act(ctx context.Context, d *rules.Call, rec *host.StepRecord) ([]byte, error) {
	if d.Action.Reads {
		return x.try(ctx, d.Connection, d.Action, rec)
	}
	write := x.loops.next(x.cause(), x.Now())
	to := recordOf(d.Connection, rec.Input)
	if err := x.loops.cut(x.cause(), d.Connection+" "+cmp.Or(to.ID, d.Action.Name), write); err != nil {
		return nil, err
	}
	if d.Connection == x.event.Connection && (to.ID != "" || x.cause().namedIn(rec.Input)) {
		if err := x.loops.turn(x.cause(), x.run.Flow, d.Action.Name, to.ID, x.Now()); err != nil {
			return nil, err
		}
	}
	if to.ID != "" { // before the call: its echo may be here before its answer
		x.loops.wrote(to, write)
		return x.try(ctx, d.Connection, d.Action, rec)
	}
	output, err := x.try(ctx, d.Connection, d.Action, rec)
	if to.ID = recordOf(d.Connection, output).ID; err == nil && to.ID != "" {
		x.loops.wrote(to, write)
	}
	return output, err
}

// recordOf is the record whose id is in an input or an output, with the object that
// it is of; its id is "" if there is none.
func recordOf(connection string, raw []byte) host.Ref {
	var record struct {
		Object json.RawMessage `json:"object"`
		ID     json.RawMessage `json:"id"`
	}
	if json.Unmarshal(raw, &record) != nil { // a list, or nothing
		return host.Ref{Connection: connection}
	}
	return host.Ref{Connection: connection, Object: textOf(record.Object), ID: textOf(record.ID)}
}

// textOf is a text, or a whole number as one; "" for all else.
func textOf(raw json.RawMessage) (text string) {
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	if _, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return string(raw)
	}
	return ""
}

// callInput is the input of the first attempt for as long as that one's
// outcome is unknown, so that a repetition asks for the very same thing.
func callInput(d *rules.Call, scope *rules.Scope, rec *host.StepRecord) ([]byte, error) {
	if rec != nil && rec.State == host.StepStarted {
		return rec.Input, nil
	}
	if d.With == nil {
		return []byte("{}"), nil
	}
	return d.With.JSON(scope)
}

// attempt begins a new try of a step, or continues one whose outcome is unknown.
// Only that one may have been carried out, so it says since when.
func (x *execution) attempt(path, connection, action string, rec *host.StepRecord) *host.StepRecord {
	next := &host.StepRecord{Path: path, Call: connection + "." + action, Started: x.Now()}
	if rec != nil {
		next.Seq, next.Attempts, next.State = rec.Seq, rec.Attempts, rec.State
	}
	if next.State == host.StepStarted {
		next.Started = rec.Started
	}
	next.Attempts++
	return next
}

// try calls the action once. An action that changes something is journaled as
// started before it goes out, so that a crash leaves a trace; the next attempt
// then asks whether it was carried out before it repeats it.
func (x *execution) try(ctx context.Context, connection string, action *abi.Action, rec *host.StepRecord) ([]byte, error) {
	in := host.Invocation{
		Connection: connection, Op: abi.OpAction, Name: action.Name,
		Input: rec.Input, IdempotencyKey: idempotencyKey(&x.run.Run, rec.Path), Step: stepKey(x.run.ID, rec.Path), Flow: x.run.Flow,
	}
	if rec.Attempts > 1 {
		in.Since = rec.Started
	}
	if action.Reads {
		return x.invoke(ctx, in, rec)
	}
	if rec.State == host.StepStarted {
		output, done, err := x.confirm(ctx, in, action, rec)
		if done || err != nil {
			return output, err
		}
	}
	unsure := rec.State == host.StepStarted && action.Idempotent // an earlier attempt's outcome was not asked for
	rec.State = host.StepStarted
	started := *rec
	x.record(&started)
	rec.Seq = started.Seq
	if err := x.flush(ctx); err != nil {
		if !unsure {
			x.unsent(rec)
		}
		return nil, err
	}
	output, err := x.invoke(ctx, in, rec)
	_, waits := errors.AsType[held](err)
	switch {
	case waits && !unsure:
		x.unsent(rec)
	case !waits && err != nil && unsure && action.IdempotentFor > 0:
		x.leaveOpen(rec, err)
	}
	return output, err
}

// leaveOpen journals an attempt that came to nothing, or to no answer, as one
// whose outcome is unknown: an earlier one's still is.
func (x *execution) leaveOpen(rec *host.StepRecord, why error) {
	record := *rec
	record.State, record.Error, record.Ended = host.StepStarted, abi.AsError(why), x.Now()
	x.record(&record)
}

// unsent journals that a call did not go out: its connection stopped working
// after the call was journaled as started, or the host was stopped. Without it the next attempt would
// look at the platform for what was never sent, and might find another's.
func (x *execution) unsent(rec *host.StepRecord) {
	record := *rec
	record.State, record.Ended = host.StepFailed, x.Now()
	record.Attempts--
	record.Error = &abi.Error{Kind: abi.Unavailable, Code: host.CodeHeld, Message: "the connection does not work just now, or the host was stopped; the call was not sent"}
	x.record(&record)
}

// invoke calls the plugin and journals a failure: as failed when nothing was
// done, as still started when nobody knows.
func (x *execution) invoke(ctx context.Context, in host.Invocation, rec *host.StepRecord) ([]byte, error) {
	begun := x.Now()
	in.Keep = x.keep(in.Connection, rec.Path)
	output, err := x.ask(ctx, in)
	if isControl(err) {
		return nil, err
	}
	x.Observer.CallEnded(in.Connection, in.Name, abi.KindOf(err), x.Now().Sub(begun))
	if err == nil || ctx.Err() != nil {
		return output, err
	}
	failed := *rec
	failed.Error, failed.Ended = abi.AsError(err), x.Now()
	if failed.Error.Kind != abi.Unknown || rec.State != host.StepStarted {
		failed.State = host.StepFailed
	}
	x.record(&failed)
	if failed.Error.Code == host.CodeYields && host.IsBackground(ctx) { // no attempt: it let others go first
		return nil, resting{until: x.Now().Add(failed.Error.RetryAfter()), yields: failed.Error}
	}
	return nil, err
}

// ask calls the plugin, and notes whether the connection was found not to work.
func (x *execution) ask(ctx context.Context, in host.Invocation) ([]byte, error) {
	worked := x.works(in.Connection)
	output, err := x.reach(ctx, in)
	if err == nil || isControl(err) || x.works(in.Connection) {
		return output, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.down, x.probed = in.Connection, x.probed || !worked
	return output, err
}

func (e *Engine) works(connection string) bool {
	return e.ConnectionStatus(connection).State == host.ConnectionReady
}

// confirm finds out whether an attempt without an answer was carried out. An
// action that may be repeated is simply repeated; one that may not, or no more,
// and cannot be looked up is left to a person.
func (x *execution) confirm(ctx context.Context, in host.Invocation, action *abi.Action, rec *host.StepRecord) (output []byte, done bool, err error) {
	life := time.Duration(action.IdempotentFor) * time.Second
	switch {
	case action.Idempotent && (life == 0 || x.Now().Sub(rec.Started) < life):
		return nil, false, nil
	case !action.Confirms:
		why := &abi.Error{Kind: abi.Conflict, Code: host.CodeNoAnswer, Message: fmt.Sprintf(
			"%s was called at %s and no answer came; whether it was carried out cannot be found out from here: look at the platform, then run again or cancel",
			rec.Call, rec.Started.Format(time.RFC3339))}
		x.leaveOpen(rec, why)
		return nil, false, why
	}
	in.Op = abi.OpConfirm
	in.Since = rec.Started
	in.Keep = x.keep(in.Connection, rec.Path)
	raw, err := x.ask(ctx, in)
	if err != nil {
		return nil, false, fmt.Errorf("finding out whether %s was carried out: %w", rec.Call, err)
	}
	var answer abi.Confirmation
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, false, fmt.Errorf("reading the confirmation of %s: %w", rec.Call, err)
	}
	return answer.Output, answer.Done, nil
}

// finish journals a step's result and lets later steps see it.
func (x *execution) finish(step *rules.Step, rec *host.StepRecord, output []byte, scope *rules.Scope) error {
	done := *rec
	done.State, done.Output, done.Error, done.Ended = host.StepDone, output, nil, x.Now()
	if err := scope.Bind(step, output); err != nil {
		return err
	}
	x.record(&done)
	return nil
}

// idempotencyKey names a step of a run, item included, for platforms that drop
// repetitions: the same for every attempt, another once a person had the run
// begin again, which is to do everything again. It has the form of a UUID, which
// some of them demand.
func idempotencyKey(run *host.Run, path string) string {
	if run.Beginnings > 0 {
		path += "\x00" + strconv.Itoa(run.Beginnings)
	}
	return stepKey(run.ID, path)
}

// stepKey names a step of a run, whoever asks and however often. What the run
// claimed when it began first is still its own when it begins again.
func stepKey(run, path string) string {
	name := run + "\x00" + path
	sum := sha256.Sum256([]byte(name))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80 // version 8 (custom), RFC 9562 variant
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// isNotFound says whether a platform answered that the record is not there.
func isNotFound(err error) bool {
	e, ok := errors.AsType[*abi.Error](err)
	return ok && e.Kind == abi.NotFound
}
