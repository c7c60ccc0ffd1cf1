package rules

import (
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/rules/value"
)

// view is what can be seen from one place of a flow: names, and the fields
// known to be present. It is immutable.
type view struct {
	names *expr.Names
	facts expr.Facts
}

// expression compiles an expression that stands at a rune of a node's text.
func (v *values) expression(node *source.Node, text string, from int, use expr.Use) *Expr {
	use.Clock = v.clock
	checked, faults := v.view.names.Compile(text, use)
	for _, f := range faults {
		if f.Code == expr.OpenString && node.Comment() != "" {
			v.cutByComment(node)
			continue
		}
		if v.untriggered != nil && eventData(text, f) {
			v.withoutTrigger(node, from, f)
			continue
		}
		v.report.Problems = append(v.report.Problems, problemOf(node, from, f))
	}
	if checked == nil {
		return nil
	}
	if slices.Contains(checked.Names, nameTables) {
		for _, t := range v.tables {
			v.use(t.file)
		}
	}
	return &Expr{checked: checked, node: node, from: from}
}

// eventData says whether a fault is that event has no data.
func eventData(text string, f expr.Fault) bool {
	runes := []rune(text)
	return f.Code == expr.UnknownField && f.To <= len(runes) && string(runes[f.From:f.To]) == "data" &&
		behindEvent.MatchString(string(runes[:f.From]))
}

var behindEvent = regexp.MustCompile(`(?:^|[^A-Za-z0-9_.])` + nameEvent + `\.\??$`)

// withoutTrigger says once that a flow without on has no event.data: all
// others that read it do so for the same reason.
func (v *values) withoutTrigger(node *source.Node, from int, f expr.Fault) {
	if *v.untriggered {
		return
	}
	*v.untriggered = true
	f.Code, f.Text, f.Fix = noTrigger.Code, noTrigger.Text(), nil
	v.report.Problems = append(v.report.Problems, problemOf(node, from, f))
}

// problemOf places a fault of an expression in its file.
func problemOf(node *source.Node, from int, f expr.Fault) Problem {
	at := node.Range(from+f.From, from+f.To)
	p := Problem{
		File: at.File.Name, Line: at.Line, Column: at.Column, EndColumn: at.End,
		Code: f.Code, Message: f.Text, Source: at.File.Line(at.Line),
	}
	if f.Fix != nil {
		p.Fix = node.Edit(from+f.Fix.From, from+f.Fix.To, f.Fix.Text)
	}
	return p
}

// cutByComment handles a value that YAML ended at " #".
func (v *values) cutByComment(node *source.Node) {
	span := node.Span()
	end := len([]rune(node.File.Line(span.Line))) + 1
	rest := source.Span{File: node.File, Line: span.Line, Column: span.Column, End: end}
	at := rest
	at.Column = end - len([]rune(node.Comment()))
	v.report.AddFix(at, rest.Fix(source.Quote(source.WithoutLone(rest.Text()))), cutByComment)
}

// bare compiles an expression field, which holds an expression without ${ }.
func (v *values) bare(node *source.Node, use expr.Use) *Expr {
	if !node.IsScalar() {
		v.add(node, expressionWanted)
		return nil
	}
	return v.expression(node, node.Text(), 0, use)
}

// condition compiles an expression field that must be true or false.
func (v *values) condition(node *source.Node) *Condition {
	return v.conditionFor(node, expr.Use{Facts: v.view.facts})
}

func (v *values) conditionFor(node *source.Node, use expr.Use) *Condition {
	e := v.bare(node, use)
	if e == nil {
		return nil
	}
	if t := e.checked.Type; t.Kind() != types.BoolKind && t.Kind() != types.DynKind {
		v.add(node, conditionWanted, shape.TypeName(t))
		return nil
	}
	return &Condition{e}
}

// lane compiles an expression field that must become text.
func (v *values) lane(node *source.Node) *Expr {
	e := v.bare(node, expr.Use{Facts: v.view.facts, Needed: true})
	if e == nil || !v.becomesText(e, true) {
		return nil
	}
	return e
}

// becomesText reports expressions whose text would be anybody's guess. Where
// the text is needed, an empty one is not offered instead of an absent one.
func (v *values) becomesText(e *Expr, needed bool) bool {
	t := e.checked.Type
	switch t.Kind() {
	case types.StringKind, types.IntKind, types.UintKind, types.BoolKind, types.TimestampKind, types.DynKind:
		return true
	default:
	}
	if t.IsExactType(value.DateType) || t.IsExactType(value.DecimalType) {
		return true
	}
	length := len([]rune(e.checked.Text))
	f := expr.Fault{From: 0, To: length, Code: notText.Code, Text: notText.Text(strings.TrimSpace(e.checked.Text), shape.TypeName(t))}
	switch {
	case shape.IsOptional(t):
		f.Code, f.Text = optionalText.Code, optionalText.Text(e.checked.Text, "…")
		if !needed {
			f.Text = optionalText.Text(e.checked.Text, "''")
			f.Fix = &expr.Edit{From: length, To: length, Text: ".orValue('')"}
		}
	case t.Kind() == types.DoubleKind:
		f.Fix = &expr.Edit{From: 0, To: length, Text: "string(" + e.checked.Text + ")"}
	}
	v.report.Problems = append(v.report.Problems, problemOf(e.node, e.from, f))
	return false
}

// wrongExpression reports ${ } of another type than its place wants.
func (v *values) wrongExpression(e *Expr, want *types.Type, at slot) {
	have := e.checked.Type
	if have.Kind() == types.StructKind && want.Kind() == types.StructKind {
		v.otherObject(e, want, at)
		return
	}
	length := len([]rune(e.checked.Text))
	if have.Kind() == types.MapKind && !textKeys(have) {
		v.report.Problems = append(v.report.Problems, problemOf(e.node, e.from, expr.Fault{
			To: length, Code: mapKeys.Code, Text: mapKeys.Text(at.label(), shape.TypeName(have.Parameters()[0])),
		}))
		return
	}
	if want.Kind() == types.TimestampKind && have.IsExactType(value.DateType) {
		right := e.checked.Text + ".at('09:00')"
		v.report.Problems = append(v.report.Problems, problemOf(e.node, e.from, expr.Fault{
			To: length, Code: dayForTime.Code, Text: dayForTime.Text(at.label(), right), Fix: &expr.Edit{To: length, Text: right},
		}))
		return
	}
	f := expr.Fault{To: length, Code: wrongTypeFault.Code, Text: wrongTypeFault.Text(at.label(), shape.TypeName(want), shape.TypeName(have))}
	if conversion := conversionTo(want, have); conversion != "" {
		f.Fix = &expr.Edit{To: length, Text: conversion + "(" + e.checked.Text + ")"}
	}
	v.report.Problems = append(v.report.Problems, problemOf(e.node, e.from, f))
}

// otherObject reports an object whose fields are not those of its place.
func (v *values) otherObject(e *Expr, want *types.Type, at slot) {
	known := v.lang.Types()
	have, need := known.From(e.checked.Type), known.From(want)
	v.report.Problems = append(v.report.Problems, problemOf(e.node, e.from, expr.Fault{
		To: len([]rune(e.checked.Text)), Code: otherObject.Code,
		Text: otherObject.Text(at.label(), quotedSome(need.FieldNames()), quotedSome(have.FieldNames())),
	}))
}

// conversionTo returns the function that makes the wanted type of what is there.
func conversionTo(want, have *types.Type) string {
	functions := map[types.Kind]string{
		types.StringKind: "string", types.DynKind: "string", types.IntKind: "int", types.DoubleKind: "double",
		types.TimestampKind: "timestamp", types.DurationKind: "duration",
	}
	fn := functions[want.Kind()]
	if want.IsExactType(value.DateType) {
		fn = "date"
	}
	if want.IsExactType(value.BirthdayType) {
		fn = "birthday"
	}
	if want.IsExactType(value.DecimalType) {
		if have.Kind() == types.IntKind || have.Kind() == types.StringKind {
			return "decimal"
		}
		return ""
	}
	switch have.Kind() {
	case types.StringKind:
		return fn
	case types.IntKind, types.DoubleKind, types.BoolKind, types.TimestampKind, types.DurationKind, types.OpaqueKind:
		if fn == "string" && !shape.IsOptional(have) {
			return fn
		}
	default:
	}
	return ""
}

// absentValue reports a value that may be absent in a place that needs one.
func (v *values) absentValue(e *Expr, at slot) {
	length := len([]rune(e.checked.Text))
	f := expr.Fault{To: length, Code: optionalValue.Code, Text: optionalValue.Text(at.label(), e.checked.Text)}
	v.report.Problems = append(v.report.Problems, problemOf(e.node, e.from, f))
}
