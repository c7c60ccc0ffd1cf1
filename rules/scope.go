package rules

import (
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Event is the event that a run is about. It must not be copied once it was used.
type Event struct {
	ID, Connection, Source, Type, Subject string
	// Time is when it happened, Received when the host accepted it.
	Time, Received time.Time
	// Data is JSON in the trigger's shape.
	Data []byte

	seen atomic.Pointer[seenEvent]
}

// seenEvent is an event as the flows of one trigger see it; they share it.
type seenEvent struct {
	envelope   *shape.Type
	event, now ref.Val
}

// as returns the event as flows with this envelope see it. It is decoded once.
func (ev *Event) as(t *flowTypes) (*seenEvent, error) {
	if seen := ev.seen.Load(); seen != nil && seen.envelope == t.envelope {
		return seen, nil
	}
	event, err := t.event(ev)
	if err != nil {
		return nil, err
	}
	seen := &seenEvent{t.envelope, event, types.Timestamp{Time: ev.happened()}}
	ev.seen.Store(seen)
	return seen, nil
}

// happened is when the event happened as far as anybody knows.
func (ev *Event) happened() time.Time {
	if ev.Time.IsZero() {
		return ev.Received
	}
	return ev.Time
}

// begun is when the first run of the event begins.
func (ev *Event) begun() time.Time {
	if ev.Received.IsZero() {
		return ev.Time
	}
	return ev.Received
}

// Scope is what the expressions of one run see: the event, the parameters and
// the results of the steps so far. It belongs to one goroutine; forks may be
// used beside each other as long as their parent no longer changes.
type Scope struct {
	flow    *Flow
	subject string
	vars    variables
	// clock is set where expressions see a running clock.
	clock *expr.Clock
	// room is for the first names, so that a scope is one piece of memory.
	room [4]variable
}

// variables is a scope as CEL sees it: a short list, searched from the newest.
type variables struct {
	parent *variables
	list   []variable
}

type variable struct {
	name string
	val  ref.Val
}

var _ interpreter.Activation = (*variables)(nil)

// ResolveName finds a name's value.
func (v *variables) ResolveName(name string) (any, bool) {
	val := v.value(name)
	return val, val != nil
}

// value returns a name's value, or nil.
func (v *variables) value(name string) ref.Val {
	for s := v; s != nil; s = s.parent {
		for i := len(s.list) - 1; i >= 0; i-- {
			if s.list[i].name == name {
				return s.list[i].val
			}
		}
	}
	return nil
}

// Parent returns nil: ResolveName looks into the parents itself.
func (v *variables) Parent() interpreter.Activation { return nil }

func (s *Scope) bind(name string, val ref.Val) {
	s.vars.list = append(s.vars.list, variable{name, val})
}

func (s *Scope) bindTables(f *Flow) {
	if f.types.tables != nil {
		s.bind(nameTables, f.types.tables)
	}
}

// Begin returns the scope of a new run for ev. The event's data is decoded
// once, by the trigger's schema; data that is no object of that schema is an
// error of kind Invalid. A field that does not fit is an error only for the
// expression that reads it.
func (f *Flow) Begin(ev *Event) (*Scope, error) {
	seen, err := ev.as(f.types)
	if err != nil {
		return nil, undecodable(ev, err)
	}
	s := newScope(f, ev.Subject, nil)
	s.bind(nameEvent, seen.event)
	s.bind(nameNow, seen.now)
	s.bind(nameParams, f.types.paramValues)
	s.bindTables(f)
	return s, nil
}

func newScope(f *Flow, subject string, parent *variables) *Scope {
	s := &Scope{flow: f, subject: subject}
	s.vars = variables{parent: parent, list: s.room[:0]}
	return s
}

// Selects says whether the flow wants the event: whether When holds.
func (f *Flow) Selects(s *Scope) (bool, error) {
	if f.When == nil {
		return true, nil
	}
	return f.When.Holds(s)
}

// LaneKey returns the key whose events are handled in order: Lane, or the event's subject.
func (f *Flow) LaneKey(s *Scope) (string, error) {
	if f.Lane == nil {
		return s.subject, nil
	}
	return f.Lane.String(s)
}

// Enter returns the scope in which the steps of a sub-flow run: it sees the
// event's envelope and its own parameters, and nothing of the caller's steps.
// params is a JSON object.
func (d *SubFlow) Enter(s *Scope, params []byte) (*Scope, error) {
	inner := newScope(d.Flow, s.subject, nil)
	event, now := s.vars.value(nameEvent), s.vars.value(nameNow)
	if o, ok := event.(*shape.Object); ok {
		event = d.Flow.types.envelope.View(o)
	}
	inner.bind(nameEvent, event)
	inner.bind(nameNow, now)
	v, err := d.Flow.types.params.Decode(params)
	if err != nil {
		return nil, &abi.Error{Kind: abi.Invalid, Message: "reading the parameters of flow " + d.Flow.ID + ": " + faultText(err).EN}
	}
	inner.bind(nameParams, v)
	inner.bindTables(d.Flow)
	return inner, nil
}

// Bind makes a step's result, JSON, visible to later steps under the step's
// ID. For a step that gives names to values ([Assign]) output is an object of
// them and each becomes visible under its own name. A step without an ID binds nothing.
func (s *Scope) Bind(step *Step, output []byte) error {
	if assign, ok := step.Do.(*Assign); ok {
		return s.bindAll(assign, output)
	}
	if step.ID == "" {
		return nil
	}
	return s.BindName(step.ID, nil, output)
}

// BindName makes a value visible under a name, such as the current item of a
// [Foreach]. Without a schema it has the type with which the name was checked.
func (s *Scope) BindName(name string, schema *abi.Schema, data []byte) error {
	typ := s.flow.types.results[name]
	if schema != nil || typ == nil {
		typ = s.flow.types.known.Of(name, schema)
	}
	v, err := typ.Decode(data)
	if err != nil {
		return &abi.Error{Kind: abi.Invalid, Message: "reading the result of " + name + ": " + faultText(err).EN}
	}
	s.bind(name, v)
	return nil
}

// Fork returns a scope that sees all that s sees and binds for itself.
func (s *Scope) Fork() *Scope {
	return newScope(s.flow, s.subject, &s.vars)
}

func (s *Scope) bindAll(assign *Assign, output []byte) error {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(output, &values); err != nil {
		return &abi.Error{Kind: abi.Internal, Message: "reading the values of a set step: " + err.Error()}
	}
	for _, name := range assign.Names {
		if value, found := values[name]; found {
			if err := s.BindName(name, nil, value); err != nil {
				return err
			}
		}
	}
	return nil
}
