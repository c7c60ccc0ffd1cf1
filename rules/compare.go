package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/source"
)

// compare reports where the trace is not what the test expects.
func (c *testCase) compare(trace *Trace, r *source.Report) {
	switch {
	case c.outcome == nil && trace.Outcome == OutcomeFailed:
		r.Add(c.node.Span(), testFailed, c.name, trace.Reason)
		return
	case c.outcome != nil && c.outcome.Text() != string(trace.Outcome):
		r.Add(c.outcome.Span(), testOutcome, c.name, c.outcome.Text(), string(trace.Outcome), reasonOf(trace))
	case c.reason != nil && strings.ReplaceAll(c.reason.Text(), "$${", "${") != trace.Reason:
		r.Add(c.reason.Span(), testOtherInput, c.name, "reason", c.reason.Text(), trace.Reason)
	}
	if !c.checksSteps {
		return
	}
	for i, step := range c.steps {
		if i >= len(trace.Effects) {
			r.Add(step.node.Span(), testStepMissing, c.name, step.title())
			return
		}
		if !step.compare(c.name, &trace.Effects[i], r) {
			return
		}
	}
	if len(trace.Effects) > len(c.steps) {
		extra := trace.Effects[len(c.steps)]
		r.Add(c.node.Span(), testStepExtra, c.name, extra.Kind+": "+extra.Target, extra.Path, string(extra.Input))
	}
}

func reasonOf(trace *Trace) string {
	if trace.Reason == "" {
		return ""
	}
	return ": " + trace.Reason
}

func (e *expectedStep) title() string { return e.kind + ": " + e.target }

// compare says whether the effect is what was expected; if not it was reported.
func (e *expectedStep) compare(test string, got *Effect, r *source.Report) bool {
	if e.kind != got.Kind || e.target != got.Target || (e.path != "" && e.path != got.Path) {
		r.Add(e.node.Span(), testOtherStep, test, e.title(), got.Kind+": "+got.Target, got.Path)
		return false
	}
	fields := effectFields(got)
	for _, name := range slices.Sorted(maps.Keys(e.fields)) {
		if !sameJSON(e.fields[name], fields[name]) {
			at := e.node.Get(name)
			r.Add(at.Span(), testOtherInput, test, name, string(orNull(e.fields[name])), string(orNull(fields[name])))
			return false
		}
	}
	return true
}

// effectFields returns an effect's fields under the names that steps have in files.
func effectFields(e *Effect) map[string]json.RawMessage {
	if e.Kind == "call" {
		return map[string]json.RawMessage{"with": e.Input}
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(e.Input, &fields); err != nil {
		return map[string]json.RawMessage{}
	}
	return fields
}

func orNull(data json.RawMessage) json.RawMessage {
	if data == nil {
		return json.RawMessage("null")
	}
	return data
}

// sameJSON compares values, not their writing; numbers keep all their digits.
func sameJSON(a, b json.RawMessage) bool {
	x, errX := canonical(a)
	y, errY := canonical(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func canonical(data json.RawMessage) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(orNull(data)))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, fmt.Errorf("reading JSON: %w", err)
	}
	return json.Marshal(v)
}
