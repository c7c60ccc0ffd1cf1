package expr

import (
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/shape"
)

// The names that a running clock has in expressions: the instant, and the day in Japan.
const (
	NameNow   = "now"
	NameToday = "today"
)

// pace is how a value moves while the clock runs.
type pace int

const (
	// still values do not depend on the clock, or change only where something below was watched.
	still pace = iota
	// forward and backward values move with each tick: now, now - x; x - now.
	forward
	backward
	// forwardDays and backwardDays values move by one with each day: today, today.daysSince(x); x.daysUntil(today).
	forwardDays
	backwardDays
)

func (p pace) turned() pace {
	switch p {
	case forward:
		return backward
	case backward:
		return forward
	case forwardDays:
		return backwardDays
	case backwardDays:
		return forwardDays
	case still:
	}
	return still
}

func (p pace) byTicks() bool { return p == forward || p == backward }

func (p pace) byDays() bool { return p == forwardDays || p == backwardDays }

// timing finds out where an expression asks the clock, and how to tell from the
// values that it meets when the answer may change next. What cannot be told is a fault.
func (a *analysis) timing() {
	a.watches = map[int64]watch{}
	for _, e := range a.sortedNodes() {
		if e.Kind() != ast.IdentKind || a.shadowed(e) {
			continue
		}
		switch e.AsIdent() {
		case NameNow:
			a.follow(e, forward)
		case NameToday:
			a.follow(e, forwardDays)
		}
	}
}

// sortedNodes returns the nodes by id, so that faults come in a fixed order.
func (a *analysis) sortedNodes() []ast.Expr {
	all := make([]ast.Expr, 0, len(a.nodes))
	for _, e := range a.nodes {
		all = append(all, e)
	}
	slices.SortFunc(all, func(x, y ast.Expr) int { return int(x.ID() - y.ID()) })
	return all
}

// shadowed says whether a name is that of a loop's item here.
func (a *analysis) shadowed(e ast.Expr) bool {
	name, below := e.AsIdent(), e.ID()
	for up, ok := a.parent[below]; ok; up, ok = a.parent[below] {
		if up.Kind() == ast.ComprehensionKind {
			c := up.AsComprehension()
			outside := below == c.IterRange().ID() || below == c.AccuInit().ID()
			if !outside && (name == c.IterVar() || name == c.IterVar2() || name == c.AccuVar()) {
				return true
			}
		}
		below = up.ID()
	}
	return false
}

// follow climbs from a value that moves to the place that turns it into one
// that stays until a moment which can be computed.
func (a *analysis) follow(e ast.Expr, p pace) {
	// day is the last value on the way up that only changes at midnight.
	var day ast.Expr
	if p.byDays() {
		day = e
	}
	for {
		up, ok := a.parent[e.ID()]
		if !ok {
			break
		}
		if w, ends := a.watchAt(up, e, p); ends {
			a.watches[up.ID()] = w
			return
		}
		next, moves := a.moved(up, e, p)
		if !moves {
			break
		}
		if next.byDays() && day == nil {
			day = up
		}
		e, p = up, next
	}
	if day == nil {
		a.fault(e, func(from, to int) Fault { return faultAt(from, to, clockUnclear, a.source(e)) })
		return
	}
	a.watches[day.ID()] = watch{at: (*Clock).untilMidnight}
}

// moved returns the pace of a call one of whose operands moves.
func (a *analysis) moved(up, e ast.Expr, p pace) (pace, bool) {
	if up.Kind() != ast.CallKind || !a.restStill(up, e) {
		return still, false
	}
	call := up.AsCall()
	receives := call.IsMemberFunction() && call.Target().ID() == e.ID()
	switch fn := call.FunctionName(); {
	case fn == operators.Add && p.byTicks():
		return p, true
	case fn == operators.Subtract && p.byTicks():
		if call.Args()[1].ID() == e.ID() {
			return p.turned(), true
		}
		return p, true
	case slices.Contains([]string{"plusHours", "plusMinutes", "plusDays", "minusDays"}, fn) && receives && p == forward:
		return p, true
	case fn == "date" && receives && p == forward && len(call.Args()) == 0 && a.isTime(e):
		return forwardDays, true
	case (fn == "plusDays" || fn == "minusDays") && receives && p.byDays():
		return p, true
	case fn == "daysSince" && p.byDays(), fn == "daysUntil" && p.byDays():
		if receives == (fn == "daysSince") {
			return p, true
		}
		return p.turned(), true
	default:
		return still, false
	}
}

func (a *analysis) isTime(e ast.Expr) bool { return a.typeOf(e).Kind() == types.TimestampKind }

// restStill says whether all operands of a call but e are independent of the clock.
func (a *analysis) restStill(up, e ast.Expr) bool {
	for _, operand := range operands(up.AsCall()) {
		if operand.ID() != e.ID() && a.asksClock(operand) {
			return false
		}
	}
	return true
}

func (a *analysis) asksClock(e ast.Expr) bool {
	asks := false
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(n ast.Expr) {
		if n.Kind() == ast.IdentKind && (n.AsIdent() == NameNow || n.AsIdent() == NameToday) && !a.shadowed(n) {
			asks = true
		}
	}))
	return asks
}

// watchAt returns how to watch a call that makes something still of what moves.
func (a *analysis) watchAt(up, e ast.Expr, p pace) (watch, bool) {
	if up.Kind() != ast.CallKind || !a.restStill(up, e) {
		return watch{}, false
	}
	call := up.AsCall()
	if slices.Contains(comparisons, call.FunctionName()) {
		return a.crossing(call, e, p)
	}
	if call.IsMemberFunction() && call.Target().ID() == e.ID() {
		return a.watchReceiver(call, e, p)
	}
	if p == forwardDays && slices.Contains(sinceDay, call.FunctionName()) {
		return watch{at: (*Clock).untilOut}, true
	}
	if p == forwardDays && slices.Contains([]string{"isOn", "age", "daysUntilNext"}, call.FunctionName()) {
		return a.anniversary(up, call)
	}
	return watch{}, false
}

var comparisons = []string{operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals, operators.Equals, operators.NotEquals}

// crossing watches a comparison: it changes where the moving side meets the other one.
func (a *analysis) crossing(call ast.CallExpr, e ast.Expr, p pace) (watch, bool) {
	moving := 0
	if call.Args()[1].ID() == e.ID() {
		moving = 1
	}
	if shape.IsOptional(a.typeOf(call.Args()[1-moving])) {
		return watch{}, false
	}
	if p.byTicks() {
		equality := call.FunctionName() == operators.Equals || call.FunctionName() == operators.NotEquals
		return watch{moving: moving, back: p == backward, at: (*Clock).untilTick}, !equality
	}
	return watch{moving: moving, back: p == backwardDays, at: (*Clock).untilDay}, true
}

// watchReceiver watches a method of the moving value.
func (a *analysis) watchReceiver(call ast.CallExpr, e ast.Expr, p pace) (watch, bool) {
	fn := call.FunctionName()
	switch {
	case p == forward && a.isTime(e) && (fn == "startOfDay" || (fn == "date" && len(call.Args()) == 1)):
		return watch{at: (*Clock).untilMidnight}, true
	case p != forwardDays:
		return watch{}, false
	case fn == "month", fn == "startOfMonth":
		return watch{at: (*Clock).untilMonth}, true
	case fn == "year", fn == "startOfYear":
		return watch{at: (*Clock).untilYear}, true
	case fn == "inSeason":
		return watch{at: (*Clock).untilSeason}, true
	default:
		return watch{}, false
	}
}

// anniversary watches x.isOn(today), and x.daysUntilNext(today) <= n.
func (a *analysis) anniversary(up ast.Expr, call ast.CallExpr) (watch, bool) {
	if call.FunctionName() != "daysUntilNext" {
		return watch{at: (*Clock).untilAnniversary}, true
	}
	above, ok := a.parent[up.ID()]
	if !ok || above.Kind() != ast.CallKind || !slices.Contains(comparisons, above.AsCall().FunctionName()) || !a.restStill(above, up) {
		return watch{}, false
	}
	a.watches[above.ID()] = watch{moving: a.side(above, up), at: (*Clock).untilCountdown}
	return watch{at: (*Clock).untilAnniversary}, true
}

func (a *analysis) side(call, operand ast.Expr) int {
	if call.AsCall().Args()[1].ID() == operand.ID() {
		return 1
	}
	return 0
}
