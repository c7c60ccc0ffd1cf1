package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// choose performs the first case that holds. Conditions see only what is
// journaled, so a resumed run takes the same branch.
func (x *execution) choose(ctx context.Context, prefix string, d *rules.Switch, scope *rules.Scope) error {
	for i := range d.Cases {
		takes, err := holds(d.Cases[i].When, scope)
		if err != nil {
			return err
		}
		if takes {
			return x.steps(ctx, prefix, d.Cases[i].Steps, scope)
		}
	}
	return x.steps(ctx, prefix, d.Otherwise, scope)
}

// enter performs another flow's steps as part of this run, under paths of
// their own. A stop step in there ends the other flow only.
func (x *execution) enter(ctx context.Context, path string, d *rules.SubFlow, scope *rules.Scope) error {
	params := []byte("{}")
	if d.Params != nil {
		var err error
		if params, err = d.Params.JSON(scope); err != nil {
			return err
		}
	}
	inner, err := d.Enter(scope, params)
	if err != nil {
		return err
	}
	err = x.steps(ctx, path+"/", d.Flow.Steps, inner)
	if _, over := errors.AsType[stopped](err); over {
		return nil
	}
	return err
}

// each performs the inner steps for every item, each under its own paths, so
// that a resumed run goes on with the items that are left.
func (x *execution) each(ctx context.Context, path string, d *rules.Foreach, scope *rules.Scope) error {
	items, err := d.In.Items(scope)
	if err != nil {
		return err
	}
	all := make([]item, len(items))
	for i, data := range items {
		all[i] = item{i, data}
	}
	faults, err := x.items(ctx, path+"[", d, all, scope)
	if err != nil {
		return err
	}
	return faults.sum(len(items))
}

// item is one item of a list, with its place in it.
type item struct {
	Place int             `json:"place"`
	Data  json.RawMessage `json:"data"`
}

// items performs the inner steps for some items, as many at once as the flow
// says. An item that waits is one of them: others begin beside it while there
// is room. The paths of their steps begin with prefix and the item's place.
func (x *execution) items(ctx context.Context, prefix string, d *rules.Foreach, items []item, scope *rules.Scope) (*faults, error) {
	var group errgroup.Group
	faults := newFaults(d)
	for _, it := range items {
		if !faults.room() {
			break
		}
		group.Go(func() error {
			inner := scope.Fork()
			err := inner.BindName(d.As, d.Item, it.Data)
			if err == nil {
				err = x.steps(ctx, prefix+strconv.Itoa(it.Place)+"].", d.Steps, inner)
			}
			if err != nil && ctx.Err() != nil { // the host stops: that is no fault of the item
				err = &unrecorded{ctx.Err()}
			}
			faults.add(it.Place, err)
			return nil
		})
	}
	return faults, group.Wait()
}

// faults gathers what went wrong with the items of a foreach, and says whether
// another may begin.
type faults struct {
	keepGoing bool
	// places has a token for every item that is begun and not over.
	places chan struct{}
	// halted is closed when no further item may begin.
	halted chan struct{}
	halt   func()

	mu sync.Mutex
	// failed are the items, by place, that are not tried again by themselves.
	failed map[int]error
	// whole is a fault that concerns the run and not one item, at the place of one.
	whole   error
	at      int
	resting int
}

func newFaults(d *rules.Foreach) *faults {
	f := &faults{
		keepGoing: d.Continue, failed: make(map[int]error),
		places: make(chan struct{}, max(1, d.Concurrency)), halted: make(chan struct{}),
	}
	f.halt = sync.OnceFunc(func() { close(f.halted) })
	return f
}

// room waits until another item may begin. It is false when none may any more.
func (f *faults) room() bool {
	select {
	case <-f.halted:
		return false
	case f.places <- struct{}{}:
	}
	select {
	case <-f.halted:
		return false
	default:
		return true
	}
}

// add counts an item in that came to an end, or as far as it can just now.
func (f *faults) add(place int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		<-f.places
		return
	}
	// A wait, a retry or a store fault concerns the whole run: it comes again here.
	whole := isControl(err) || tried(abi.KindOf(err)) || isUnrecorded(err)
	switch {
	case !whole:
		f.failed[place] = err
	case f.whole == nil || sooner(err, f.whole, place < f.at):
		f.whole, f.at = err, place
	}
	if _, rests := errors.AsType[resting](err); rests { // its place stays taken
		if f.resting++; f.resting == cap(f.places) {
			f.halt()
		}
		return
	}
	if whole || !f.keepGoing {
		f.halt()
	}
	<-f.places
}

// sooner says whether the run goes on for the reason err before other: of two
// waits the shorter, and anything else before a wait. Of others the one at the
// earlier place: when items fail by turns, the run fails at the same step each
// time, and its attempts come to an end.
func sooner(err, other error, earlier bool) bool {
	rest, rests := errors.AsType[resting](err)
	otherRest, otherRests := errors.AsType[resting](other)
	if rests && otherRests {
		return rest.until.Before(otherRest.until)
	}
	return otherRests || (!rests && earlier)
}

// first returns the smallest place of an item that failed, with its fault, or nil.
func (f *faults) first() (place int, err error) {
	if len(f.failed) == 0 {
		return 0, nil
	}
	place = slices.Min(slices.Collect(maps.Keys(f.failed)))
	return place, f.failed[place]
}

func (f *faults) sum(items int) error {
	place, first := f.first()
	switch {
	case first == nil || (f.whole != nil && !f.decides(place)):
		return f.whole
	case len(f.failed) == 1:
		return first
	}
	return fmt.Errorf("%d of %d items failed, the first: %w", len(f.failed), items, first)
}

// decides says whether an item that failed fails the run, although something
// concerns the run as a whole: a stop hides no failure before it, and where no
// item is done after a failure, none is waited for.
func (f *faults) decides(place int) bool {
	if _, rests := errors.AsType[resting](f.whole); rests {
		return !f.keepGoing
	}
	_, stops := errors.AsType[stopped](f.whole)
	return place < f.at && (stops || !f.keepGoing)
}

func isUnrecorded(err error) bool {
	_, ok := errors.AsType[*unrecorded](err)
	return ok
}

// assign gives names to values. It is evaluated again when a run resumes:
// what it sees is journaled.
func (x *execution) assign(step *rules.Step, d *rules.Assign, scope *rules.Scope) error {
	values := make(map[string]json.RawMessage, len(d.Names))
	for i, name := range d.Names {
		value, err := d.Values[i].JSON(scope)
		if err != nil {
			return err
		}
		values[name] = value
	}
	all, err := json.Marshal(values)
	if err != nil {
		return fmt.Errorf("encoding the values: %w", err)
	}
	return scope.Bind(step, all)
}

// text evaluates a template that may be left out.
func text(t *rules.Template, scope *rules.Scope) (string, error) {
	if t == nil {
		return "", nil
	}
	return t.String(scope)
}

func (x *execution) stop(d *rules.Stop, scope *rules.Scope) error {
	reason, err := text(d.Reason, scope)
	if err != nil {
		return err
	}
	return stopped{reason}
}

func (x *execution) fail(d *rules.Fail, scope *rules.Scope) error {
	message, err := text(d.Message, scope)
	if err != nil {
		return err
	}
	return &abi.Error{Kind: abi.Invalid, Code: "fail", Message: message}
}

// waited is what the journal keeps of a wait step.
type waited struct {
	Until time.Time `json:"until"`
	// At is when the run went on; later steps see it.
	At time.Time `json:"at,omitzero"`
}

// wait rests until its time has come. The time is computed once and journaled.
func (x *execution) wait(path string, step *rules.Step, d *rules.Wait, scope *rules.Scope, rec *host.StepRecord) error {
	var w waited
	if rec != nil && rec.State == host.StepStarted {
		if err := json.Unmarshal(rec.Output, &w); err != nil {
			return fmt.Errorf("reading when to go on: %w", err)
		}
	} else {
		until, err := x.waitUntil(d, scope)
		if err != nil {
			return err
		}
		if d.Until != nil && d.IfPast == rules.IfPastSkip && until.Before(x.Now()) {
			return stopped{"the time to wait for was over already: " + until.Format(time.RFC3339)}
		}
		w.Until = until
		rec = &host.StepRecord{Path: path, Started: x.Now()}
	}
	next := *rec
	next.State = host.StepStarted
	if !w.Until.After(x.Now()) {
		next.State, next.Ended = host.StepDone, x.Now()
		w.At = next.Ended
	}
	var err error
	if next.Output, err = json.Marshal(w); err != nil {
		return fmt.Errorf("encoding when to go on: %w", err)
	}
	x.record(&next)
	if next.State == host.StepStarted {
		return resting{until: w.Until}
	}
	return scope.Bind(step, next.Output)
}

func (x *execution) waitUntil(d *rules.Wait, scope *rules.Scope) (time.Time, error) {
	if d.For == nil {
		return d.Until.Time(scope)
	}
	duration, err := d.For.Duration(scope)
	return x.Now().Add(duration), err
}

// link remembers that two records are the same.
func (x *execution) link(ctx context.Context, path string, d *rules.Link, scope *rules.Scope) error {
	link := &host.Link{
		Kind: d.Kind, From: host.Ref{Connection: d.FromConnection}, To: host.Ref{Connection: d.ToConnection},
		Run: x.run.ID, Created: x.Now(), Written: x.Now(),
	}
	var err error
	if link.From.ID, err = d.FromID.String(scope); err != nil {
		return err
	}
	if link.To.ID, err = d.ToID.String(scope); err != nil {
		return err
	}
	if link.From.ID == "" || link.To.ID == "" {
		return &abi.Error{Kind: abi.Invalid, Message: "a link needs an id on both sides; one is empty for this event"}
	}
	done := &host.StepRecord{Path: path, State: host.StepDone, Started: x.Now(), Ended: x.Now()}
	return x.recordLink(ctx, done, &pendingLink{Link: link, whole: true})
}

// emit announces an event with the same commit that journals the step.
func (x *execution) emit(path string, d *rules.Emit, scope *rules.Scope) error {
	subject, err := d.Subject.String(scope)
	if err != nil {
		return err
	}
	data, err := d.Data.JSON(scope)
	if err != nil {
		return err
	}
	origin := host.OriginEmit
	switch {
	case x.event.Origin == host.OriginNotice: // what a notice leads to never raises another
		origin = host.OriginNotice
	case x.run.Priority == host.PriorityBackfill: // what can wait leads to nothing that cannot
		origin = host.OriginBackfill
	}
	link, err := x.loops.announces(&x.event, d.Event+" "+subject, x.Now())
	if err != nil {
		return err
	}
	ev := x.envelope(x.event.Connection, origin, &abi.Event{
		Type: d.Event, Subject: subject, Dedupe: idempotencyKey(&x.run.Run, path), Data: data,
	})
	x.loops.wrote(announced(&ev), link)
	x.record(&host.StepRecord{Path: path, State: host.StepDone, Started: x.Now(), Ended: x.Now()},
		func(c *ledger.Change) { c.AcceptEvent(&ev, x.DedupeWindow) })
	x.mu.Lock()
	x.weight += len(ev.Data) + len(ev.Subject)
	x.after = append(x.after, func() { x.inbox.lower(ev.ID) })
	x.mu.Unlock()
	return nil
}
