// Package rules is the language in which ops people say what happens: it loads
// flows, checks them against the connectors' schemas, plans them, and evaluates
// their expressions. It is pure: no clock, no network, no store.
package rules

import (
	"time"

	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Flow is one checked flow, ready to be run. It is immutable and may be used
// by many goroutines.
type Flow struct {
	// ID is the flow's name, unique in its set; Version is the hash of all that decides what it does.
	ID, Version string
	// Title and Owner are for people.
	Title, Owner string
	File         string
	// Off says that the flow is switched off by enabled: false.
	Off bool
	On  On
	// When narrows the events; nil means all.
	When *Condition
	// Lane gives the key whose events are handled in order; nil means the event's subject.
	Lane *Expr
	// OnFailure says what a failed run does to the runs behind it in its lane.
	OnFailure OnFailure
	Retry     Retry
	Steps     []*Step

	types  *flowTypes
	source *source.File
}

// lineSpan is where a line of the flow's file stands.
func (f *Flow) lineSpan(line int) source.Span { return f.source.LineSpan(line) }

// On is what starts a flow: an event of a connection, or a schedule.
type On struct {
	Connection, Event string
	Schedule          *Schedule
}

// Schedule says when a flow is due: see [ParseTimes].
type Schedule struct {
	Times   string
	Zone    *time.Location
	CatchUp CatchUp
	// Jitter spreads the start over so long after the due time, for every due time differently.
	Jitter time.Duration
}

// CatchUp says what happens to due times that were missed while the host was down.
type CatchUp string

// The catch-up policies.
const (
	CatchUpSkip CatchUp = "skip"
	CatchUpOnce CatchUp = "once"
	CatchUpAll  CatchUp = "all"
)

// OnFailure is a flow's policy for its lane after a failed run.
type OnFailure string

// The lane policies. Block keeps later events of the key waiting until a
// person has dealt with the failed run; Skip lets them go on.
const (
	Block OnFailure = "block"
	Skip  OnFailure = "skip"
)

// Retry bounds how long a step is tried again. Zero fields mean the host's defaults.
type Retry struct {
	// For is how long after its first attempt a step may still be tried.
	For time.Duration
	// Attempts is how many tries there are at the most.
	Attempts int
}

// Step is one unit of a flow.
type Step struct {
	// Path names the step within the flow and in the journal: the id where there
	// is one, else its place, as in "3.1". It is stable while the flow's version is.
	Path string
	// ID is the name under which later expressions find the result; may be empty.
	ID    string
	Title string
	Line  int
	// When skips the step if it does not hold; nil means always.
	When *Condition
	Do   Doing
}

// Doing is what a step does: one of the pointer types below.
type Doing interface{ doing() }

type (
	// Call calls an action of a connection.
	Call struct {
		Connection string
		Action     *abi.Action
		With       *Template
	}

	// Upsert finds a record by its link or by Match, then updates or creates it,
	// and remembers the link.
	Upsert struct {
		Connection string
		Records    *abi.Records
		Object     *Template // a string
		Match      *Template // a map
		Set        *Template // a map
		// Create holds fields that are set only when the record is created; may be nil.
		Create *Template
		// Link is the kind of link to keep; empty keeps none.
		Link string
		// From is the id of the record that is linked, nil for the event's subject;
		// FromConnection is where it is, empty for the event's connection.
		FromConnection string
		From           *Template
	}

	// Switch runs the steps of the first case that holds.
	Switch struct {
		Cases     []Case
		Otherwise []*Step
	}

	// Foreach runs its steps once for each item of a list, or of all pages of a
	// list that a platform hands out. Exactly one of In and Pages is set.
	Foreach struct {
		In    *Expr // a list
		Pages *Pages
		// As is the name of the current item, Item its schema.
		As          string
		Item        *abi.Schema
		Concurrency int
		// Continue goes on with the other items after one failed; the step fails at the end.
		Continue bool
		Steps    []*Step
	}

	// Wait lets the run rest. Exactly one of For and Until is set.
	Wait struct {
		For   *Expr // a duration
		Until *Expr // a timestamp
		// IfPast says what to do when Until is already over.
		IfPast IfPast
	}

	// Assign gives names to values for later steps.
	Assign struct {
		Names  []string
		Values []*Template
	}

	// Stop ends the run as done, Fail as failed.
	Stop struct{ Reason *Template }
	// Fail ends the run as failed, with a message for people.
	Fail struct{ Message *Template }

	// Link remembers that two records are the same thing.
	Link struct {
		Kind                         string
		FromConnection, ToConnection string
		FromID, ToID                 *Template
	}

	// Linked looks up what a record is linked with. It gives {id, object} to
	// later steps, empty when there is no such link.
	Linked struct {
		Kind string
		// FromConnection and FromID name the record; empty and nil mean the event's.
		FromConnection string
		FromID         *Template
		ToConnection   string
	}

	// Emit announces an event of the connection that the flow is on.
	Emit struct {
		Event         string
		Subject, Data *Template
	}

	// SubFlow runs another flow's steps with the given parameters, as part of
	// this run, in the scope that Enter gives. Its results stay inside; a stop
	// step ends the sub-flow only.
	SubFlow struct {
		Flow   *Flow
		Params *Template
	}
)

// Case is one branch of a Switch.
type Case struct {
	When  *Condition
	Steps []*Step
}

// IfPast is a Wait's policy for an instant that is over.
type IfPast string

// The policies: Skip ends the run as done without the steps after the wait, Run goes on at once.
const (
	IfPastRun  IfPast = "run"
	IfPastSkip IfPast = "skip"
)

func (*Call) doing()    {}
func (*Upsert) doing()  {}
func (*Switch) doing()  {}
func (*Foreach) doing() {}
func (*Wait) doing()    {}
func (*Assign) doing()  {}
func (*Stop) doing()    {}
func (*Fail) doing()    {}
func (*Link) doing()    {}
func (*Linked) doing()  {}
func (*Emit) doing()    {}
func (*SubFlow) doing() {}
