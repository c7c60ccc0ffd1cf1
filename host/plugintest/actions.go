package plugintest

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// actionCase is testdata/actions/<case>/case.json: an action with its input,
// what the platform holds before and how it misbehaves, and what must come of it.
type actionCase struct {
	Action string          `json:"action"`
	Input  json.RawMessage `json:"input"`
	// Settings are on top of the fixture's.
	Settings map[string]any `json:"settings,omitempty"`
	Seed     []seed         `json:"seed,omitempty"`
	Faults   []simkit.Fault `json:"faults,omitempty"`
	// Want is what the output must hold at least.
	Want      json.RawMessage `json:"want,omitempty"`
	WantError *errorWant      `json:"want_error,omitempty"`
	// WantEffects are what the platform's journal must tell of changes: each text
	// is part of one, in this order, and there are no others.
	WantEffects []string `json:"want_effects,omitempty"`

	// Pages is how many pages a list has that is read to its end; 0 reads the first only.
	Pages int `json:"pages,omitempty"`
	// Total is how many items all pages together hold.
	Total int `json:"total,omitempty"`

	name string
}

// seed is a record that the platform holds, or many of them: in each {n}, or
// {n:06}, stands for its number, from 0 on.
type seed struct {
	rig.Record

	Repeat int `json:"repeat,omitempty"`
}

func (s *suite) actionCases(t *testing.T) []*actionCase {
	t.Helper()
	var all []*actionCase
	for _, name := range cases(t, s.dir, "actions") {
		c := &actionCase{name: name}
		rig.ReadJSON(t, filepath.Join(s.dir, "testdata", "actions", name, "case.json"), c)
		all = append(all, c)
	}
	return all
}

func (c *actionCase) call() abi.Call {
	return abi.Call{Op: abi.OpAction, Name: c.Action, Body: c.Input, IdempotencyKey: "plugintest-" + c.name}
}

// checkActions walks the action cases, each on a sim of its own.
func (s *suite) checkActions(t *testing.T) {
	all := s.actionCases(t)
	for _, c := range all {
		s.waivers.run(t, "actions", c.name, func(t *testing.T) {
			t.Parallel()
			s.checkAction(t, c)
		})
	}
	for _, action := range s.manifest.Actions {
		if !slices.ContainsFunc(all, func(c *actionCase) bool { return c.Action == action.Name && c.WantError == nil }) {
			s.waivers.run(t, "actions", "coverage/"+action.Name, func(t *testing.T) {
				t.Errorf("no case under testdata/actions calls %s with success", action.Name)
			})
		}
		if action.Pages != "" && !slices.ContainsFunc(all, func(c *actionCase) bool { return c.Action == action.Name && c.Pages > 1 }) {
			s.waivers.run(t, "actions", "pages/"+action.Name, func(t *testing.T) {
				t.Errorf(`no case under testdata/actions reads %s to its end over several "pages"`, action.Name)
			})
		}
	}
}

func (s *suite) checkAction(t *testing.T, c *actionCase) {
	t.Helper()
	action := s.action(t, c.Action)
	p := s.stage(t, c)
	for _, fault := range c.Faults {
		rig.Must(t, p.Inject(t.Context(), fault))
	}
	began := p.entries(t)
	connection := s.connect(t, p, options{settings: c.Settings})
	output, fault := connection.invoke(t, c.call())
	c.WantError.check(t, fault)
	if fault == nil {
		c.checkOutput(t, action, output)
	}
	if c.Pages > 0 && fault == nil {
		c.checkPages(t, connection, action, output)
	}
	c.checkEffects(t, action, effects(p.since(t, began)))
}

// stage starts a sim that holds what the case begins with.
func (s *suite) stage(t *testing.T, c *actionCase) *platform {
	t.Helper()
	p := s.startSim(t)
	p.seed(t, c)
	return p
}

func (p *platform) seed(t *testing.T, c *actionCase) {
	t.Helper()
	for _, seed := range c.Seed {
		for n := range max(1, seed.Repeat) {
			record := json.RawMessage(fillNumber(string(seed.Record.Record), n))
			rig.Must(t, p.PutRecord(t.Context(), seed.Collection, fillNumber(seed.ID, n), record))
		}
	}
}

func (s *suite) action(t *testing.T, name string) *abi.Action {
	t.Helper()
	for i := range s.manifest.Actions {
		if s.manifest.Actions[i].Name == name {
			return &s.manifest.Actions[i]
		}
	}
	t.Fatalf("the connector has no action %s", name)
	return nil
}

func (c *actionCase) checkOutput(t *testing.T, action *abi.Action, output []byte) {
	t.Helper()
	for _, fault := range conform("output", action.Output, output) {
		t.Error(fault)
	}
	if c.Want == nil {
		return
	}
	for _, fault := range subsetJSON("output", c.Want, output) {
		t.Error(fault)
	}
}

// checkEffects compares what the platform changed with what the case wants. An
// action that says that it reads must have changed nothing.
func (c *actionCase) checkEffects(t *testing.T, action *abi.Action, got []string) {
	t.Helper()
	if action.Reads && len(got) > 0 {
		t.Errorf("%s says that it only reads, and did: %q", action.Name, got)
	}
	if c.WantEffects == nil {
		return
	}
	if len(got) != len(c.WantEffects) {
		t.Errorf("effects %q, want %q", got, c.WantEffects)
		return
	}
	for i, want := range c.WantEffects {
		if !strings.Contains(got[i], want) {
			t.Errorf("effect %d is %q, want %q", i+1, got[i], want)
		}
	}
}

// entries returns the number of the journal's last entry.
func (p *platform) entries(t *testing.T) int64 {
	t.Helper()
	all := p.since(t, 0)
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].N
}

func (p *platform) since(t *testing.T, n int64) []simkit.Entry {
	t.Helper()
	entries, err := p.Journal(t.Context(), n)
	rig.Must(t, err)
	return entries
}

// effects lists what requests changed, in order.
func effects(entries []simkit.Entry) []string {
	var all []string
	for i := range entries {
		if entries[i].Effect != "" {
			all = append(all, strings.Split(entries[i].Effect, "; ")...)
		}
	}
	return all
}
