package rules

import (
	"strings"

	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// waitResult is what a wait gives to later steps. now stays the event's time
// behind it, so that a rule means the same whenever it is read.
var waitResult = &abi.Schema{
	Type:     abi.TypeObject,
	Required: []string{"at"},
	Properties: map[string]*abi.Schema{
		"at": {Type: abi.TypeString, Format: "date-time", Doc: "When the run went on", DocJA: "待機が終わった時刻"},
	},
}

// wait reads a step that lets the run rest: for a duration, or until a time.
func (b *builder) wait(s *stepReader) outcome {
	d := &Wait{IfPast: IfPastRun}
	s.step.Do = d
	after := b.binds(s, b.lang.Types().Of("wait", waitResult))
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
	d.Until = b.moment(s, keys["until"], "wait")
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
	return b.wholeExpression(s, node, types.DurationType, "wait")
}

// wholeExpression reads ${ } alone that must be of one type. name is what messages call it.
func (b *builder) wholeExpression(s *stepReader, node *source.Node, want *types.Type, name string) *Expr {
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
		v.wrongExpression(e, want, slot{name: name})
		return nil
	}
	return e
}
