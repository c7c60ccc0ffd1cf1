package rules

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/sdk/abi"
)

// tests writes the flow's tests: one in which everything is there, and one in
// which what tells the record apart is absent or empty, if that can be.
func (s *scaffold) tests(f *Flow) (string, error) {
	full, err := s.test(f, s.Lang.Pick(testAllThere.Text()), slices.Concat(s.Match, s.Set), supply)
	if err != nil {
		return "", err
	}
	missing, err := s.guard()
	if err != nil || missing == "" {
		return "tests:\n" + full, err
	}
	bare, err := s.test(f, s.Lang.Pick(testNothingThere.Text()), s.Match, blank)
	return "tests:\n" + full + "\n" + bare, err
}

var (
	testAllThere     = diag.Kind{EN: "everything is there", JA: "すべての値がある"}
	testNothingThere = diag.Kind{EN: "what tells the record apart is absent", JA: "照合に使う値がない"}
)

// test writes what the flow does with made-up data whose mapped fields are filled by give.
func (s *scaffold) test(f *Flow, name string, mapped []Mapping, give func(object any, s *abi.Schema, way []string)) (string, error) {
	made := stand(s.data.base, s.data.schema)
	for _, m := range mapped {
		if !m.isText() {
			give(made, s.data.schema, strings.Split(m.From, "."))
		}
	}
	ev := &Event{ID: "test", Connection: s.Connection, Type: s.Event, Subject: "1", Data: []byte(jsonText(stand(s.Event, s.trigger)))}
	results := map[string]json.RawMessage{}
	if s.read == nil {
		ev.Data = []byte(jsonText(made))
	} else {
		results[s.data.base] = json.RawMessage(jsonText(made))
	}
	answers := &cannedAnswers{results: map[string][]json.RawMessage{}, used: map[string]int{}}
	for path, result := range results {
		answers.results[path] = []json.RawMessage{result}
	}
	trace := f.Simulate(ev, answers)
	if trace.Outcome == OutcomeFailed {
		return "", &abi.Error{Kind: abi.Invalid, Message: "the flow fails with made-up data: " + trace.Reason}
	}
	return writeTest(name, ev, results, trace), nil
}

// supply gives a field a value that may be absent.
func supply(object any, s *abi.Schema, way []string) {
	fields, ok := object.(map[string]any)
	property := s.Properties[way[0]]
	if !ok || property == nil {
		return
	}
	if _, there := fields[way[0]]; !there {
		fields[way[0]] = stand(way[0], property)
	}
	if len(way) > 1 {
		supply(fields[way[0]], property, way[1:])
	}
}

// blank makes a text empty that is always there.
func blank(object any, s *abi.Schema, way []string) {
	fields, ok := object.(map[string]any)
	property := s.Properties[way[0]]
	if !ok || property == nil {
		return
	}
	if _, there := fields[way[0]]; there && len(way) > 1 {
		blank(fields[way[0]], property, way[1:])
	} else if there && shape.IsText(property) && len(property.Enum) == 0 {
		fields[way[0]] = ""
	}
}
