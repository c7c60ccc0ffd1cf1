package expr

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/value"
)

var (
	writtenDay  = regexp.MustCompile(`^(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日)$`)
	writtenDays = regexp.MustCompile(`^(\d{1,5})(?:d|日|日間|days?)$`)
)

// dayOf returns a day as people write it in the one form that date() reads.
func dayOf(text string) (string, bool) {
	m := writtenDay.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	day := fmt.Sprintf("%s-%02s-%02s", m[1], m[2]+m[4], m[3]+m[5])
	_, err := value.ParseDate(day)
	return day, err == nil
}

// literalText returns the text of a literal.
func literalText(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	text, ok := e.AsLiteral().(types.String)
	return string(text), ok
}

// dayComparison handles a time that is compared with a day in quotes.
func (a *analysis) dayComparison(left, right ast.Expr, symbol string, from, to int) (Fault, bool) {
	sides := [2]string{}
	for i, e := range []ast.Expr{left, right} {
		text, literal := literalText(e)
		day, ok := dayOf(text)
		switch {
		case literal && ok:
			sides[i] = "date(" + quote(day) + ")"
		case a.typeOf(e).Kind() == types.TimestampKind && (e.Kind() == ast.SelectKind || e.Kind() == ast.IdentKind):
			sides[i] = a.source(e) + ".date()"
		default:
			return Fault{}, false
		}
	}
	kind := differentTypes
	if _, dayFirst := literalText(left); symbol == ">" && !dayFirst || symbol == "<" && dayFirst {
		kind = afterDay
	}
	f := faultAt(from, to, kind, a.source(left), shape.TypeName(a.typeOf(left)), a.source(right), shape.TypeName(a.typeOf(right)), symbol)
	return f.fix(from, to, sides[0]+" "+symbol+" "+sides[1]), true
}

// asDay returns a date or a time written as its day, empty if it is neither.
func (a *analysis) asDay(e ast.Expr) string {
	_, running := a.names.Lookup(NameToday)
	switch t := a.typeOf(e); {
	case t.IsExactType(value.DateType):
		return a.operand(e)
	case t.Kind() == types.TimestampKind && running && a.source(e) == NameNow:
		return NameToday
	case t.Kind() == types.TimestampKind:
		return a.operand(e) + ".date()"
	default:
		return ""
	}
}

// operand returns a node as it is written where a sign or a dot stands beside it.
func (a *analysis) operand(e ast.Expr) string {
	if e.Kind() == ast.CallKind && !e.AsCall().IsMemberFunction() && !IsName(e.AsCall().FunctionName()) {
		return "(" + a.source(e) + ")"
	}
	return a.source(e)
}

// dayArithmetic handles one day minus another, and a day with a number of days.
func (a *analysis) dayArithmetic(left, right ast.Expr, symbol string) (Fault, bool) {
	from, _ := a.span(left)
	_, to := a.span(right)
	day := a.asDay(left)
	var f Fault
	switch {
	case day == "" || symbol != "+" && symbol != "-":
		return Fault{}, false
	case symbol == "-" && a.asDay(right) != "":
		written := day + ".daysSince(" + a.source(right) + ")"
		f = faultAt(from, to, daysBetween, written).fix(from, to, written)
	case a.typeOf(right).Kind() == types.IntKind:
		written := a.operand(left) + ".plusDays(" + strings.TrimPrefix(symbol, "+") + a.operand(right) + ")"
		f = faultAt(from, to, daysLater, written).fix(from, to, written)
		if a.typeOf(left).Kind() == types.TimestampKind { // perhaps hours
			f.Fix = nil
		}
	default:
		return Fault{}, false
	}
	if a.operand(left)+a.operand(right) != a.source(left)+a.source(right) { // in brackets, which may go on beyond
		f.Fix = nil
	}
	return f, true
}

// daysCompared handles now - x > 3: a length of time, where its days are meant.
func (a *analysis) daysCompared(length, days ast.Expr) (Fault, bool) {
	if a.typeOf(length).Kind() != types.DurationKind || a.typeOf(days).Kind() != types.IntKind || length.Kind() != ast.CallKind {
		return Fault{}, false
	}
	call := length.AsCall()
	if call.FunctionName() != operators.Subtract {
		return Fault{}, false
	}
	return a.dayArithmetic(call.Args()[0], call.Args()[1], "-")
}

// unreadable finds texts that are no time, day or duration although they are
// given to the function that reads one: they would have no value in any run.
func (a *analysis) unreadable() {
	ast.PreOrderVisit(a.ast.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || e.AsCall().IsMemberFunction() || len(e.AsCall().Args()) != 1 {
			return
		}
		arg := e.AsCall().Args()[0]
		text, literal := literalText(arg)
		if !literal {
			return
		}
		kind, right, wrong := unreadableMoment(e.AsCall().FunctionName(), text)
		if !wrong {
			return
		}
		from, to := a.span(arg)
		f := faultAt(from, to, kind, text)
		if right != "" {
			f = f.fix(from, to, quote(right))
		}
		a.faults = append(a.faults, f)
	}))
}

// unreadableMoment says what is wrong with the text that a function is given,
// and what was meant, if that is plain.
func unreadableMoment(function, text string) (kind diag.Kind, right string, wrong bool) {
	switch function {
	case "timestamp":
		if day, ok := dayOf(text); ok {
			right = day + "T00:00:00+09:00"
		}
		return unreadableTime, right, types.IsError(types.String(text).ConvertToType(types.TimestampType))
	case "date":
		_, err := value.ParseDate(text)
		if day, ok := dayOf(text); ok {
			right = day
		}
		return unreadableDay, right, err != nil
	case "duration":
		if m := writtenDays.FindStringSubmatch(text); m != nil {
			days, _ := strconv.Atoi(m[1]) //nolint:errcheck // five digits at the most
			right = strconv.Itoa(24*days) + "h"
		}
		return unreadableDuration, right, types.IsError(types.String(text).ConvertToType(types.DurationType))
	}
	return diag.Kind{}, "", false
}

// inUTC are the functions that tell a part of a time as it is in UTC, unless a zone is named.
var inUTC = []string{"getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours"}

// utc finds parts of a time that are taken in UTC: until 9 o'clock they are yesterday's in Japan.
func (a *analysis) utc() {
	for _, e := range a.sortedNodes() {
		if e.Kind() != ast.CallKind || !e.AsCall().IsMemberFunction() || !slices.Contains(inUTC, e.AsCall().FunctionName()) {
			continue
		}
		if len(e.AsCall().Args()) > 0 || a.typeOf(e.AsCall().Target()).Kind() != types.TimestampKind {
			continue
		}
		from, to := a.functionName(e)
		_, end := a.span(e)
		f := faultAt(from, to, partInUTC, e.AsCall().FunctionName(), a.source(e.AsCall().Target()))
		a.faults = append(a.faults, f.fix(from, end, e.AsCall().FunctionName()+"('Asia/Tokyo')"))
	}
}
