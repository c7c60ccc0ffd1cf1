package expr

import (
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/diag"
)

// enumerations finds comparisons with a text that the field never is.
func (a *analysis) enumerations() {
	ast.PreOrderVisit(a.ast.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || len(e.AsCall().Args()) != 2 {
			return
		}
		left, right := e.AsCall().Args()[0], e.AsCall().Args()[1]
		switch e.AsCall().FunctionName() {
		case operators.Equals, operators.NotEquals:
			a.enumValue(left, right)
			a.enumValue(right, left)
		case operators.In:
			if right.Kind() == ast.ListKind {
				for _, item := range right.AsList().Elements() {
					a.enumValue(left, item)
				}
			}
		}
	}))
}

func (a *analysis) enumValue(e, constant ast.Expr) {
	field, ok := a.fieldOf(e)
	if !ok || len(field.Schema.Enum) == 0 || constant.Kind() != ast.LiteralKind {
		return
	}
	text, ok := constant.AsLiteral().(types.String)
	if !ok || slices.Contains(field.Schema.Enum, string(text)) || isFallback(e, text) {
		return
	}
	a.fault(constant, func(from, to int) Fault {
		if near := diag.Closest(string(text), field.Schema.Enum); near != "" {
			return faultAt(from, to, notInEnumNear, a.source(e), string(text), near).replace(quote(near))
		}
		return faultAt(from, to, notInEnum, a.source(e), string(text), strings.Join(field.Schema.Enum, ", "))
	})
}

// isFallback says whether text is what x.?y.orValue(text) gives when y is absent.
func isFallback(e ast.Expr, text types.String) bool {
	_, fallback, ok := orValue(e)
	return ok && fallback.Kind() == ast.LiteralKind && fallback.AsLiteral().Equal(text) == types.True
}
