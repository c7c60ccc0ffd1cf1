package funcs

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/parser"

	"github.com/musubi-run/musubi/rules/value"
)

// The functions over what a member ordered day by day, and the field of a
// member that has it: x.spentSince(d) is written for x.?recent.spentSince(d).
// Members always have it but in events, answers and tests of before.
const (
	SpentSince  = "spentSince"
	OrdersSince = "ordersSince"
	FieldRecent = "recent"
)

func recentFunctions() []Function {
	return group("Members", "会員",
		Function{
			Name: SpentSince, Doc: doc("what a member spent since a day, that day included and at most 400 days back: member.spentSince(today.minusDays(90)) >= 3000", "会員のある日以降の購入金額(その日を含む。400日前まで): member.spentSince(today.minusDays(90)) >= 3000"),
			Example: `{'recent': [{'day': date('2025-02-10'), 'amount': 900}, {'day': date('2025-02-11'), 'amount': 3000}]}.spentSince(date('2025-02-11'))`, Result: `3000`,
			options: sinceDay(SpentSince, "amount"),
		},
		Function{
			Name: OrdersSince, Doc: doc("how often a member ordered since a day, alike: member.ordersSince(today.startOfYear()) >= 2", "会員のある日以降の購入回数(同様): member.ordersSince(today.startOfYear()) >= 2"),
			Example: `{'recent': [{'day': date('2025-02-10'), 'orders': 1}, {'day': date('2025-02-11'), 'orders': 2}]}.ordersSince(date('2025-02-01'))`, Result: `3`,
			options: sinceDay(OrdersSince, "orders"),
		},
	)
}

// sinceDay declares a method that adds up a field of the days since one.
func sinceDay(name, field string) []cel.EnvOption {
	days := cel.OptionalType(cel.ListType(cel.TypeParamType("T")))
	return []cel.EnvOption{
		cel.Function(name, cel.MemberOverload(overload(name, []*cel.Type{cel.ListType(cel.DynType), value.DateType}), []*cel.Type{days, value.DateType}, cel.IntType,
			cel.BinaryBinding(func(l, since ref.Val) ref.Val { return sumSince(l, day(since), types.String(field)) }))),
		cel.Macros(cel.ReceiverMacro(name, 1, func(eh parser.ExprHelper, target ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
			recent := eh.NewCall(operators.OptSelect, target, eh.NewLiteral(types.String(FieldRecent)))
			return eh.NewMemberCall(name, recent, args...), nil
		})),
	}
}

func sumSince(l ref.Val, since value.Date, field types.String) ref.Val {
	if days, ok := l.(*types.Optional); ok && !days.HasValue() {
		return fail(unknownRecent)
	}
	var sum ref.Val = types.IntZero
	eachSince(l, since, func(item traits.Indexer, on value.Date) bool {
		if cut, ok := item.(traits.FieldTester); ok && cut.IsSet(types.String("cut")) == types.True && item.Get(types.String("cut")) == types.True {
			sum = fail(beforeRecent, since.String(), on.String())
			return false
		}
		total, ok := sum.(types.Int)
		if ok {
			sum = total.Add(item.Get(field))
		}
		return ok
	})
	return sum
}

// eachSince calls visit with every day of a member's orders from one on, until it returns false.
func eachSince(l ref.Val, since value.Date, visit func(item traits.Indexer, on value.Date) bool) {
	if days, ok := l.(*types.Optional); ok && days.HasValue() {
		l = days.GetValue()
	}
	each(l, func(v ref.Val) bool {
		item, ok := v.(traits.Indexer)
		if !ok {
			return true
		}
		on, ok := item.Get(types.String("day")).(value.Date)
		return !ok || since.DaysUntil(on) < 0 || visit(item, on)
	})
}

// DaysUntilOut returns after how many days the first of a member's days falls
// out of a period that begins since and moves by a day each day; 0 if none ever does.
func DaysUntilOut(l ref.Val, since value.Date) int64 {
	first := int64(0)
	eachSince(l, since, func(_ traits.Indexer, on value.Date) bool {
		if out := since.DaysUntil(on) + 1; first == 0 || out < first {
			first = out
		}
		return true
	})
	return first
}
