package rig

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Fixture is testdata/conformance.json. In settings and secrets, {sim} stands
// for the sim's address, and {sim:collection.field} for a field of the first
// record of a collection of the sim's.
type Fixture struct {
	// Settings, Auth and Secrets are the connection's.
	Settings map[string]any    `json:"settings"`
	Auth     string            `json:"auth,omitempty"`
	Secrets  map[string]string `json:"secrets"`
	// Schemes are further ways to authenticate: each is checked like Auth.
	Schemes []Scheme `json:"schemes,omitempty"`
	// Limits is sent to the sim before every case, to switch its rate limit off.
	Limits json.RawMessage `json:"limits,omitempty"`
	// Expire is the record to delete for all access tokens to expire.
	Expire *Record `json:"expire,omitempty"`
	// Polls says how to change what a polled trigger looks for.
	Polls map[string]Poll `json:"polls,omitempty"`
	// Versions are names of fields in which the platform counts the changes of a
	// record: a repetition that changes nothing else may count on.
	Versions []string `json:"versions,omitempty"`
	// Waive is what the connector need not pass.
	Waive []Waiver `json:"waive,omitempty"`
}

// Scheme is one way to authenticate with what it needs on top of the fixture's settings.
type Scheme struct {
	Auth     string            `json:"auth"`
	Settings map[string]any    `json:"settings,omitempty"`
	Secrets  map[string]string `json:"secrets"`
}

// Record is one record of the sim, as its staff writes it.
type Record struct {
	Collection string          `json:"collection"`
	ID         string          `json:"id"`
	Record     json.RawMessage `json:"record,omitempty"`
}

// Poll says how to make records that a trigger announces. In ID, Record and
// Change, {n} stands for a number that differs from record to record, {n:06}
// for the same with leading zeros, and {now} for the platform's time. The
// subject of an event begins with the ID of its record.
type Poll struct {
	Record

	// Change is what staff changes in a record for it to be announced again.
	// Empty: the trigger announces a record once.
	Change json.RawMessage `json:"change,omitempty"`
	// Settings are on top of the fixture's.
	Settings map[string]any `json:"settings,omitempty"`
}

// Waiver excuses a connector from one case of a section, or from a whole one
// if Case is empty.
type Waiver struct {
	Section string `json:"section"`
	Case    string `json:"case,omitempty"`
	Reason  string `json:"reason"`
}

// ReadFixture reads the fixture of the connector in dir.
func ReadFixture(tb testing.TB, dir string) *Fixture {
	tb.Helper()
	f := new(Fixture)
	ReadJSON(tb, filepath.Join(dir, "testdata", "conformance.json"), f)
	return f
}

// ReadJSON decodes a file strictly: a misspelt key is an error, not a case that checks nothing.
func ReadJSON(tb testing.TB, file string, into any) {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		tb.Fatalf("%s: %v", file, err)
	}
}
