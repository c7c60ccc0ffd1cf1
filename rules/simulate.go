package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Answers stand in for the connectors in a simulation.
type Answers interface {
	// Answer returns what the action answers to the input, JSON, or the error
	// that it fails with. The path is the step's, with the index of each item
	// of a foreach, as in items[2].send. An upsert answers {id, created}, a
	// linked step {id, object} or {}; a foreach over pages is answered page by
	// page, at items[0], items[1] and on.
	Answer(path string, step *Step, input []byte) ([]byte, error)
}

// LinkEnd is one record of a link.
type LinkEnd struct {
	Connection string `json:"connection"`
	ID         string `json:"id"`
}

// LinkQuery is the input of a linked step.
type LinkQuery struct {
	From LinkEnd `json:"from"`
	// To is the connection of the other record.
	To string `json:"to"`
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
	// Kind is the key that names the step: call, upsert, link, linked, emit or wait.
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
	// Error is what a step failed with; nil for a fail step and for a run that did not fail.
	Error *abi.Error
	// Cut are the loops over pages that have more of them than a simulation goes through.
	Cut []string
	// Taken holds the steps that were performed and the branches that were taken, as "3#1".
	Taken map[string]bool
}

// Simulate runs the flow for an event without touching anything, as if the run
// began when the event was received. Waits are over at once. The error of a step that fails is part of the trace.
func (f *Flow) Simulate(ev *Event, answers Answers) *Trace {
	sim := &simulation{event: ev, answers: answers, trace: &Trace{Outcome: OutcomeDone, Taken: map[string]bool{}}, now: ev.begun()}
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
	event   *Event
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
		return
	}
	m.trace.Error, _ = errors.AsType[*abi.Error](err)
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
		return m.each(path, step, d, s)
	case *Assign:
		return assignAll(d, s)
	case *Stop:
		return endWith(OutcomeStopped, d.Reason, s)
	case *Fail:
		return endWith(OutcomeFailed, d.Message, s)
	case *Wait:
		return m.wait(path, step, d, s)
	case *Link:
		return m.link(path, d, s)
	case *Linked:
		return m.linked(path, step, d, s)
	case *Emit:
		return m.emit(path, d, s)
	case *SubFlow:
		return m.subFlow(path, d, s)
	default:
		return fmt.Errorf("unknown step %T", d)
	}
}
