package rules

import (
	"strings"

	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/source"
)

// wait reads a step that lets the run rest: for a duration, or until a time.
func (b *builder) wait(s *stepReader) outcome {
	d := &Wait{IfPast: IfPastRun}
	s.step.Do = d
	after := outcome{view: s.view}
	node := s.keys["wait"]
	keys := b.mapping(node, whatWait, []string{"for", "until", "if_past"})
	if !node.IsMap() {
		return after
	}
	if (keys["for"] == nil) == (keys["until"] == nil) {
		b.add(node, forOrUntil)
		return after
	}
	if n := keys["for"]; n != nil {
		d.For = b.waitFor(s, n)
		if p := keys["if_past"]; p != nil {
			b.add(p, ifPastNeedsUntil)
		}
		return after
	}
	d.Until = b.waitUntil(s, keys["until"])
	if n := keys["if_past"]; n != nil {
		d.IfPast = IfPast(b.choice(n, string(IfPastRun), string(IfPastSkip)))
	}
	return after
}

// waitFor reads 3d, or an expression that is a duration.
func (b *builder) waitFor(s *stepReader, node *source.Node) *Expr {
	if !node.IsScalar() || !strings.Contains(node.Text(), "${") {
		return &Expr{literal: types.Duration{Duration: b.duration(node)}, node: node}
	}
	return b.wholeExpression(s, node, types.DurationType)
}

// waitUntil reads a time like 2025-02-11T21:03:09+09:00, or an expression that is one.
func (b *builder) waitUntil(s *stepReader, node *source.Node) *Expr {
	if node.IsScalar() && strings.Contains(node.Text(), "${") {
		return b.wholeExpression(s, node, types.TimestampType)
	}
	p := b.values(s.view).compile(node, b.lang.Types().Of("", timeSchema), slot{name: "until"})
	if c, ok := p.(constant); ok {
		return &Expr{literal: c.val, node: node}
	}
	return nil
}

// wholeExpression reads ${ } alone that must be of one type.
func (b *builder) wholeExpression(s *stepReader, node *source.Node, want *types.Type) *Expr {
	v := b.values(s.view)
	parts, fault := expr.Split(node.Text())
	if fault != nil {
		v.openTemplate(node, fault)
		return nil
	}
	if len(parts) != 1 || !parts[0].IsExpr {
		b.add(node, oneExpression)
		return nil
	}
	e := v.expression(node, parts[0].Expr, parts[0].From, expr.Use{Facts: s.view.facts})
	if e == nil {
		return nil
	}
	if have := e.checked.Type; !have.IsExactType(want) && have.Kind() != types.DynKind {
		v.wrongExpression(e, want, slot{name: "wait"})
		return nil
	}
	return e
}
