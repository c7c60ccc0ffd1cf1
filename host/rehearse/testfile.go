package rehearse

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-run/musubi/rules"
)

// YAML returns the case as a tests.yaml of its own.
func (c *Case) YAML() ([]byte, error) {
	test, err := c.node()
	if err != nil {
		return nil, err
	}
	file := mapping(pair{"tests", &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{test}}})
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(file); err != nil {
		return nil, fmt.Errorf("writing the test: %w", err)
	}
	return out.Bytes(), nil
}

// Append returns a tests.yaml with the case behind its other tests, which stay
// as they are. False means that its tests are not the last thing in it, or are
// not written one below the other.
func (c *Case) Append(file []byte) (_ []byte, ok bool, err error) {
	own, err := c.YAML()
	if err != nil || len(bytes.TrimSpace(file)) == 0 {
		return own, true, err
	}
	var root yaml.Node
	if err := yaml.Unmarshal(file, &root); err != nil {
		return nil, false, fmt.Errorf("reading the tests: %w", err)
	}
	keys := root.Content[0].Content
	if n := len(keys); n < 2 || keys[n-2].Value != "tests" || keys[n-1].Style&yaml.FlowStyle != 0 || len(keys[n-1].Content) == 0 {
		return nil, false, nil
	}
	indent := strings.Repeat(" ", max(keys[len(keys)-1].Content[0].Column-3, 0))
	var out strings.Builder
	out.WriteString(strings.TrimRight(string(file), "\n") + "\n\n")
	_, items, _ := strings.Cut(string(own), "\n")
	for line := range strings.Lines(items) {
		out.WriteString(indent + strings.TrimPrefix(line, "  "))
	}
	return []byte(out.String()), true, nil
}

func (c *Case) node() (*yaml.Node, error) {
	w := &writer{}
	event := mapping(
		pair{"subject", text(c.event.Subject)},
		pair{"time", text(c.event.Time.Format(time.RFC3339))},
		pair{"data", w.json(c.event.Data)})
	test := mapping(pair{"name", text(c.Name)}, pair{"flow", text(c.Flow)}, pair{"event", event})
	if c.late {
		add(test, pair{"started_at", text(c.event.Received.Format(time.RFC3339))})
	}
	if results := w.sorted(c.results); len(results) > 0 {
		add(test, pair{"results", mapping(results...)})
	}
	if len(c.errors) > 0 {
		add(test, pair{"errors", mapping(c.faults()...)})
	}
	expect := mapping(pair{"outcome", text(string(c.trace.Outcome))})
	if c.trace.Reason != "" && len(c.errors) == 0 {
		add(expect, pair{"reason", text(c.trace.Reason)})
	}
	steps := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range c.trace.Effects {
		steps.Content = append(steps.Content, w.effect(&c.trace.Effects[i]))
	}
	add(expect, pair{"steps", steps})
	add(test, pair{"expect", expect})
	if len(c.unused) > 0 {
		gone := strings.Join(c.unused, ", ")
		test.HeadComment = "The run had steps that the flow no longer has, or no longer takes; their answers are left out: " + gone +
			"\n実行時にあって今のフローでは通らないステップの応答は、入れていません: " + gone
	}
	return test, w.err
}

func (c *Case) faults() []pair {
	var all []pair
	for _, path := range slices.Sorted(maps.Keys(c.errors)) {
		fault := c.errors[path]
		fields := mapping(pair{"kind", text(fault.Kind.String())}, pair{"message", text(fault.Message)})
		if fault.Code != "" {
			add(fields, pair{"code", text(fault.Code)})
		}
		all = append(all, pair{path, fields})
	}
	return all
}

// writer turns values into YAML; the first fault stays in err.
type writer struct{ err error }

func (w *writer) effect(e *rules.Effect) *yaml.Node {
	step := mapping(pair{e.Kind, text(e.Target)})
	if e.Kind == "call" {
		add(step, pair{"with", w.json(e.Input)})
		return step
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(e.Input, &fields); err != nil {
		w.err = fmt.Errorf("reading the fields of step %s: %w", e.Path, err)
	}
	add(step, w.sorted(fields)...)
	return step
}

func (w *writer) sorted(fields map[string]json.RawMessage) []pair {
	var all []pair
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		all = append(all, pair{name, w.json(fields[name])})
	}
	return all
}

func (w *writer) json(data json.RawMessage) *yaml.Node {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		w.err = fmt.Errorf("reading what was recorded: %w", err)
		return text("")
	}
	return node(value)
}

func node(value any) *yaml.Node {
	switch v := value.(type) {
	case map[string]any:
		m := mapping()
		for _, name := range slices.Sorted(maps.Keys(v)) {
			add(m, pair{name, node(v[name])})
		}
		return m
	case []any:
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range v {
			list.Content = append(list.Content, node(item))
		}
		return list
	case string:
		return text(v)
	default: // numbers, true, false and null are written as in JSON
		data, err := json.Marshal(v)
		if err != nil { // decoded from JSON: cannot happen
			return text("")
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Value: string(data)}
	}
}

type pair struct {
	key   string
	value *yaml.Node
}

func mapping(pairs ...pair) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode}
	add(m, pairs...)
	return m
}

func add(m *yaml.Node, pairs ...pair) {
	for _, p := range pairs {
		m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: p.key}, p.value)
	}
}

// text is always quoted, so that no value is taken for something else.
func text(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: strings.ReplaceAll(s, "${", "$${")}
}
