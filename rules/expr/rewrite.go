package expr

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/parser"
)

// markedHas is what has(x) is between parsing and [rewriter]; it is no function.
const markedHas = "@has"

// hasMacro replaces CEL's own: what becomes of has() depends on types, which
// the parser does not know.
var hasMacro = cel.GlobalMacro("has", 1, func(eh parser.ExprHelper, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
	return eh.NewCall(markedHas, args[0]), nil
})

// rewriter brings a parsed expression into the form that is checked:
//
//	x['name']   becomes x.name, x[?'name'] becomes x.?name: objects and maps read alike
//	has(a.b)    becomes a presence test
//	has(a.b.c)  becomes a.?b.?c.hasValue(), so that one has() covers the whole way
type rewriter struct {
	ast     *ast.AST
	names   *Names
	factory ast.ExprFactory
	lastID  int64
}

func (n *Names) rewrite(a *ast.AST) {
	w := &rewriter{ast: a, names: n, factory: ast.NewExprFactory(), lastID: ast.MaxID(a)}
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(w.visit))
}

func (w *rewriter) visit(e ast.Expr) {
	if e.Kind() != ast.CallKind {
		return
	}
	switch call := e.AsCall(); call.FunctionName() {
	case operators.Index:
		if name, ok := constantIndex(e); ok {
			e.SetKindCase(w.factory.NewSelect(e.ID(), call.Args()[0], name))
		}
	case operators.OptIndex:
		if _, ok := constantIndex(e); ok {
			e.SetKindCase(w.factory.NewCall(e.ID(), operators.OptSelect, call.Args()...))
		}
	case markedHas:
		w.has(e, call.Args()[0])
	}
}

func (w *rewriter) has(e, arg ast.Expr) {
	switch {
	case arg.Kind() == ast.SelectKind:
		sel := arg.AsSelect()
		if w.direct(sel.Operand()) {
			e.SetKindCase(w.factory.NewPresenceTest(arg.ID(), sel.Operand(), sel.FieldName()))
			return
		}
		w.optional(arg)
	case arg.Kind() == ast.CallKind && arg.AsCall().FunctionName() == operators.OptSelect:
	default:
		return
	}
	e.SetKindCase(w.factory.NewMemberCall(e.ID(), "hasValue", arg))
}

// direct says whether the operand is a name that surely has a value.
func (w *rewriter) direct(operand ast.Expr) bool {
	if operand.Kind() != ast.IdentKind {
		return false
	}
	v, known := w.names.Lookup(operand.AsIdent())
	return !known || !v.Maybe
}

// optional makes a.b[0].c read a.?b[?0].?c.
func (w *rewriter) optional(e ast.Expr) {
	switch {
	case e.Kind() == ast.SelectKind && !e.AsSelect().IsTestOnly():
		sel := e.AsSelect()
		operand := sel.Operand()
		w.optional(operand)
		e.SetKindCase(w.factory.NewCall(e.ID(), operators.OptSelect, operand, w.literal(e, sel.FieldName())))
	case e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.Index:
		args := e.AsCall().Args()
		w.optional(args[0])
		e.SetKindCase(w.factory.NewCall(e.ID(), operators.OptIndex, args...))
	}
}

// literal makes a text node that stands where e does.
func (w *rewriter) literal(e ast.Expr, text string) ast.Expr {
	w.lastID++
	if at, ok := w.ast.SourceInfo().GetOffsetRange(e.ID()); ok {
		w.ast.SourceInfo().SetOffsetRange(w.lastID, at)
	}
	return w.factory.NewLiteral(w.lastID, types.String(text))
}

// constantIndex returns the text in x['text'] and x[?'text'].
func constantIndex(e ast.Expr) (string, bool) {
	args := e.AsCall().Args()
	if len(args) != 2 || args[1].Kind() != ast.LiteralKind {
		return "", false
	}
	name, ok := args[1].AsLiteral().(types.String)
	return string(name), ok
}
