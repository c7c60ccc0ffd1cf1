// Package api holds the documents of the admin API, as the server writes and
// its client reads them. What host already has a type for travels as that type.
package api

import (
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Prefix is what every path of the admin API begins with.
const Prefix = "/api/v1"

// ActorHeader names who acts, percent-encoded, for the audit log.
const ActorHeader = "Musubi-Actor"

// RunPage is a listing of runs, newest first.
type RunPage struct {
	Runs []host.Run `json:"runs"`
}

// RunDetail is one run with its journal.
type RunDetail struct {
	Run   host.Run          `json:"run"`
	Steps []host.StepRecord `json:"steps"`
}

// LineupRequest names runs whose place in the order is asked for.
type LineupRequest struct {
	Runs []string `json:"runs"`
}

// Lineup tells who waits for whom: a run that failed may hold up those after it
// of the same lane until a person runs it again or cancels it.
type Lineup struct {
	// Behind is, by a queued run, the failed one that it waits behind.
	Behind map[string]string `json:"behind"`
	// Holding is, by a failed run, the one that waits right behind it.
	Holding map[string]string `json:"holding"`
}

// EventPage is a listing of events, newest first.
type EventPage struct {
	Events []host.Event `json:"events"`
}

// EventDetail is one event with the runs that it started.
type EventDetail struct {
	Event host.Event `json:"event"`
	Runs  []host.Run `json:"runs"`
}

// DeadLetterPage is a listing of dead letters, newest first.
type DeadLetterPage struct {
	DeadLetters []host.DeadLetter `json:"dead_letters"`
}

// Receipt is what became of a replayed dead letter.
type Receipt struct {
	Accepted   []string `json:"accepted"`
	Duplicates int      `json:"duplicates"`
	// Dead is set when the delivery could not be read this time either.
	Dead string `json:"dead,omitempty"`
}

// LinkPage is a listing of links.
type LinkPage struct {
	Links []host.Link `json:"links"`
}

// CursorPage is a listing of cursors.
type CursorPage struct {
	Cursors []Cursor `json:"cursors"`
}

// Cursor is how far a poll has come, and what keeps it from going on.
type Cursor struct {
	host.Cursor

	// Trouble is why the poll brings nothing; nil while it works.
	Trouble *PollTrouble `json:"trouble,omitempty"`
}

// PollTrouble is why a poll brings nothing.
type PollTrouble struct {
	// Since is when it began, Tries how often the platform was asked in vain
	// since: 0 while the poll only waits for its connection.
	Since time.Time  `json:"since"`
	Tries int        `json:"tries"`
	Error *abi.Error `json:"error"`
	// Again is when the poll is due again.
	Again time.Time `json:"again"`
	// Told says that people were warned of it, by poll.failing.
	Told bool `json:"told,omitempty"`
}

// Connection is one connection of the running host.
type Connection struct {
	Name      string `json:"name"`
	Connector string `json:"connector"`
	// Version is the plugin's.
	Version string `json:"version"`
	host.ConnectionStatus
	// Since is when it stopped working; zero while it works, or where that is not known.
	Since time.Time `json:"since,omitzero"`
	// Held counts the runs that wait until it works again, Oldest is when the first of them was made.
	Held   host.Count `json:"held,omitzero"`
	Oldest time.Time  `json:"oldest,omitzero"`
	// Retrying counts the runs whose failed call is tried again soon.
	Retrying host.Count `json:"retrying,omitzero"`
	Use      Use        `json:"use"`
	// Polls are those that bring nothing.
	Polls []Cursor `json:"failing_polls,omitempty"`
}

// Use is what a connection's plugin has used since the host started.
type Use struct {
	// Calls counts actions, polls and webhooks; Fuel is their instructions in
	// all, Most those of the one that took most.
	Calls int64 `json:"calls"`
	Fuel  int64 `json:"fuel"`
	Most  int64 `json:"most"`
	// Instances is how many instances there are now, idle ones included.
	Instances int `json:"instances"`
}

// Fuel is how many instructions the calls of a connection's plugin ran since
// the host started, beside how many one may run.
type Fuel struct {
	Limit int64     `json:"limit"`
	Calls []CallUse `json:"calls"`
}

// CallUse is what the calls of one action or trigger ran. Half of them ran at
// most Median instructions and 99 of 100 at most P99, each too high by an
// eighth at the most; Most is exact.
type CallUse struct {
	// Operation is action, confirm, webhook or poll; Name the action's or the trigger's.
	Operation string `json:"operation"`
	Name      string `json:"name,omitempty"`
	Calls     int64  `json:"calls"`
	Median    int64  `json:"median"`
	P99       int64  `json:"p99"`
	Most      int64  `json:"most"`
}

// Audit is what a person did. RefusedJA is in Japanese why it was not done, where that is known.
type Audit struct {
	host.Audit

	RefusedJA string `json:"refused_ja,omitempty"`
}

// AuditPage is a listing of what people did, newest first.
type AuditPage struct {
	Audits []Audit `json:"audits"`
}

// SecretPage lists the names of the vault's secrets.
type SecretPage struct {
	Secrets []string `json:"secrets"`
}

// Secret is a secret on its way into the vault. It never comes back.
type Secret struct {
	Value string `json:"value"`
}

// ConnectionPage is a listing of connections, by name.
type ConnectionPage struct {
	Connections []Connection `json:"connections"`
}

// Hook is where a platform delivers a connection's webhooks. The path is a
// secret: whoever knows it may deliver, unless a signature is demanded.
type Hook struct {
	Path string `json:"path"`
}

// Rules is the set of rules that the host works by.
type Rules struct {
	Version string    `json:"version"`
	Loaded  time.Time `json:"loaded"`
	Flows   []Flow    `json:"flows"`
	// Tags and Links are the rules about members.
	Tags  []MemberRule `json:"tags,omitempty"`
	Links []MemberRule `json:"links,omitempty"`
	// Problems are why a newer set in the folder is not in use; empty when there is none.
	Problems []RuleProblem `json:"problems,omitempty"`
}

// Flow is one flow of the set.
type Flow struct {
	ID      string `json:"id"`
	Title   string `json:"title,omitempty"`
	Version string `json:"version"`
	File    string `json:"file"`
	// Connection and Event, or Schedule, are what starts it.
	Connection string `json:"connection,omitempty"`
	Event      string `json:"event,omitempty"`
	Schedule   string `json:"schedule,omitempty"`
}

// MemberRule is a tag rule, by its tag, or a link rule.
type MemberRule struct {
	Name    string `json:"name"`
	Title   string `json:"title,omitempty"`
	Version string `json:"version"`
	File    string `json:"file"`
}

// RuleProblem is a diag.Problem, and converts to one.
type RuleProblem struct {
	File      string   `json:"file"`
	Line      int      `json:"line"`
	Column    int      `json:"column"`
	EndColumn int      `json:"end_column"`
	Code      string   `json:"code"`
	Message   abi.Text `json:"message"`
	Source    string   `json:"source,omitempty"`
	Fix       string   `json:"fix,omitempty"`
}

// Version says what is running.
type Version struct {
	Version string `json:"version"`
	ABI     string `json:"abi"`
	Go      string `json:"go"`
}
