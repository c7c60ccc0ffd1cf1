package rules

import (
	"slices"

	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// text compiles a scalar with ${ } in it.
func (v *values) text(node *source.Node, want *shape.Type, at slot) part {
	parts, fault := expr.Split(node.Text())
	if fault != nil {
		v.openTemplate(node, fault)
		return nil
	}
	switch {
	case len(parts) == 1 && !parts[0].IsExpr:
		return v.textLiteral(node, parts[0].Literal, want, at)
	case v.constant:
		v.add(node, noExpressionHere)
		return nil
	case len(parts) == 1 && !at.text && !isText(parts[0]):
		return v.wholeValue(node, parts[0], want, at)
	default:
		return v.mixedText(node, parts, want, at)
	}
}

// openTemplate tells a ${ that was cut off by YAML's comment from one that was never closed.
func (v *values) openTemplate(node *source.Node, fault *expr.Fault) {
	if node.Comment() != "" {
		v.cutByComment(node)
		return
	}
	if v.wideClosing(node, fault) {
		return
	}
	if node.IsFlow() || !node.Explain(&v.report) {
		v.report.Problems = append(v.report.Problems, problemOf(node, 0, *fault))
	}
}

// wideClosing reports a ${ that a full-width brace should have closed.
func (v *values) wideClosing(node *source.Node, fault *expr.Fault) bool {
	runes := []rune(node.Text())
	for i := fault.From; i < len(runes) && runes[i] != '\n'; i++ {
		if runes[i] == '｝' {
			v.report.AddFix(node.Range(i, i+1), node.Edit(i, i+1, "}"), wideBrace)
			return true
		}
	}
	return false
}

// wholeValue compiles ${ } alone, which keeps its type.
func (v *values) wholeValue(node *source.Node, p expr.Part, want *shape.Type, at slot) part {
	e := v.expression(node, p.Expr, p.From, expr.Use{
		Facts: v.view.facts, Optional: at.optional, Needed: at.needed || !at.optional && !want.IsAny(),
	})
	if e == nil {
		return nil
	}
	if want.Schema().Type == abi.TypeNumber && isDecimal(e.checked.Type) {
		return v.exactNumber(e, at)
	}
	fit := v.fits(e.checked.Type, want)
	switch {
	case fit == fitsNot:
		v.wrongExpression(e, want.CEL(), at)
		return nil
	case fit == fitsPresent && !at.optional:
		v.absentValue(e, at)
		return nil
	case fit == fitsPerhaps || !enumFits(e.checked, want):
		return verified{e, want, node.Span()}
	default:
		return e
	}
}

// isDecimal says whether a value is a decimal, if it is there.
func isDecimal(t *types.Type) bool {
	if shape.IsOptional(t) {
		t = t.Parameters()[0]
	}
	return t.IsExactType(value.DecimalType)
}

// exactNumber passes a decimal on as a number with all its digits.
func (v *values) exactNumber(e *Expr, at slot) part {
	if shape.IsOptional(e.checked.Type) && !at.optional {
		v.absentValue(e, at)
		return nil
	}
	return bareDecimal{e}
}

// enumFits says whether a value is sure to be one that an enumeration allows.
func enumFits(e *expr.Expr, want *shape.Type) bool {
	enum := want.Schema().Enum
	if len(enum) == 0 {
		return true
	}
	if e.Field == nil || len(e.Field.Schema.Enum) == 0 {
		return false
	}
	for _, word := range e.Field.Schema.Enum {
		if !slices.Contains(enum, word) {
			return false
		}
	}
	return true
}

// mixedText compiles text around ${ }; each must be something that has one obvious text.
func (v *values) mixedText(node *source.Node, parts []expr.Part, want *shape.Type, at slot) part {
	if !want.IsAny() && !want.IsText() {
		v.wrongType(node, mixedTextName, want, at)
		return nil
	}
	pieces, ok := v.pieces(node, parts, at.needed)
	if !ok {
		return nil
	}
	if len(want.Schema().Enum) > 0 {
		return verified{pieces, want, node.Span()}
	}
	return pieces
}

func isText(p expr.Part) bool {
	_, ok := nameOfText(p.Expr)
	return ok
}

// pieces compiles text with ${ } in it. Needed says that the text tells records apart.
func (v *values) pieces(node *source.Node, parts []expr.Part, needed bool) (mixed, bool) {
	all, ok := make(mixed, 0, len(parts)), true
	for _, p := range parts {
		if !p.IsExpr {
			all = append(all, piece{literal: p.Literal})
			continue
		}
		if name, found := nameOfText(p.Expr); found {
			inner, fine := v.textPieces(node, p, name)
			all, ok = append(all, inner...), ok && fine
			continue
		}
		e := v.expression(node, p.Expr, p.From, expr.Use{Facts: v.view.facts, Needed: needed})
		if e == nil || !v.becomesText(e, needed) {
			ok = false
			continue
		}
		all = append(all, piece{expr: e})
	}
	return all, ok
}
