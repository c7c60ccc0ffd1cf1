package rules

import (
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Event is the event that a run is about.
type Event struct {
	ID, Connection, Source, Type, Subject string
	// Time is when it happened, Received when the host accepted it.
	Time, Received time.Time
	// Data is JSON in the trigger's shape.
	Data []byte
}

// Scope is what the expressions of one run see: the event, the parameters and
// the results of the steps so far. It belongs to one goroutine; forks may be
// used beside each other as long as their parent no longer changes.
type Scope struct {
	parent *Scope
}

// Begin returns the scope of a new run for ev. The event's data is decoded once, by the
// trigger's schema; data that does not fit is an error of kind Invalid.
func (f *Flow) Begin(ev *Event) (*Scope, error) { return &Scope{}, nil }

// Selects says whether the flow wants the event: whether When holds.
func (f *Flow) Selects(s *Scope) (bool, error) { return true, nil }

// LaneKey returns the key whose events are handled in order: Lane, or the event's subject.
func (f *Flow) LaneKey(s *Scope) (string, error) { return "", nil }

// Bind makes a step's result, JSON, visible to later steps under the step's
// ID. For a step that gives names to values (Assign) output is an object of
// them and each becomes visible under its own name.
func (s *Scope) Bind(step *Step, output []byte) error { return nil }

// BindName makes a value visible under a name, as the current item of a Foreach.
func (s *Scope) BindName(name string, schema *abi.Schema, json []byte) error { return nil }

// Fork returns a scope that sees all that s sees and binds for itself.
func (s *Scope) Fork() *Scope { return &Scope{parent: s} }
