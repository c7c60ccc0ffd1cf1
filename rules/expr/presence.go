package expr

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/value"
)

// Facts are the ways to fields that are known to be present. They are immutable.
type Facts map[string]struct{}

// With returns the facts of both.
func (f Facts) With(more Facts) Facts {
	if len(more) == 0 {
		return f
	}
	if len(f) == 0 {
		return more
	}
	all := maps.Clone(f)
	maps.Copy(all, more)
	return all
}

// Both returns the facts that hold in either case.
func (f Facts) Both(other Facts) Facts {
	var common Facts
	for p := range f {
		if _, ok := other[p]; ok {
			common = common.With(Facts{p: {}})
		}
	}
	return common
}

// Without returns the facts that are not about a name, which means something else from here on.
func (f Facts) Without(name string) Facts {
	kept := Facts{}
	for p := range f {
		if p != name && !strings.HasPrefix(p, name+".") && !strings.HasPrefix(p, name+"[") {
			kept[p] = struct{}{}
		}
	}
	return kept
}

// presence finds fields that may be absent and are used as if they were there.
func (a *analysis) presence(e ast.Expr, known Facts) {
	switch e.Kind() {
	case ast.SelectKind:
		a.selectPresence(e, known)
	case ast.CallKind:
		a.callPresence(e, known)
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		a.presence(c.IterRange(), known)
		a.presence(c.AccuInit(), known)
		inner := known.Without(c.IterVar())
		a.presence(c.LoopStep(), inner)
		a.presence(c.Result(), known)
	default:
		for _, child := range children(e) {
			a.presence(child, known)
		}
	}
}

func (a *analysis) selectPresence(e ast.Expr, known Facts) {
	sel := e.AsSelect()
	before := len(a.faults)
	a.presence(sel.Operand(), known)
	if len(a.faults) > before || sel.IsTestOnly() || shape.IsOptional(a.typeOf(sel.Operand())) {
		return
	}
	field, declared := a.fieldOf(e)
	if !declared || !field.Optional {
		return
	}
	way, ok := path(e)
	if _, present := known[way]; ok && present {
		return
	}
	a.faults = append(a.faults, a.absent(e, field))
}

func (a *analysis) callPresence(e ast.Expr, known Facts) {
	call := e.AsCall()
	args := call.Args()
	switch fn := call.FunctionName(); {
	case fn == operators.LogicalAnd && len(args) == 2:
		a.presence(args[0], known.With(a.factsOf(args[1], true)))
		a.presence(args[1], known.With(a.factsOf(args[0], true)))
	case fn == operators.LogicalOr && len(args) == 2:
		a.presence(args[0], known.With(a.factsOf(args[1], false)))
		a.presence(args[1], known.With(a.factsOf(args[0], false)))
	case fn == operators.Conditional && len(args) == 3:
		a.presence(args[0], known)
		a.presence(args[1], known.With(a.factsOf(args[0], true)))
		a.presence(args[2], known.With(a.factsOf(args[0], false)))
	default:
		for _, child := range children(e) {
			a.presence(child, known)
		}
	}
}

// factsOf returns what is known to be present once e turned out to be true, or false.
func (a *analysis) factsOf(e ast.Expr, outcome bool) Facts {
	switch e.Kind() {
	case ast.SelectKind:
		if sel := e.AsSelect(); sel.IsTestOnly() && outcome {
			way, ok := join(sel.Operand(), sel.FieldName())
			if ok {
				return Facts{way: {}}
			}
		}
	case ast.CallKind:
		return a.factsOfCall(e.AsCall(), outcome)
	default:
	}
	return nil
}

func (a *analysis) factsOfCall(call ast.CallExpr, outcome bool) Facts {
	args := call.Args()
	switch call.FunctionName() {
	case operators.LogicalNot:
		return a.factsOf(args[0], !outcome)
	case operators.LogicalAnd, operators.LogicalOr:
		left, right := a.factsOf(args[0], outcome), a.factsOf(args[1], outcome)
		if (call.FunctionName() == operators.LogicalAnd) == outcome {
			return left.With(right)
		}
		return left.Both(right)
	case operators.Equals, operators.NotEquals:
		if (call.FunctionName() == operators.Equals) != outcome {
			return unequalFacts(args[0], args[1]).With(unequalFacts(args[1], args[0]))
		}
		return equalFacts(args[0], args[1]).With(equalFacts(args[1], args[0]))
	case "hasValue":
		if outcome && call.IsMemberFunction() {
			return wayFacts(call.Target())
		}
	}
	return nil
}

// unequalFacts knows that x.?y.orValue(c) is not c only if y is present.
func unequalFacts(e, other ast.Expr) Facts {
	target, fallback, ok := orValue(e)
	if ok && sameLiteral(fallback, other) {
		return wayFacts(target)
	}
	return nil
}

// equalFacts knows that x.?y.orValue(c) is another constant than c only if y is present.
func equalFacts(e, other ast.Expr) Facts {
	target, fallback, ok := orValue(e)
	if ok && other.Kind() == ast.LiteralKind && fallback.Kind() == ast.LiteralKind && !sameLiteral(fallback, other) {
		return wayFacts(target)
	}
	return nil
}

func orValue(e ast.Expr) (target, fallback ast.Expr, ok bool) {
	if e.Kind() != ast.CallKind {
		return nil, nil, false
	}
	call := e.AsCall()
	if call.FunctionName() != "orValue" || !call.IsMemberFunction() || len(call.Args()) != 1 {
		return nil, nil, false
	}
	return call.Target(), call.Args()[0], true
}

func sameLiteral(x, y ast.Expr) bool {
	return x.Kind() == ast.LiteralKind && y.Kind() == ast.LiteralKind && x.AsLiteral().Equal(y.AsLiteral()) == types.True
}

// wayFacts returns every stage of the way to an optional value that is there.
func wayFacts(e ast.Expr) Facts {
	facts := Facts{}
	for {
		way, ok := path(e)
		if !ok {
			return facts
		}
		facts[way] = struct{}{}
		switch e.Kind() {
		case ast.SelectKind:
			e = e.AsSelect().Operand()
		case ast.CallKind:
			e = e.AsCall().Args()[0]
		default:
			return facts
		}
	}
}

// absent explains a field that may be missing, and how to say what then.
func (a *analysis) absent(e ast.Expr, field shape.Field) Fault {
	from, to := a.fieldName(e)
	f := faultAt(from, to, mayBeAbsent, a.source(e), field.Name)
	top := a.chainTop(e)
	start, end := a.span(top)
	chain := string(a.text[start:from]) + "?" + string(a.text[from:end])
	if root := top.ID() == a.ast.Expr().ID(); root && a.use.Optional {
		return f.fix(start, end, chain)
	} else if root && a.use.Needed {
		return f
	}
	if zero, ok := zeroOf(a.typeOf(top)); ok {
		return f.fix(start, end, chain+".orValue("+zero+")")
	}
	if a.isConjunction() && a.loopsAround(e) == 0 {
		return f.fix(0, 0, "has("+a.source(e)+") && ")
	}
	return f
}

// isConjunction says whether something can be demanded before the whole expression.
func (a *analysis) isConjunction() bool {
	root := a.ast.Expr()
	if a.typeOf(root).Kind() != types.BoolKind {
		return false
	}
	if root.Kind() != ast.CallKind {
		return true
	}
	fn := root.AsCall().FunctionName()
	return fn != operators.LogicalOr && fn != operators.Conditional
}

// chainTop climbs from a field to the end of the chain of fields it is in.
func (a *analysis) chainTop(e ast.Expr) ast.Expr {
	for {
		up, ok := a.parent[e.ID()]
		if !ok || up.Kind() != ast.SelectKind || up.AsSelect().IsTestOnly() {
			return e
		}
		e = up
	}
}

// fieldName returns where the name of a selected field stands.
func (a *analysis) fieldName(e ast.Expr) (from, to int) {
	at, ok := a.offset(e)
	if !ok {
		return a.span(e)
	}
	i := a.tokenAt(at)
	if a.tokens[i].is("(") && e.Kind() == ast.SelectKind { // has(x.field) is known by its bracket
		_, end := a.span(e.AsSelect().Operand())
		i = a.tokenAt(end)
	}
	for i+1 < len(a.tokens) && (a.tokens[i].is(".") || a.tokens[i].is("?") || a.tokens[i].is("[")) {
		i++
	}
	return a.tokens[i].from, a.tokens[i].to
}

// zeroOf returns what stands for nothing in a type, written as an expression.
func zeroOf(t *types.Type) (string, bool) {
	zeros := map[types.Kind]string{
		types.StringKind: "''", types.IntKind: "0", types.DoubleKind: "0.0",
		types.BoolKind: "false", types.ListKind: "[]", types.MapKind: "{}",
	}
	if t.IsExactType(value.DecimalType) {
		return "decimal(0)", true
	}
	zero, ok := zeros[t.Kind()]
	return zero, ok && !slices.Contains([]*types.Type{value.DateType}, t)
}
