// Package host holds the words that the parts of a host share: events, runs,
// steps, links, cursors, and what a connection is. It does no I/O and imports
// nothing of the host, so every part may import it and they meet only here.
package host

import (
	"encoding/json"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Event is one announced fact, a CloudEvents 1.0 envelope. It never changes
// once it was accepted.
type Event struct {
	// ID is given by the host when it accepts the event; ids sort by acceptance.
	ID string `json:"id"`
	// Connection is who announced it; Source is the same as a URI, musubi:<connection>.
	Connection string `json:"connection"`
	Source     string `json:"source"`
	// Type is the trigger's name, Subject the record's id at the platform.
	Type    string `json:"type"`
	Subject string `json:"subject"`
	// Dedupe is what a repetition of the same fact would carry too.
	Dedupe string `json:"dedupe"`
	// Coarse is how far apart facts must be for Dedupe to tell them apart.
	Coarse time.Duration `json:"-"`
	// Also is what a poll that tells of the same change has as its Dedupe; "" if that is the same.
	Also string `json:"-"`
	// Time is when it happened; Received when we accepted it.
	Time     time.Time       `json:"time"`
	Received time.Time       `json:"received"`
	Data     json.RawMessage `json:"data"`
	// Origin says how it came: OriginWebhook, OriginPoll, OriginEmit, OriginReplay.
	Origin string `json:"origin,omitempty"`
	// Completes is the event that told the same fact before, and less of it. No
	// flow starts on it again: only the projection hears the rest.
	Completes string `json:"completes,omitempty"`
}

// How an event came.
const (
	OriginWebhook  = "webhook"
	OriginPoll     = "poll"
	OriginBackfill = "backfill"
	OriginSchedule = "schedule"
	OriginEmit     = "emit"
	OriginReplay   = "replay"
	// OriginNotice is how the host tells of its own work, and what follows from that.
	OriginNotice = "notice"
)

// Delivery is one webhook request as it arrived, byte for byte.
type Delivery struct {
	Connection string       `json:"connection"`
	Method     string       `json:"method"`
	Query      string       `json:"query,omitempty"`
	Headers    []abi.Header `json:"headers"`
	Body       []byte       `json:"body"`
	RemoteIP   string       `json:"remote_ip,omitempty"`
	Received   time.Time    `json:"received"`
}

// DeadLetter is a delivery that could not be turned into events. It is kept
// raw, shown to ops, and can be replayed after a fix.
type DeadLetter struct {
	ID       string     `json:"id"`
	Delivery Delivery   `json:"delivery"`
	Error    *abi.Error `json:"error"`
	// Repeats counts how often the very same delivery came again, Last is when it last did.
	Repeats int       `json:"repeats,omitempty"`
	Last    time.Time `json:"last,omitzero"`
	// Replayed is when a replay succeeded; zero until then.
	Replayed time.Time `json:"replayed,omitzero"`
	// Dismissed is when a person said that there is nothing in it; zero until then.
	Dismissed time.Time `json:"dismissed,omitzero"`
}

// Open says whether somebody has to look at it still.
func (d *DeadLetter) Open() bool { return d.Replayed.IsZero() && d.Dismissed.IsZero() }

// Receipt is what became of a delivery.
type Receipt struct {
	// Accepted are the ids of new events, Duplicates counts repetitions.
	Accepted   []string
	Duplicates int
	// Dead is the id of the dead letter, if the delivery became one.
	Dead string
	// Reply is what the platform insists on getting back; nil means a plain 200.
	Reply *abi.HookReply
}

// RunState is where a run stands.
type RunState string

// The states of a run. Queued, Running and Waiting are open; the others are final,
// except that Failed and Cancelled runs can be run again.
const (
	RunQueued    RunState = "queued"
	RunRunning   RunState = "running"
	RunWaiting   RunState = "waiting"
	RunDone      RunState = "done"
	RunFailed    RunState = "failed"
	RunCancelled RunState = "cancelled"
)

// Open says whether the run still has work to do by itself.
func (s RunState) Open() bool {
	return s == RunQueued || s == RunRunning || s == RunWaiting
}

// Run is one execution of a flow for one event.
type Run struct {
	ID   string `json:"id"`
	Flow string `json:"flow"`
	// Version is the content hash of the flow that the run began with and finishes on.
	Version    string   `json:"version"`
	Event      string   `json:"event"`
	Connection string   `json:"connection"`
	Type       string   `json:"type"`
	Subject    string   `json:"subject"`
	Lane       string   `json:"lane"`
	State      RunState `json:"state"`
	// Connections take the place of those that the flow names, by the name that
	// the flow has; a person chose so.
	Connections map[string]string `json:"connections,omitempty"`
	// Priority is PriorityLive or PriorityBackfill.
	Priority int `json:"priority,omitempty"`
	// Reruns counts how often a person had the run go again, Beginnings how often
	// of those from its first step.
	Reruns     int `json:"reruns,omitempty"`
	Beginnings int `json:"beginnings,omitempty"`
	// Attempt counts tries of the step that is under way; 0 before its first failure.
	Attempt int       `json:"attempt,omitempty"`
	Created time.Time `json:"created"`
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
	// FailingSince is when the step under way failed first; zero when it has not.
	FailingSince time.Time `json:"failing_since,omitzero"`
	// Due is when a waiting run goes on.
	Due time.Time `json:"due,omitzero"`
	// Held names the connection that a waiting run waits for, until that works again.
	Held string `json:"held,omitempty"`
	// Outcome is the sentence that a stop step left, or empty.
	Outcome string `json:"outcome,omitempty"`
	// FailedStep and Error say why a run failed or is waiting to try again.
	FailedStep string     `json:"failed_step,omitempty"`
	Error      *abi.Error `json:"error,omitempty"`
}

// Priorities of a run; smaller goes first.
const (
	PriorityLive     = 0
	PriorityBackfill = 1
)

// StepState is where a step stands in the journal.
type StepState string

// The states of a step. A Started step without an end has an unknown outcome.
const (
	StepStarted StepState = "started"
	StepDone    StepState = "done"
	StepSkipped StepState = "skipped"
	StepFailed  StepState = "failed"
)

// StepRecord is one journaled unit of a run.
type StepRecord struct {
	Run string `json:"run"`
	// Path names the step within its flow: "customer", "3.create", "items[7].send".
	Path  string    `json:"path"`
	Seq   int       `json:"seq"`
	State StepState `json:"state"`
	// Call is "<connection>.<action>" for a step that called a connector.
	Call     string          `json:"call,omitempty"`
	Input    json.RawMessage `json:"input,omitempty"`
	Output   json.RawMessage `json:"output,omitempty"`
	Error    *abi.Error      `json:"error,omitempty"`
	Attempts int             `json:"attempts,omitempty"`
	Started  time.Time       `json:"started"`
	Ended    time.Time       `json:"ended,omitzero"`
	// Note says in a sentence what is not plain from the rest.
	Note string `json:"note,omitempty"`
}

// Link says that the record From is the record To. It is unique per kind and
// pair of connections, in both directions.
type Link struct {
	Kind string `json:"kind"`
	From Ref    `json:"from"`
	To   Ref    `json:"to"`
	// Run is the run that made it; Created is when.
	Run     string    `json:"run,omitempty"`
	Created time.Time `json:"created"`
	// Hash is of the fields that we wrote last to To, BackHash of those to From:
	// they tell our own echo from a change.
	Written     time.Time `json:"written,omitzero"`
	Hash        string    `json:"hash,omitempty"`
	BackWritten time.Time `json:"back_written,omitzero"`
	BackHash    string    `json:"back_hash,omitempty"`
}

// Other returns the record that r is linked with.
func (l *Link) Other(r Ref) Ref {
	if l.From.Connection == r.Connection && l.From.ID == r.ID {
		return l.To
	}
	return l.From
}

// Ref names one record of one connection.
type Ref struct {
	Connection string `json:"connection"`
	Object     string `json:"object,omitempty"`
	ID         string `json:"id"`
}

// Cursor is how far a poll has come. It belongs to a connection's trigger and
// never to a version of a rule.
type Cursor struct {
	Connection string          `json:"connection"`
	Trigger    string          `json:"trigger"`
	Value      json.RawMessage `json:"value"`
	Updated    time.Time       `json:"updated"`
	// Next is when the poll is due again.
	Next time.Time `json:"next,omitzero"`
}

// Invocation is one call of a connection's plugin, as the engine asks for it.
type Invocation struct {
	Connection     string
	Op             abi.Op
	Name           string
	Input          []byte
	IdempotencyKey string
	// Step names the step of its run: as IdempotencyKey does, but the same however
	// often a person has the run begin again. It is empty outside runs.
	Step string
	// Flow is the id of the flow whose step it is, if it is one.
	Flow string
	// Since is when the first attempt of the step began whose outcome is unknown, or
	// the present one if there is none; zero on the first attempt.
	Since time.Time
	// Delivery is set for abi.OpWebhook.
	Delivery *Delivery
	// Keep takes what the plugin wants to remember, after the call succeeded and
	// before it returns. The caller commits it together with what it records of
	// the call: then there is never the one without the other. If Keep is nil,
	// it is committed at once.
	Keep func([]StateWrite)
}

// StateWrite is one value that a connection's plugin remembers between calls.
type StateWrite struct {
	Key   string
	Value []byte
}

// Page is what a poll or a schedule announces at once, and what the plugin
// wants to remember of having looked.
type Page struct {
	// Origin is that of all events.
	Origin string
	Events []abi.Event
	State  []StateWrite
}
