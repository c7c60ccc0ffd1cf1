package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Answers stand in for the connectors in a simulation.
type Answers interface {
	// Answer returns what the action answers to the input, JSON, or the error
	// that it fails with. The path is the step's, with the index of each item
	// of a foreach, as in items[2].send. An upsert answers {id, created}.
	Answer(path string, step *Step, input []byte) ([]byte, error)
}

// Outcome is how a run ends.
type Outcome string

// The outcomes. Ignored means that the flow's own condition did not hold.
const (
	OutcomeDone    Outcome = "done"
	OutcomeIgnored Outcome = "ignored"
	OutcomeStopped Outcome = "stopped"
	OutcomeFailed  Outcome = "failed"
)

// Effect is one thing that a run would do to the world.
type Effect struct {
	// Path names the step.
	Path string
	// Kind is the key that names the step: call, upsert, link, emit or wait.
	Kind string
	// Target is what it is done to: crm.record.create, crm, a kind of link, an event's type.
	Target string
	// Input is a JSON object: the fields of the step with their values.
	Input json.RawMessage
}

// Trace is what a run would do, in order, and how it would end.
type Trace struct {
	Effects []Effect
	Outcome Outcome
	// Reason is the text of the stop or fail step, or the error.
	Reason string
	// Taken holds the steps that were performed and the branches that were taken, as "3#1".
	Taken map[string]bool
}

// Simulate runs the flow for an event without touching anything. Waits are
// over at once. The error of a step that fails is part of the trace.
func (f *Flow) Simulate(ev *Event, answers Answers) *Trace {
	sim := &simulation{answers: answers, trace: &Trace{Outcome: OutcomeDone, Taken: map[string]bool{}}, now: ev.happened()}
	s, err := f.Begin(ev)
	if err != nil {
		sim.end(err)
		return sim.trace
	}
	selected, err := f.Selects(s)
	switch {
	case err != nil:
		sim.end(err)
	case !selected:
		sim.trace.Outcome = OutcomeIgnored
	default:
		sim.end(sim.steps("", f.Steps, s))
	}
	return sim.trace
}

type simulation struct {
	answers Answers
	trace   *Trace
	now     time.Time
}

// ended is a stop or fail step on its way out of the blocks around it.
type ended struct {
	outcome Outcome
	reason  string
}

func (e *ended) Error() string { return e.reason }

func (m *simulation) end(err error) {
	if err == nil {
		return
	}
	m.trace.Outcome, m.trace.Reason = OutcomeFailed, err.Error()
	if e, ok := errors.AsType[*ended](err); ok {
		m.trace.Outcome = e.outcome
	}
}

func (m *simulation) steps(prefix string, steps []*Step, s *Scope) error {
	for _, step := range steps {
		if step.When != nil {
			holds, err := step.When.Holds(s)
			if err != nil {
				return err
			}
			if !holds {
				continue
			}
		}
		m.trace.Taken[step.Path] = true
		if err := m.step(prefix+step.Path, step, s); err != nil {
			return err
		}
	}
	return nil
}

func (m *simulation) step(path string, step *Step, s *Scope) error {
	switch d := step.Do.(type) {
	case *Call:
		return m.call(path, step, d, s)
	case *Upsert:
		return m.upsert(path, step, d, s)
	case *Switch:
		return m.choose(path, step, d, s)
	case *Foreach:
		return m.each(path, d, s)
	case *Assign:
		return assignAll(d, s)
	case *Stop:
		return endWith(OutcomeStopped, d.Reason, s)
	case *Fail:
		return endWith(OutcomeFailed, d.Message, s)
	case *Wait:
		return m.wait(path, d, s)
	case *Link:
		return m.link(path, d, s)
	case *Emit:
		return m.emit(path, d, s)
	case *SubFlow:
		return m.subFlow(path, d, s)
	default:
		return fmt.Errorf("unknown step %T", d)
	}
}

func endWith(outcome Outcome, reason *Template, s *Scope) error {
	text, err := reason.String(s)
	if err != nil {
		return err
	}
	return &ended{outcome, text}
}

func (m *simulation) call(path string, step *Step, d *Call, s *Scope) error {
	input, err := d.With.JSON(s)
	if err != nil {
		return err
	}
	m.effect(path, "call", d.Connection+"."+d.Action.Name, input)
	return m.answer(path, step, input, s)
}

func (m *simulation) upsert(path string, step *Step, d *Upsert, s *Scope) error {
	input, err := fields(s, named{"object", d.Object}, named{"match", d.Match}, named{"set", d.Set}, named{"create", d.Create}, named{"from", d.From})
	if err != nil {
		return err
	}
	m.effect(path, "upsert", d.Connection, input)
	return m.answer(path, step, input, s)
}

func (m *simulation) answer(path string, step *Step, input []byte, s *Scope) error {
	output, err := m.answers.Answer(path, step, input)
	if err != nil {
		return err
	}
	return s.Bind(step, output)
}

func (m *simulation) choose(path string, step *Step, d *Switch, s *Scope) error {
	prefix := path[:len(path)-len(step.Path)]
	for i, c := range d.Cases {
		holds, err := c.When.Holds(s)
		if err != nil {
			return err
		}
		if holds {
			m.trace.Taken[branchName(step, i)] = true
			return m.steps(prefix, c.Steps, s)
		}
	}
	m.trace.Taken[branchName(step, len(d.Cases))] = true
	return m.steps(prefix, d.Otherwise, s)
}

// branchName names a branch of a switch; the branch behind the last case is otherwise.
func branchName(step *Step, i int) string { return step.Path + "#" + strconv.Itoa(i+1) }

func (m *simulation) each(path string, d *Foreach, s *Scope) error {
	items, err := d.In.Items(s)
	if err != nil {
		return err
	}
	var first error
	for i, item := range items {
		inner := s.Fork()
		if err := inner.BindName(d.As, d.Item, item); err != nil {
			return err
		}
		err := m.steps(path+"["+strconv.Itoa(i)+"].", d.Steps, inner)
		if _, stops := errors.AsType[*ended](err); stops || (err != nil && !d.Continue) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

func assignAll(d *Assign, s *Scope) error {
	for i, name := range d.Names {
		data, err := d.Values[i].JSON(s)
		if err != nil {
			return err
		}
		if err := s.BindName(name, nil, data); err != nil {
			return err
		}
	}
	return nil
}

func (m *simulation) wait(path string, d *Wait, s *Scope) error {
	until := m.now
	if d.For != nil {
		duration, err := d.For.Duration(s)
		if err != nil {
			return err
		}
		until = until.Add(duration)
	} else {
		var err error
		if until, err = d.Until.Time(s); err != nil {
			return err
		}
		if d.IfPast == IfPastSkip && until.Before(m.now) {
			return &ended{OutcomeStopped, "the time to wait for was over already: " + until.Format(time.RFC3339)}
		}
	}
	m.effect(path, "wait", until.Format(time.RFC3339), []byte("{}"))
	if until.After(m.now) {
		m.now = until
	}
	return nil
}

func (m *simulation) link(path string, d *Link, s *Scope) error {
	from, err := d.FromID.String(s)
	if err != nil {
		return err
	}
	to, err := d.ToID.String(s)
	if err != nil {
		return err
	}
	input, err := json.Marshal(map[string]map[string]string{
		"from": {"connection": d.FromConnection, "id": from},
		"to":   {"connection": d.ToConnection, "id": to},
	})
	if err != nil {
		return fmt.Errorf("writing a link: %w", err)
	}
	m.effect(path, "link", d.Kind, input)
	return nil
}

func (m *simulation) emit(path string, d *Emit, s *Scope) error {
	input, err := fields(s, named{"subject", d.Subject}, named{"with", d.Data})
	if err != nil {
		return err
	}
	m.effect(path, "emit", d.Event, input)
	return nil
}

func (m *simulation) subFlow(path string, d *SubFlow, s *Scope) error {
	params, err := d.Params.JSON(s)
	if err != nil {
		return err
	}
	inner, err := d.Enter(s, params)
	if err != nil {
		return err
	}
	err = m.steps(path+"/", d.Flow.Steps, inner)
	if e, ok := errors.AsType[*ended](err); ok && e.outcome == OutcomeStopped {
		return nil
	}
	return err
}

func (m *simulation) effect(path, kind, target string, input []byte) {
	m.trace.Effects = append(m.trace.Effects, Effect{path, kind, target, input})
}

type named struct {
	name string
	t    *Template
}

// fields evaluates the templates that are there to one JSON object.
func fields(s *Scope, all ...named) ([]byte, error) {
	object := map[string]json.RawMessage{}
	for _, n := range all {
		if n.t == nil {
			continue
		}
		data, err := n.t.JSON(s)
		if err != nil {
			return nil, err
		}
		object[n.name] = data
	}
	data, err := json.Marshal(object)
	if err != nil {
		return nil, &abi.Error{Kind: abi.Internal, Message: "writing the fields of a step: " + err.Error()}
	}
	return data, nil
}
