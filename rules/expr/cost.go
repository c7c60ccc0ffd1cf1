package expr

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/funcs"
)

// The check assumes ordinary sizes and refuses what would still take long with
// them, which only loops within loops within loops do. The run counts what
// really happens. Both count and never look at a clock, so that the same rule
// and event end in the same way everywhere.
const (
	assumedItems   = 200
	assumedLetters = 100
	// checkedCost and runningCost are the most that an expression may cost, in CEL's units.
	checkedCost = 2_000_000
	runningCost = 1_000_000
	// maxRounds is how many times the bodies of an expression's loops may run, about a second's worth.
	maxRounds = 1_000_000
)

// cost refuses expressions that would take too long on ordinary data.
func (a *analysis) cost() {
	if a.faults != nil || a.nesting() == flat {
		return
	}
	estimate, err := checker.Cost(a.ast, sizes{})
	if err == nil && estimate.Max <= checkedCost {
		return
	}
	a.fault(a.deepestLoop(), func(from, to int) Fault { return faultAt(from, to, tooCostly) })
}

// depth is how an expression's loops stand within each other.
type depth int

const (
	// flat loops are bounded by the size of their data.
	flat depth = iota
	// nested loops run their bodies often: their rounds are counted.
	nested
	// searching loops look through a list in each round: that is not a round,
	// so everything is counted, which makes the evaluation four times slower.
	searching
)

// nesting says how the expression's loops stand within each other.
func (a *analysis) nesting() depth {
	deepest := flat
	for _, e := range a.nodes {
		if walks(e) && a.loopsAround(e) > 0 {
			if e.Kind() != ast.ComprehensionKind {
				return searching
			}
			deepest = nested
		}
	}
	return deepest
}

// limits returns the options that stop an evaluation which takes too long.
func (a *analysis) limits() []cel.ProgramOption {
	switch a.nesting() {
	case nested:
		return []cel.ProgramOption{cel.InterruptCheckFrequency(maxRounds)}
	case searching:
		return []cel.ProgramOption{cel.CostLimit(runningCost)}
	default:
		return nil
	}
}

// walks says whether a node looks at each item of a list that is no literal.
func walks(e ast.Expr) bool {
	switch e.Kind() {
	case ast.ComprehensionKind:
		return true
	case ast.CallKind:
		call := e.AsCall()
		switch call.FunctionName() {
		case operators.In:
			return call.Args()[1].Kind() != ast.ListKind
		case "hasAny", "hasAll", "sum", "sort", "distinct", "reverse", "join", funcs.GroupKeys, funcs.SortKeys, "flatten", funcs.SpentSince, funcs.OrdersSince:
			return true
		}
	default:
	}
	return false
}

// loopsAround counts the loops in whose bodies a node stands.
func (a *analysis) loopsAround(e ast.Expr) int {
	depth := 0
	for up, ok := a.parent[e.ID()]; ok; up, ok = a.parent[up.ID()] {
		if up.Kind() == ast.ComprehensionKind && up.AsComprehension().IterRange().ID() != e.ID() {
			depth++
		}
		e = up
	}
	return depth
}

// deepestLoop returns the first of the loops that stand within the most other loops.
func (a *analysis) deepestLoop() ast.Expr {
	deepest, most := a.ast.Expr(), -1
	for _, e := range a.nodes {
		if !walks(e) {
			continue
		}
		if depth := a.loopsAround(e); depth > most || (depth == most && e.ID() < deepest.ID()) {
			deepest, most = e, depth
		}
	}
	return deepest
}

// sizes assumes ordinary sizes for all data.
type sizes struct{}

// EstimateSize is part of CEL's estimator.
func (sizes) EstimateSize(n checker.AstNode) *checker.SizeEstimate {
	switch n.Type().Kind() {
	case types.ListKind, types.MapKind, types.DynKind:
		return &checker.SizeEstimate{Max: assumedItems}
	default:
		return &checker.SizeEstimate{Max: assumedLetters}
	}
}

// EstimateCallCost is part of CEL's estimator: functions cost what CEL assumes.
func (sizes) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}
