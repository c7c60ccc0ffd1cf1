package expr

import (
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/funcs"
	"github.com/musubi-run/musubi/rules/value"
)

// widening are the operators whose left operand CEL asks what to do, so that a
// whole number there must become a decimal first.
var widening = []string{
	operators.Add, operators.Subtract, operators.Multiply,
	operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals,
}

// decimals makes 2 * price read decimal(2) * price, once the types are known.
func (a *analysis) decimals() {
	w := &rewriter{ast: a.ast, factory: ast.NewExprFactory(), lastID: ast.MaxID(a.ast)}
	ast.PostOrderVisit(a.ast.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || !slices.Contains(widening, e.AsCall().FunctionName()) {
			return
		}
		fn, left, right := e.AsCall().FunctionName(), e.AsCall().Args()[0], e.AsCall().Args()[1]
		if a.typeOf(left).Kind() != types.IntKind || !a.typeOf(right).IsExactType(value.DecimalType) {
			return
		}
		w.lastID++
		a.ast.SetType(w.lastID, value.DecimalType)
		a.ast.SetReference(w.lastID, ast.NewFunctionReference(funcs.WholeDecimal))
		e.SetKindCase(w.factory.NewCall(e.ID(), fn, w.factory.NewCall(w.lastID, "decimal", left), right))
		a.ast.SetReference(e.ID(), ast.NewFunctionReference(funcs.DecimalOverload(fn, value.DecimalType, value.DecimalType)))
	}))
}
