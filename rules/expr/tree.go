package expr

import (
	"slices"
	"strconv"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/shape"
)

// offset returns where a node's own sign stands: the dot of a field, the
// bracket of a call, the operator.
func (a *analysis) offset(e ast.Expr) (int, bool) {
	at, ok := a.ast.SourceInfo().GetOffsetRange(e.ID())
	return int(at.Start), ok && int(at.Start) <= len(a.text)
}

// tokenAt returns the index of the token that begins at or contains an offset.
func (a *analysis) tokenAt(offset int) int {
	for i, t := range a.tokens {
		if offset < t.to {
			return i
		}
	}
	return len(a.tokens) - 1
}

// span returns the runes that a node covers, brackets of its own included.
func (a *analysis) span(e ast.Expr) (from, to int) {
	first, last := len(a.tokens), -1
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(n ast.Expr) {
		if at, ok := a.offset(n); ok {
			i := a.tokenAt(at)
			first, last = min(first, i), max(last, i)
		}
	}))
	if last < 0 {
		return 0, len(a.text)
	}
	first, last = a.widen(first, last)
	return a.tokens[first].from, a.tokens[last].to
}

// widen adds the name before a call's bracket, the name after a dot and the
// end of each bracket that is open.
func (a *analysis) widen(first, last int) (int, int) {
	for first > 0 && a.tokens[first].is("(") && a.tokens[first-1].kind == tokenName {
		first--
		if first > 1 && a.tokens[first-1].is(".") && a.tokens[first-2].kind == tokenName {
			first -= 2
		}
	}
	for last+1 < len(a.tokens) && (a.tokens[last].is(".") || a.tokens[last].is("?")) {
		last++
	}
	depth := 0
	for _, t := range a.tokens[first : last+1] {
		depth += nesting(t)
	}
	for depth > 0 && last+1 < len(a.tokens) {
		last++
		depth += nesting(a.tokens[last])
	}
	return first, last
}

func nesting(t token) int {
	switch {
	case t.is("("), t.is("["), t.is("{"):
		return 1
	case t.is(")"), t.is("]"), t.is("}"):
		return -1
	}
	return 0
}

// source returns a node as it was written.
func (a *analysis) source(e ast.Expr) string {
	from, to := a.span(e)
	return string(a.text[from:to])
}

// fault notes a fault at a node.
func (a *analysis) fault(e ast.Expr, f func(from, to int) Fault) {
	from, to := a.span(e)
	a.faults = append(a.faults, f(from, to))
}

// path returns the way to a value as text, as in customer.address.city or
// found.records[0].id, if the node is such a way.
func path(e ast.Expr) (string, bool) {
	switch e.Kind() {
	case ast.IdentKind:
		return e.AsIdent(), true
	case ast.SelectKind:
		if sel := e.AsSelect(); !sel.IsTestOnly() {
			return join(sel.Operand(), sel.FieldName())
		}
	case ast.CallKind:
		return callPath(e.AsCall())
	default:
	}
	return "", false
}

func callPath(call ast.CallExpr) (string, bool) {
	fn, args := call.FunctionName(), call.Args()
	if len(args) != 2 || args[1].Kind() != ast.LiteralKind {
		return "", false
	}
	switch index := args[1].AsLiteral().(type) {
	case types.String:
		if fn == operators.OptSelect {
			return join(args[0], string(index))
		}
	case types.Int:
		if fn == operators.Index || fn == operators.OptIndex {
			base, ok := path(args[0])
			return base + "[" + strconv.FormatInt(int64(index), 10) + "]", ok
		}
	}
	return "", false
}

func join(operand ast.Expr, field string) (string, bool) {
	base, ok := path(operand)
	return base + "." + field, ok
}

// objectOf returns the type of a node that is an object, looking through optional.
func (a *analysis) objectOf(e ast.Expr) *shape.Type {
	t := a.typeOf(e)
	if shape.IsOptional(t) {
		t = t.Parameters()[0]
	}
	if t.Kind() != types.StructKind {
		return nil
	}
	return a.names.lang.types.From(t)
}

// fieldOf returns the declared field whose value a node is.
func (a *analysis) fieldOf(e ast.Expr) (shape.Field, bool) {
	switch e.Kind() {
	case ast.SelectKind:
		if object := a.objectOf(e.AsSelect().Operand()); object != nil && !e.AsSelect().IsTestOnly() {
			return object.Field(e.AsSelect().FieldName())
		}
	case ast.CallKind:
		call := e.AsCall()
		if call.FunctionName() == "orValue" && call.IsMemberFunction() {
			return a.fieldOf(call.Target())
		}
		if call.FunctionName() == operators.OptSelect {
			name, _ := constantIndex(e)
			if object := a.objectOf(call.Args()[0]); object != nil {
				return object.Field(name)
			}
		}
	default:
	}
	return shape.Field{}, false
}

// usedNames returns the names of the flow that the expression uses.
func (a *analysis) usedNames() []string {
	var used []string
	for _, e := range a.nodes {
		if e.Kind() != ast.IdentKind {
			continue
		}
		if _, known := a.names.Lookup(e.AsIdent()); known {
			used = append(used, e.AsIdent())
		}
	}
	slices.Sort(used)
	return slices.Compact(used)
}
