package plugintest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Fixture is testdata/conformance.json. In every string, {sim} stands for the
// sim's address, and {sim:collection.field} for a field of the first record of
// a collection of the sim's.
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

// readFixture reads the connector's conformance.json.
func readFixture(t *testing.T, dir string) Fixture {
	t.Helper()
	var f Fixture
	readJSON(t, filepath.Join(dir, "testdata", "conformance.json"), &f)
	return f
}

// readJSON decodes a file strictly: a misspelt key is an error, not a case that checks nothing.
func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// cases returns the names of the case folders under testdata/<kind>, sorted.
func cases(t *testing.T, dir, kind string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "testdata", kind))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names
}

// fillIn replaces {sim} and {sim:collection.field} in every string of a JSON-like value.
func (p *platform) fillIn(t *testing.T, value any) any {
	t.Helper()
	switch v := value.(type) {
	case string:
		return p.fillText(t, v)
	case []any:
		for i := range v {
			v[i] = p.fillIn(t, v[i])
		}
	case map[string]any:
		filled := make(map[string]any, len(v))
		for key, inner := range v {
			filled[key] = p.fillIn(t, inner)
		}
		return filled
	}
	return value
}

func (p *platform) fillText(t *testing.T, text string) string {
	t.Helper()
	text = strings.ReplaceAll(text, "{sim}", p.URL)
	before, rest, found := strings.Cut(text, "{sim:")
	if !found {
		return text
	}
	place, after, _ := strings.Cut(rest, "}")
	collection, field, _ := strings.Cut(place, ".")
	var records []map[string]any
	if err := p.Records(t.Context(), collection, &records); err != nil || len(records) == 0 {
		t.Fatalf("%s: the sim has no record in %s (%v)", text, collection, err)
	}
	return before + fmt.Sprint(records[0][field]) + p.fillText(t, after)
}
