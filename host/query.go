package host

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// ErrNotFound is returned for an id that names nothing.
var ErrNotFound = errors.New("host: no such row")

// RunFilter selects runs, newest first. Zero fields select all.
type RunFilter struct {
	Flow    string   `json:"flow,omitempty"`
	State   RunState `json:"state,omitempty"`
	Event   string   `json:"event,omitempty"`
	Subject string   `json:"subject,omitempty"`
	// Kind selects failed and waiting runs by what went wrong, Code by its code as
	// [CodeName] writes it, Connection by the connection that the failed step called.
	// [None] selects those without.
	Kind         abi.Kind  `json:"kind,omitempty"`
	Code         string    `json:"code,omitempty"`
	Connection   string    `json:"connection,omitempty"`
	Since, Until time.Time `json:"-"`
	// FailedSince selects failed runs by when they failed; Since is by when they were made.
	FailedSince time.Time `json:"-"`
	// Before and After continue a listing: only runs older, or younger, than this id.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Oldest lists the oldest first.
	Oldest bool `json:"oldest,omitempty"`
	Limit  int  `json:"limit,omitempty"`
}

// None is what a filter of runs has for no connection and for no code.
const None = "-"

// mostCode is how long a code is that people can name.
const mostCode = 64

// CodeName is an error's code as filters name it: None if it has none, or one
// that nobody could write into a filter.
func CodeName(e *abi.Error) string {
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_.:-", r)
	}
	if e == nil || e.Code == "" || len(e.Code) > mostCode || strings.ContainsFunc(e.Code, odd) {
		return None
	}
	return e.Code
}

// Count is how many there are. AtLeast says that there may be more: no more were looked at.
type Count struct {
	N       int  `json:"count"`
	AtLeast bool `json:"at_least,omitempty"`
}

// EventFilter selects events or dead letters, newest first. Zero fields select all.
type EventFilter struct {
	Connection   string    `json:"connection,omitempty"`
	Type         string    `json:"type,omitempty"`
	Subject      string    `json:"subject,omitempty"`
	Since, Until time.Time `json:"-"`
	// Before and After continue a listing, Oldest lists the oldest first, as for runs.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	Oldest bool   `json:"oldest,omitempty"`
	Limit  int    `json:"limit,omitempty"`
}

// LinkFilter selects links. Zero fields select all.
type LinkFilter struct {
	Kind string `json:"kind,omitempty"`
	// From names one side; links are found from either side.
	From  Ref `json:"from,omitzero"`
	Limit int `json:"limit,omitempty"`
}

// Rerun says how a run runs again.
type Rerun struct {
	// How says where it begins; empty means RestartStep.
	How Restart `json:"how,omitempty"`
	// Connections take the place of others, by the name of the other: "crm2" for "crm".
	// Both must be of one connector. Those that it was given before stay.
	Connections map[string]string `json:"connections,omitempty"`
}

// String is how people read it in the audit log, as in "step, crm=crm2".
func (r Rerun) String() string {
	parts := []string{string(r.How)}
	for _, name := range slices.Sorted(maps.Keys(r.Connections)) {
		parts = append(parts, name+"="+r.Connections[name])
	}
	return strings.Join(parts, ", ")
}

// Restart says where a run begins again.
type Restart string

// The ways to run again.
const (
	// RestartStep goes on from the failed step, with the version the run began with.
	RestartStep Restart = "step"
	// RestartBegin forgets the journal and begins from the first step, with the same
	// version: what was done is done again.
	RestartBegin Restart = "begin"
	// RestartNewest begins from the first step with the newest version of the flow.
	RestartNewest Restart = "newest"
)
