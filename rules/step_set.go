package rules

import (
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// assign reads a step that gives names to values; each sees the ones before it.
func (b *builder) assign(s *stepReader) outcome {
	node := s.keys["set"]
	out := outcome{view: s.view}
	if !node.IsMap() || len(node.Pairs()) == 0 {
		b.wantMapping(node, whatSet)
		return out
	}
	a := &Assign{}
	s.step.Do = a
	anything := b.lang.Types().Of("", nil)
	for _, p := range node.Pairs() {
		name := b.newName(p.Key, out.view)
		t := b.values(out.view).template(p.Value, anything, slot{name: p.Key.Text()})
		if name == "" || t == nil {
			continue
		}
		a.Names, a.Values = append(a.Names, name), append(a.Values, t)
		inner := *s
		inner.view = out.view
		after := b.bindsAs(&inner, name, b.typeOfPart(t.root))
		out = outcome{view: after.view, bound: append(out.bound, after.bound...)}
	}
	return out
}

// typeOfPart returns the type that a value will have.
func (b *builder) typeOfPart(p part) *shape.Type {
	known := b.lang.Types()
	switch p := p.(type) {
	case *Expr:
		return known.From(p.checked.Type)
	case constant:
		return known.From(value.TypeOf(p.val))
	case mixed:
		return known.From(types.StringType)
	case record:
		s := &abi.Schema{Type: abi.TypeObject, Properties: map[string]*abi.Schema{}}
		for _, f := range p {
			typ := b.typeOfPart(f.part)
			s.Properties[string(f.name)] = typ.Schema()
			if !typ.Schema().Nullable {
				s.Required = append(s.Required, string(f.name))
			}
		}
		return known.Of("set", s)
	case sequence:
		if len(p) > 0 {
			return known.Of("", &abi.Schema{Type: abi.TypeArray, Items: b.typeOfPart(p[0]).Schema()})
		}
	}
	return known.Of("", nil)
}

// stop reads a step that ends the run as done. Its value is the reason, for people.
func (b *builder) stop(s *stepReader) outcome {
	d := &Stop{}
	s.step.Do = d
	d.Reason = b.message(s, s.keys["stop"])
	return outcome{view: s.view, ends: true}
}

// fail reads a step that ends the run as failed.
func (b *builder) fail(s *stepReader) outcome {
	d := &Fail{}
	s.step.Do = d
	d.Message = b.message(s, s.keys["fail"])
	return outcome{view: s.view, ends: true}
}

func (b *builder) message(s *stepReader, node *source.Node) *Template {
	if node.IsEmpty() {
		b.add(node, reasonWanted)
		return nil
	}
	return b.values(s.view).template(node, b.lang.Types().Of("", textSchema), slot{name: "text", text: true})
}
