package rules

import (
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// call reads a step that calls an action: call: connection.noun.verb.
func (b *builder) call(s *stepReader) outcome {
	node := s.keys["call"]
	name, action := b.action(node)
	if action == nil {
		return b.binds(s, b.lang.Types().Of("", nil))
	}
	action = b.declared(name, action, s)
	c := &Call{Connection: name, Action: action}
	s.step.Do = c
	label := name + "." + action.Name
	input, output := action.Input, action.Output
	special := b.recordAction(name, action, s)
	if special != nil {
		input, output = special.input, special.output
	}
	at := slot{name: label}
	if r := b.catalog.Connections[name].Manifest.Records; r != nil && r.Search == action.Name {
		at.strict = "match"
	}
	c.With = b.with(s, b.lang.Types().Of(label+" input", orEmpty(input)), at)
	if output == nil {
		return outcome{view: s.view}
	}
	return b.binds(s, b.lang.Types().Of(label, output))
}

// with compiles the inputs of a step; without the key they are empty.
func (b *builder) with(s *stepReader, want *shape.Type, at slot) *Template {
	v, node := b.values(s.view), s.keys["with"]
	if node == nil {
		v.required(s.node, want, nil, at)
		return &Template{root: record{}, at: s.node.Span()}
	}
	return v.template(node, want, at)
}

// action reads connection.noun.verb.
func (b *builder) action(node *source.Node) (string, *abi.Action) {
	text := b.word(node)
	if text == "" {
		return "", nil
	}
	name, actionName, ok := strings.Cut(text, ".")
	if !ok {
		b.add(node, callForm, text)
		return "", nil
	}
	connection := b.catalog.Connections[name]
	if connection == nil || connection.Manifest == nil {
		at := node.Range(0, len([]rune(name)))
		b.unknownConnection(at, name)
		return "", nil
	}
	if action := actionOf(connection.Manifest, actionName); action != nil {
		return name, action
	}
	b.unknownAction(node, name, actionName, connection.Manifest)
	return "", nil
}

func actionOf(m *abi.Manifest, name string) *abi.Action {
	for i := range m.Actions {
		if m.Actions[i].Name == name {
			return &m.Actions[i]
		}
	}
	return nil
}

func (b *builder) unknownAction(node *source.Node, connection, action string, m *abi.Manifest) {
	names := make([]string, len(m.Actions))
	for i := range m.Actions {
		names[i] = m.Actions[i].Name
	}
	from := len([]rune(connection)) + 1
	to := from + len([]rune(action))
	at := node.Range(from, to)
	if near := diag.Closest(action, names); near != "" {
		b.report.AddFix(at, node.Edit(from, to, near), unknownActionNear, connection, action, near)
		return
	}
	b.report.Add(at, unknownActionFault, connection, action, quotedSome(names))
}
