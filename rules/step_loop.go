package rules

import (
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
)

// foreach reads steps that are performed once for each item of a list, which
// is an expression, or of all pages of a list at a platform.
func (b *builder) foreach(s *stepReader) outcome {
	d := &Foreach{As: "item", Concurrency: 1}
	s.step.Do = d
	after := outcome{view: s.view}
	var item *shape.Type
	if s.keys["foreach"].IsMap() {
		item = b.pages(s, d)
	} else {
		d.In = b.values(s.view).bare(s.keys["foreach"], expr.Use{Facts: s.view.facts})
		item = b.itemType(d.In)
	}
	if n := s.keys["as"]; n != nil {
		d.As = b.newName(n, s.view)
	} else if _, taken := s.view.names.Lookup(d.As); taken {
		b.add(s.node, nameTaken, d.As)
	}
	if n := s.keys["concurrency"]; n != nil {
		d.Concurrency = b.count(n)
	}
	if n := s.keys["on_error"]; n != nil {
		d.Continue = b.choice(n, "stop", "continue") == "continue"
	}
	if s.keys["steps"] == nil {
		b.add(s.node, keyMissing, "steps")
		return after
	}
	d.Item = item.Schema()
	if d.As == "" {
		return after
	}
	inner := s.view.knows(d.As, item)
	if d.In != nil || d.Pages != nil { // else nobody can say what its items are
		inner = b.bindsAs(s, d.As, item)
	}
	d.Steps, _ = b.sequence(s.keys["steps"], s.place+".", inner.view)
	return after
}

// itemType returns the type of a list's items; of a map they are its keys.
func (b *builder) itemType(list *Expr) *shape.Type {
	known := b.lang.Types()
	if list == nil {
		return known.Of("", nil)
	}
	t := list.checked.Type
	switch t.Kind() {
	case types.ListKind, types.MapKind:
		return known.From(t.Parameters()[0])
	case types.DynKind:
	default:
		if shape.IsOptional(t) {
			b.add(list.node, optionalForeach, list.checked.Text)
		} else {
			b.add(list.node, listWanted, shape.TypeName(t))
		}
	}
	return known.Of("", nil)
}
