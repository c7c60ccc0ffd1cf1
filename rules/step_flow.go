package rules

import (
	"slices"

	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/source"
)

// subFlow reads a step that runs another flow's steps as part of this run.
func (b *builder) subFlow(s *stepReader) outcome {
	after := outcome{view: s.view}
	node := s.keys["flow"]
	id := b.word(node)
	if id == "" {
		return after
	}
	target := b.byID[id]
	switch {
	case target == nil:
		b.unknownFlow(node, id)
		return after
	case target.broken:
		return after
	case target.state == building:
		b.add(node, flowCircle, id)
		return after
	}
	b.build(target)
	if target.keys["on"] != nil {
		b.add(node, flowHasTrigger, id)
		return after
	}
	d := &SubFlow{Flow: target.flow}
	s.step.Do = d
	b.calls = append(b.calls, target.flow)
	d.Params = b.params(s, target)
	return after
}

// params compiles the parameters of a sub-flow; those not given have the values of its file.
func (b *builder) params(s *stepReader, target *document) *Template {
	schema := *target.params.typ.Schema()
	schema.Required = target.params.missing
	t := b.with(s, b.lang.Types().Of("params of "+target.id, &schema), slot{name: target.id})
	if t == nil {
		return nil
	}
	given, ok := t.root.(record)
	if !ok {
		return t
	}
	return &Template{root: withDefaults(given, target.params), at: t.at}
}

func withDefaults(given record, params *paramSet) record {
	all := slices.Clone(given)
	for name, val := range params.values {
		if !slices.ContainsFunc(given, func(f recordField) bool { return string(f.name) == name }) {
			all = append(all, recordField{types.String(name), constant{val}})
		}
	}
	return all
}

func (b *builder) unknownFlow(node *source.Node, id string) {
	var names []string
	for name, d := range b.byID {
		if d.keys["on"] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if near := diag.Closest(id, names); near != "" {
		b.report.AddFix(node.Span(), node.Span().Fix(near), unknownFlowNear, id, near)
		return
	}
	b.add(node, unknownFlowFault, id)
}
