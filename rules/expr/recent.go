package expr

import (
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/funcs"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/commerce"
)

var sinceDay = []string{funcs.SpentSince, funcs.OrdersSince}

// ofMember returns the call of spentSince or ordersSince for which a member's field was written into the expression.
func (a *analysis) ofMember(node ast.Expr, field string) (ast.Expr, bool) {
	up, ok := a.parent[node.ID()]
	if !ok || field != funcs.FieldRecent || up.Kind() != ast.CallKind || !up.AsCall().IsMemberFunction() {
		return nil, false
	}
	return up, slices.Contains(sinceDay, up.AsCall().FunctionName()) && up.AsCall().Target().ID() == node.ID()
}

// memberOf returns of whom a call of spentSince or ordersSince asks.
func memberOf(e ast.Expr) (ast.Expr, bool) {
	recent := e.AsCall().Target()
	if recent.Kind() != ast.CallKind || recent.AsCall().FunctionName() != operators.OptSelect {
		return nil, false
	}
	return recent.AsCall().Args()[0], true
}

// periods finds members who may not be there, and periods that go back further than orders are kept by day.
func (a *analysis) periods() {
	for _, e := range a.sortedNodes() {
		if e.Kind() != ast.CallKind || !slices.Contains(sinceDay, e.AsCall().FunctionName()) {
			continue
		}
		if member, ok := memberOf(e); ok && shape.IsOptional(a.typeOf(member)) {
			a.fault(member, func(from, to int) Fault { return faultAt(from, to, optionalUsed, a.source(member)) })
		}
		since := e.AsCall().Args()[0]
		if days := daysBack(since); days > commerce.RecentDays {
			a.fault(since, func(from, to int) Fault {
				return faultAt(from, to, periodTooLong, e.AsCall().FunctionName(), commerce.RecentDays, days)
			})
		}
	}
}

// The most days that a month and a year have.
const (
	daysOfMonth = 31
	daysOfYear  = 366
)

// daysBack is how many days before today a day may be that is written as
// today.minusDays(…) and its like, as far as that is constant.
func daysBack(e ast.Expr) int64 {
	if e.Kind() != ast.CallKind || !e.AsCall().IsMemberFunction() {
		return 0
	}
	call := e.AsCall()
	before := daysBack(call.Target())
	switch call.FunctionName() {
	case "minusDays":
		return before + constant(call.Args())
	case "plusDays":
		return before - constant(call.Args())
	case "plusMonths":
		months := -constant(call.Args())
		return before + months/12*daysOfYear + months%12*daysOfMonth
	case "startOfMonth":
		return before + daysOfMonth - 1
	case "startOfYear":
		return before + daysOfYear - 1
	default:
		return 0
	}
}

// constant returns the number that is a call's only argument; 0 if it is none.
func constant(args []ast.Expr) int64 {
	if len(args) != 1 {
		return 0
	}
	sign, e := int64(1), args[0]
	if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.Negate {
		sign, e = -1, e.AsCall().Args()[0]
	}
	if e.Kind() != ast.LiteralKind {
		return 0
	}
	n, _ := e.AsLiteral().(types.Int) //nolint:errcheck // 0 for what is no number
	return sign * min(max(int64(n), -farDays), farDays)
}

// untilOut is told a member's orders by day and the first day of a period that moves with the clock.
func (c *Clock) untilOut(_ watch, operands []ref.Val) {
	since, ok := operands[1].(value.Date)
	if !ok {
		c.wakeIn(1)
		return
	}
	c.wakeIn(funcs.DaysUntilOut(operands[0], since))
}

// badPeriod handles x.spentSince(90), and one that is given a time.
func (a *analysis) badPeriod(node ast.Expr) (Fault, bool) {
	call := node.AsCall()
	if !slices.Contains(sinceDay, call.FunctionName()) || !call.IsMemberFunction() || len(call.Args()) != 1 {
		return Fault{}, false
	}
	since := call.Args()[0]
	t := a.typeOf(since)
	from, to := a.span(since)
	if shape.IsOptional(t) {
		return faultAt(from, to, optionalUsed, a.source(since)), true
	}
	if isUnknown(t) || t.IsExactType(value.DateType) {
		return Fault{}, false
	}
	f := faultAt(from, to, periodOfDay, call.FunctionName(), a.source(since), shape.TypeName(t))
	switch t.Kind() {
	case types.IntKind:
		f = f.replace(a.todayName() + ".minusDays(" + a.source(since) + ")")
	case types.TimestampKind:
		f = f.replace(a.asDay(since))
	default:
	}
	return f, true
}

// todayName is how the day is called here: flows have the time of their event only.
func (a *analysis) todayName() string {
	if _, known := a.names.Lookup(NameToday); known {
		return NameToday
	}
	return NameNow + ".date()"
}
