package plugintest

import (
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

// checkSettings breaks each setting once: the error must be of a kind that a
// person acts on, and name the key.
func (s *suite) checkSettings(t *testing.T) {
	c := s.probe(t)
	p := s.stage(t, c)
	for _, key := range s.manifest.Settings.Required {
		s.waivers.run(t, "settings", "missing-"+key, func(t *testing.T) {
			s.checkBrokenSetting(t, p, c, key, nil)
		})
	}
	for key, schema := range s.manifest.Settings.Properties {
		if schema.Type == abi.TypeAny {
			continue
		}
		s.waivers.run(t, "settings", "wrong-"+key, func(t *testing.T) {
			s.checkBrokenSetting(t, p, c, key, wrongFor(schema))
		})
	}
}

// wrongFor returns a value of another type than the schema's.
func wrongFor(schema *abi.Schema) any {
	if schema.Type == abi.TypeObject {
		return "no object"
	}
	return map[string]any{"no": "scalar"}
}

func (s *suite) checkBrokenSetting(t *testing.T, p *platform, c *actionCase, key string, value any) {
	t.Helper()
	broken := s.connect(t, p, options{settings: map[string]any{key: value}, unchecked: true})
	_, fault := broken.invoke(t, c.call())
	switch {
	case fault == nil:
		t.Errorf("%s works with the setting %s = %v", c.Action, key, value)
	case fault.Kind != abi.Config && fault.Kind != abi.Invalid:
		t.Errorf("failed with %s: %s; want %s", fault.Kind, fault, abi.Config)
	case !strings.Contains(fault.Message, key):
		t.Errorf("the error does not name %s: %s", key, fault)
	}
}

// probe returns a case that succeeds, one that only reads if there is one.
func (s *suite) probe(t *testing.T) *actionCase {
	t.Helper()
	var found *actionCase
	for _, c := range s.actionCases(t) {
		if c.WantError != nil || len(c.Faults) > 0 || c.Settings != nil {
			continue
		}
		if s.action(t, c.Action).Reads {
			return c
		}
		found = c
	}
	if found == nil {
		t.Skip("no case under testdata/actions succeeds")
	}
	return found
}
