package rules

import (
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"

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

	decoded atomic.Pointer[decodedData]
}

// decodedData is an event's data for the flows of one trigger, which share it.
type decodedData struct {
	typ *shape.Type
	val ref.Val
}

// data decodes the event's data once for all flows that see it with the same type.
func (ev *Event) data(typ *shape.Type) (ref.Val, error) {
	if d := ev.decoded.Load(); d != nil && d.typ == typ {
		return d.val, nil
	}
	v, err := typ.Decode(ev.Data)
	if err != nil {
		return nil, err
	}
	ev.decoded.Store(&decodedData{typ, v})
	return v, nil
}

// happened is when the event happened as far as anybody knows.
func (ev *Event) happened() time.Time {
	if ev.Time.IsZero() {
		return ev.Received
	}
	return ev.Time
}

// Scope is what the expressions of one run see: the event, the parameters and
// the results of the steps so far. It belongs to one goroutine; forks may be
// used beside each other as long as their parent no longer changes.
type Scope struct {
	flow    *Flow
	subject string
	vars    variables
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
	for s := v; s != nil; s = s.parent {
		for i := len(s.list) - 1; i >= 0; i-- {
			if s.list[i].name == name {
				return s.list[i].val, true
			}
		}
	}
	return nil, false
}

// Parent returns nil: ResolveName looks into the parents itself.
func (v *variables) Parent() interpreter.Activation { return nil }

func (s *Scope) bind(name string, val ref.Val) {
	s.vars.list = append(s.vars.list, variable{name, val})
}

// Begin returns the scope of a new run for ev. The event's data is decoded
// once, by the trigger's schema; data that is no object of that schema is an
// error of kind Invalid. A field that does not fit is an error only for the
// expression that reads it.
func (f *Flow) Begin(ev *Event) (*Scope, error) {
	s := &Scope{flow: f, subject: ev.Subject}
	s.vars.list = make([]variable, 0, len(f.types.results)+3)
	event, err := f.types.event(ev)
	if err != nil {
		return nil, &abi.Error{Kind: abi.Invalid, Message: "reading the data of event " + ev.ID + ": " + faultText(err).EN}
	}
	s.bind(nameEvent, event)
	s.bind(nameNow, types.Timestamp{Time: ev.happened()})
	s.bind(nameParams, f.types.paramValues)
	return s, nil
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
	inner := &Scope{flow: d.Flow, subject: s.subject}
	for _, name := range []string{nameEvent, nameNow} {
		if v, found := s.vars.ResolveName(name); found {
			if val, ok := v.(ref.Val); ok {
				inner.bind(name, val)
			}
		}
	}
	v, err := d.Flow.types.params.Decode(params)
	if err != nil {
		return nil, &abi.Error{Kind: abi.Invalid, Message: "reading the parameters of flow " + d.Flow.ID + ": " + faultText(err).EN}
	}
	inner.bind(nameParams, v)
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
	return &Scope{flow: s.flow, subject: s.subject, vars: variables{parent: &s.vars}}
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
