package expr

import (
	"slices"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/shape"
)

// Use says what an expression is for.
type Use struct {
	// Facts are the fields that are known to be present where the expression stands.
	Facts Facts
	// Optional allows a result that may be absent: the value is then left out.
	Optional bool
	// Needed says that the place must have a value, which an empty text or a
	// zero would not be: neither is offered for a result that may be absent.
	Needed bool
	// Test asks for the expression as a test, too.
	Test bool
	// Clock says that now and today are a running clock: the expression must tell when its result may change.
	Clock bool
}

// Expr is a checked expression.
type Expr struct {
	// Text is the expression as it was written.
	Text string
	// Type is the type of its result.
	Type *types.Type
	// True and False are the fields known to be present once the expression
	// turned out true, or false.
	True, False Facts
	// Names are the names that it uses, sorted.
	Names []string
	// Test is the expression taken apart; nil unless it was asked for.
	Test *Test
	// Field is the declared field whose value this is; nil if it is computed.
	Field *shape.Field

	// Reads are the fields that it reads of the names it uses, by their place.
	Reads []Read
	// Timed says that the result depends on a running clock.
	Timed bool

	program cel.Program
	maybe   map[string]bool
	// counted says that the rounds of its loops are counted.
	counted bool
	// scope is what the expression was checked in, to explain failures.
	scope *Names
}

// Compile checks an expression. Without faults there is an Expr, else none.
func (n *Names) Compile(text string, use Use) (*Expr, []Fault) {
	tokens := scan(text)
	if faults := lexical(text, tokens); faults != nil {
		return nil, faults
	}
	source := common.NewTextSource(text)
	parsed, issues := n.lang.env.ParseSource(source)
	if issues.Err() != nil {
		return nil, syntaxFaults(text, tokens, issues)
	}
	a := &analysis{names: n, text: []rune(text), tokens: tokens, ast: parsed.NativeRep(), use: use}
	if faults := a.check(source); faults != nil {
		return nil, faults
	}
	return a.expr()
}

// analysis is one expression on its way through the checks.
type analysis struct {
	names  *Names
	text   []rune
	tokens []token
	ast    *ast.AST
	use    Use
	nodes  map[int64]ast.Expr
	parent map[int64]ast.Expr
	faults []Fault
	// watches are the calls that ask a running clock.
	watches map[int64]watch
	// covered are the arguments of calls that make no sense: what is in them is not judged.
	covered [][2]int
}

// check finds all faults of types first, and only without any the finer ones.
func (a *analysis) check(source common.Source) []Fault {
	a.names.rewrite(a.ast)
	a.index()
	chk, err := a.names.checker()
	if err != nil {
		return []Fault{faultAt(0, len(a.text), internalFault, err.Error())}
	}
	checked, errs := checker.Check(a.ast, source, chk)
	a.ast = checked
	for _, e := range errs.GetErrors() {
		a.faults = append(a.faults, a.explain(e))
	}
	a.faults = slices.DeleteFunc(a.faults, a.isCovered)
	if a.faults == nil {
		a.presence(a.ast.Expr(), a.use.Facts)
		a.enumerations()
		a.unreadable()
		a.patterns()
		a.wrongArguments()
		a.periods()
		a.utc()
		a.cost()
	}
	if a.faults == nil && a.use.Clock {
		a.timing()
	}
	return a.faults
}

func (a *analysis) isCovered(f Fault) bool {
	return slices.ContainsFunc(a.covered, func(c [2]int) bool { return c[0] <= f.From && f.To <= c[1] })
}

// index remembers every node and its parent by id.
func (a *analysis) index() {
	a.nodes, a.parent = map[int64]ast.Expr{}, map[int64]ast.Expr{}
	ast.PreOrderVisit(a.ast.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		a.nodes[e.ID()] = e
		for _, child := range children(e) {
			a.parent[child.ID()] = e
		}
	}))
}

func children(e ast.Expr) []ast.Expr {
	switch e.Kind() {
	case ast.SelectKind:
		return []ast.Expr{e.AsSelect().Operand()}
	case ast.CallKind:
		call := e.AsCall()
		if call.IsMemberFunction() {
			return append([]ast.Expr{call.Target()}, call.Args()...)
		}
		return call.Args()
	case ast.ListKind:
		return e.AsList().Elements()
	case ast.MapKind:
		var all []ast.Expr
		for _, entry := range e.AsMap().Entries() {
			all = append(all, entry.AsMapEntry().Key(), entry.AsMapEntry().Value())
		}
		return all
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		return []ast.Expr{c.IterRange(), c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()}
	default:
		return nil
	}
}

// expr makes the result of a check without faults.
func (a *analysis) expr() (*Expr, []Fault) {
	a.decimals()
	program, err := a.names.lang.env.PlanProgram(a.ast, slices.Concat(a.ordered(), a.limits(), a.watched(), []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize)})...)
	if err != nil {
		return nil, []Fault{faultAt(0, len(a.text), notPlannable, (&Expr{Text: string(a.text), scope: a.names}).failure(err).Text)}
	}
	root := a.ast.Expr()
	var test *Test
	if a.use.Test {
		test = a.part(root)
	}
	e := &Expr{
		Text: string(a.text), Type: a.typeOf(root), Test: test, program: program, scope: a.names, counted: a.nesting() == nested,
		True: a.factsOf(root, true), False: a.factsOf(root, false),
		Names: a.usedNames(), Reads: a.reads(), Timed: len(a.watches) > 0,
	}
	if f, ok := a.fieldOf(root); ok {
		e.Field = &f
	}
	for _, name := range e.Names {
		if v, _ := a.names.Lookup(name); v.Maybe {
			if e.maybe == nil {
				e.maybe = map[string]bool{}
			}
			e.maybe[name] = true
		}
	}
	return e, nil
}

func (a *analysis) typeOf(e ast.Expr) *types.Type {
	if t, ok := a.ast.TypeMap()[e.ID()]; ok && t != nil {
		return t
	}
	return types.DynType
}
