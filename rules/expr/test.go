package expr

import (
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/debug"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"
)

// Op is what a [Test] does.
type Op int

// The tests. Unsure stands for all that only CEL can decide.
const (
	Unsure Op = iota
	And
	Or
	Not
	Has
	Equal
	In
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
	StartsWith
	EndsWith
	Contains
)

// Test is a condition taken apart, so that many conditions on one event can be
// decided together. Where it decides it says what CEL would say.
type Test struct {
	Op Op
	// Of are the parts of And, Or and Not.
	Of []*Test
	// Left and Right are what is compared. Has has no Right.
	Left, Right Operand
	// Key is the same for what means the same; empty where only the whole
	// condition can be evaluated.
	Key  string
	plan func() (cel.Program, error)
}

// Operand is a value that a test compares: what stands at the end of a way
// from a name, as in event.data.total, or one or several constants.
type Operand struct {
	Way    []string
	Values []ref.Val
}

// test takes a checked condition apart.
func (a *analysis) test(e ast.Expr) *Test {
	switch {
	case e.Kind() == ast.CallKind:
		return a.testOfCall(e.AsCall())
	case e.Kind() == ast.SelectKind && e.AsSelect().IsTestOnly():
		return has(wayOf(e.AsSelect().Operand()), e.AsSelect().FieldName())
	case e.Kind() == ast.SelectKind && a.typeOf(e).Kind() == types.BoolKind:
		return compare(Equal, e, types.True)
	default:
		return &Test{}
	}
}

// part is a test of which CEL must decide at least a part.
func (a *analysis) part(e ast.Expr) *Test {
	t := a.test(e)
	if t.Op != Unsure || a.nesting() != flat || !a.asksEventOnly(e) {
		return t
	}
	t.Key = debug.ToDebugString(e)
	t.plan = func() (cel.Program, error) {
		part := ast.NewCheckedAST(ast.NewAST(e, a.ast.SourceInfo()), a.ast.TypeMap(), a.ast.ReferenceMap())
		return a.names.lang.env.PlanProgram(part, append(a.ordered(), cel.EvalOptions(cel.OptOptimize))...)
	}
	return t
}

// asksEventOnly says whether an expression means the same in all flows of an event.
func (a *analysis) asksEventOnly(e ast.Expr) bool {
	only := true
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(n ast.Expr) {
		if n.Kind() == ast.IdentKind {
			_, known := a.names.Lookup(n.AsIdent())
			only = only && (!known || n.AsIdent() == "event" || n.AsIdent() == "now")
		}
	}))
	return only
}

// Decider is a part of a condition that flows share.
type Decider struct{ program cel.Program }

// Plan makes a part with a Key ready to be evaluated.
func (t *Test) Plan() (*Decider, error) {
	program, err := t.plan()
	if err != nil {
		return nil, fmt.Errorf("planning a part of a condition: %w", err)
	}
	return &Decider{program}, nil
}

// Holds evaluates the part; known is false when it has no value.
func (d *Decider) Holds(vars interpreter.Activation) (holds, known bool) {
	v, _, err := d.program.Eval(vars)
	b, ok := v.(types.Bool)
	return bool(b), ok && err == nil
}

// has tests whether there is something at the end of a way.
func has(way []string, more ...string) *Test {
	if way == nil {
		return &Test{}
	}
	return &Test{Op: Has, Left: Operand{Way: append(way, more...)}}
}

var compared = map[string]Op{
	operators.Equals: Equal, operators.Less: Less, operators.LessEquals: LessOrEqual, operators.In: In,
	operators.Greater: Greater, operators.GreaterEquals: GreaterOrEqual,
	"startsWith": StartsWith, "endsWith": EndsWith, "contains": Contains,
}

func (a *analysis) testOfCall(call ast.CallExpr) *Test {
	args := operands(call)
	fn := call.FunctionName()
	switch {
	case fn == operators.LogicalAnd:
		return a.parts(And, args)
	case fn == operators.LogicalOr:
		return a.parts(Or, args)
	case fn == operators.LogicalNot:
		return a.parts(Not, args)
	case fn == "hasValue":
		return has(wayOf(args[0]))
	case len(args) != 2:
		return &Test{}
	case fn == operators.NotEquals:
		return &Test{Op: Not, Of: []*Test{comparison(Equal, args[0], args[1])}}
	default:
		return comparison(compared[fn], args[0], args[1])
	}
}

// parts takes the operands apart; a && b && c is one And of three.
func (a *analysis) parts(op Op, args []ast.Expr) *Test {
	t := &Test{Op: op}
	for _, arg := range args {
		part := a.part(arg)
		if part.Op == op && op != Not {
			t.Of = append(t.Of, part.Of...)
			continue
		}
		t.Of = append(t.Of, part)
	}
	return t
}

// turned are the compared with their sides changed.
var turned = map[Op]Op{Equal: Equal, Less: Greater, LessOrEqual: GreaterOrEqual, Greater: Less, GreaterOrEqual: LessOrEqual}

// comparison compares a way with constants or with another way.
func comparison(op Op, left, right ast.Expr) *Test {
	if other, ok := turned[op]; ok && left.Kind() == ast.LiteralKind {
		op, left, right = other, right, left
	}
	switch {
	case op == Unsure:
		return &Test{}
	case right.Kind() == ast.LiteralKind:
		return compare(op, left, right.AsLiteral())
	case op == In && right.Kind() == ast.ListKind:
		return compare(op, left, literals(right.AsList().Elements())...)
	}
	l, r := wayOf(left), wayOf(right)
	if l == nil || r == nil || op == In {
		return &Test{}
	}
	return &Test{Op: op, Left: Operand{Way: l}, Right: Operand{Way: r}}
}

// compare compares a way with constants.
func compare(op Op, left ast.Expr, values ...ref.Val) *Test {
	way := wayOf(left)
	if way == nil || len(values) == 0 {
		return &Test{}
	}
	return &Test{Op: op, Left: Operand{Way: way}, Right: Operand{Values: values}}
}

// literals returns the constants of a list; none if something else is in it.
func literals(items []ast.Expr) []ref.Val {
	values := make([]ref.Val, len(items))
	for i, item := range items {
		if item.Kind() != ast.LiteralKind {
			return nil
		}
		values[i] = item.AsLiteral()
	}
	return values
}

// wayOf returns the names of a.b.c, or of a.?b.?c; nil for anything else.
func wayOf(e ast.Expr) []string {
	switch {
	case e.Kind() == ast.IdentKind:
		return []string{e.AsIdent()}
	case e.Kind() == ast.SelectKind && !e.AsSelect().IsTestOnly():
		if way := wayOf(e.AsSelect().Operand()); way != nil {
			return append(way, e.AsSelect().FieldName())
		}
	case e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.OptSelect:
		name, ok := constantIndex(e)
		if way := wayOf(e.AsCall().Args()[0]); ok && way != nil {
			return append(way, name)
		}
	}
	return nil
}
