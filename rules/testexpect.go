package rules

import (
	"encoding/json"
	"strings"

	"github.com/musubi-run/musubi/rules/source"
)

// expectedStep is one step that a test expects, with the fields that it names.
type expectedStep struct {
	node         *source.Node
	kind, target string
	path         string
	fields       map[string]json.RawMessage
}

func (r *testReader) expect(c *testCase, node *source.Node) {
	keys := r.mapping(node, whatExpect, expectKeys)
	if c.outcome = keys["outcome"]; c.outcome != nil {
		r.choice(c.outcome, string(OutcomeDone), string(OutcomeIgnored), string(OutcomeStopped), string(OutcomeFailed))
	}
	if c.reason = keys["reason"]; c.reason != nil {
		r.sentence(c.reason)
	}
	n := keys["steps"]
	if n == nil {
		return
	}
	c.checksSteps = true
	for _, item := range n.Items() {
		c.steps = append(c.steps, r.expectedStep(item))
	}
}

// effectKinds are the keys that name an effect.
var effectKinds = []string{"call", "upsert", "link", "linked", "emit", "wait"}

func (r *testReader) expectedStep(node *source.Node) expectedStep {
	e := expectedStep{node: node, fields: map[string]json.RawMessage{}}
	allowed := append([]string{"step", "with", "object", "match", "set", "create", "from", "to", "subject"}, effectKinds...)
	keys := r.mapping(node, whatAStep, allowed)
	for _, kind := range effectKinds {
		if keys[kind] != nil && e.kind == "" {
			e.kind, e.target = kind, r.plain(keys[kind])
			delete(keys, kind)
		}
	}
	if n := keys["step"]; n != nil {
		e.path = r.plain(n)
		delete(keys, "step")
	}
	if e.kind == "" && node.IsMap() {
		r.add(node, noKindFault, strings.Join(effectKinds, ", "))
	}
	for key, n := range keys {
		e.fields[key] = r.json(n)
	}
	return e
}
