package funcs

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/parser"

	"github.com/musubi-run/musubi/rules/value"
)

func listFunctions() []Function {
	item := cel.TypeParamType("T")
	items := cel.ListType(item)
	return group("Lists", "リスト",
		Function{
			Name: "sum", Doc: doc("the sum of numbers, or of an expression over the items", "数の合計。要素ごとの式の合計も書ける"),
			Example: `[{'p': 100, 'n': 2}, {'p': 50, 'n': 1}].sum(i, i.p * i.n)`, Result: `250`,
			options: []cel.EnvOption{
				cel.Function("sum",
					cel.MemberOverload("sum_list_int", []*cel.Type{cel.ListType(cel.IntType)}, cel.IntType, sumOf(types.IntZero)),
					cel.MemberOverload("sum_list_double", []*cel.Type{cel.ListType(cel.DoubleType)}, cel.DoubleType, sumOf(types.Double(0))),
					cel.MemberOverload("sum_list_decimal", []*cel.Type{cel.ListType(value.DecimalType)}, value.DecimalType, sumOf(value.NewDecimal(0, 0)))),
				cel.Macros(cel.ReceiverMacro("sum", 2, thenCall("sum", parser.MakeMap))),
			},
		},
		Function{
			Name: "count", Doc: doc("how many items fit a condition", "条件に合う要素の数"),
			Example: `[1, 5, 9].count(i, i > 3)`, Result: `2`,
			options: []cel.EnvOption{cel.Macros(cel.ReceiverMacro("count", 2, thenCall("size", parser.MakeFilter)))},
		},
		Function{
			Name: "groupBy", Doc: doc("a map from a text to the items that have it", "文字ごとに要素をまとめたマップ"),
			Example: `['apple', 'avocado', 'banana'].groupBy(i, i.left(1))`, Result: `{"a":["apple","avocado"],"b":["banana"]}`,
			options: []cel.EnvOption{
				cel.Macros(cel.ReceiverMacro("groupBy", 2, groupByMacro)),
				cel.Function(GroupKeys, cel.MemberOverload("groupBy_list_keys", []*cel.Type{items, cel.ListType(cel.StringType)},
					cel.MapType(cel.StringType, items), cel.BinaryBinding(groupBy))),
			},
		},
		Function{
			Name: "hasAny", Doc: doc("whether one of the other list's items is in it", "他のリストのどれか1つでも含むか"),
			Example: `['a', 'b'].hasAny(['b', 'c'])`, Result: `true`,
			options: []cel.EnvOption{cel.Function("hasAny", cel.MemberOverload("hasAny_list_list", []*cel.Type{items, items}, cel.BoolType, cel.BinaryBinding(hasAny)))},
		},
		Function{
			Name: "hasAll", Doc: doc("whether all of the other list's items are in it", "他のリストのすべてを含むか"),
			Example: `['a', 'b'].hasAll(['b', 'c'])`, Result: `false`,
			options: []cel.EnvOption{cel.Function("hasAll", cel.MemberOverload("hasAll_list_list", []*cel.Type{items, items}, cel.BoolType, cel.BinaryBinding(hasAll)))},
		},
		Function{
			Name: "take", Doc: doc("at most so many items from the front", "先頭から最大n件"),
			Example: `[1, 2, 3].take(2)`, Result: `[1,2]`,
			options: []cel.EnvOption{cel.Function("take", cel.MemberOverload("take_list_int", []*cel.Type{items, cel.IntType}, items, cel.BinaryBinding(take)))},
		},
		Function{
			Name: "chunk", Doc: doc("lists of at most so many items", "最大n件ずつのリストに分ける"),
			Example: `[1, 2, 3].chunk(2)`, Result: `[[1,2],[3]]`,
			options: []cel.EnvOption{cel.Function("chunk", cel.MemberOverload("chunk_list_int", []*cel.Type{items, cel.IntType}, cel.ListType(items), cel.BinaryBinding(chunk)))},
		},
	)
}

// thenCall expands x.name(i, e) to a call of a method on what another macro makes of it.
func thenCall(method string, inner parser.MacroExpander) parser.MacroExpander {
	return func(eh parser.ExprHelper, target ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		e, err := inner(eh, target, args)
		if err != nil {
			return nil, err
		}
		return eh.NewMemberCall(method, e), nil
	}
}

func groupByMacro(eh parser.ExprHelper, target ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
	keys, err := parser.MakeMap(eh, eh.Copy(target), args)
	if err != nil {
		return nil, err
	}
	return eh.NewMemberCall(GroupKeys, target, keys), nil
}

// each calls visit with every item of a list, until it returns false.
func each(v ref.Val, visit func(item ref.Val) bool) {
	l, ok := v.(traits.Lister)
	if !ok {
		return
	}
	for it := l.Iterator(); it.HasNext() == types.True; {
		if !visit(it.Next()) {
			return
		}
	}
}

// sumOf adds the items to zero, which says what an empty list sums up to. Lists
// of unknown data may mix whole numbers with others.
func sumOf(zero ref.Val) cel.OverloadOpt {
	return cel.UnaryBinding(func(v ref.Val) ref.Val {
		sum := zero
		each(v, func(item ref.Val) bool {
			sum = plus(sum, item)
			return !types.IsError(sum)
		})
		return sum
	})
}

func plus(sum, item ref.Val) ref.Val {
	if !isNumber(item) {
		return fail(sumOfOther)
	}
	if sum.Type() == types.IntType { // a sum of whole numbers becomes what the item is
		sum, item = item, sum
	}
	if sum.Type() == types.DoubleType {
		item = item.ConvertToType(types.DoubleType)
	}
	adder, ok := sum.(traits.Adder)
	if !ok {
		return fail(sumOfOther)
	}
	total := adder.Add(item)
	if !types.IsError(total) {
		return total
	}
	if sum.Type() == types.IntType && item.Type() == types.IntType {
		return fail(sumTooLarge)
	}
	return fail(sumOfOther)
}

func isNumber(v ref.Val) bool {
	switch v.(type) {
	case types.Int, types.Double, value.Decimal:
		return true
	default:
		return false
	}
}

func groupBy(items, keys ref.Val) ref.Val {
	var names []types.String
	each(keys, func(key ref.Val) bool {
		name, ok := key.(types.String)
		if ok {
			names = append(names, name)
		}
		return ok
	})
	groups := map[types.String][]ref.Val{}
	i := 0
	each(items, func(item ref.Val) bool {
		if i >= len(names) {
			i = -1
			return false
		}
		groups[names[i]] = append(groups[names[i]], item)
		i++
		return true
	})
	if i != len(names) {
		return fail(keysNotTexts)
	}
	entries := make([]value.Entry, 0, len(groups))
	for name, members := range groups {
		entries = append(entries, value.Entry{Key: name, Value: list(members...)})
	}
	return value.NewDict(entries)
}

func hasAny(l, others ref.Val) ref.Val {
	found := types.False
	each(others, func(item ref.Val) bool {
		found = contains(l, item)
		return found != types.True
	})
	return found
}

func hasAll(l, others ref.Val) ref.Val {
	found := types.True
	each(others, func(item ref.Val) bool {
		found = contains(l, item)
		return found == types.True
	})
	return found
}

func contains(l, item ref.Val) types.Bool {
	c, ok := l.(traits.Container)
	return types.Bool(ok && c.Contains(item) == types.True)
}

func take(l, n ref.Val) ref.Val {
	var taken []ref.Val
	most := number(n)
	each(l, func(item ref.Val) bool {
		if int64(len(taken)) >= most {
			return false
		}
		taken = append(taken, item)
		return true
	})
	return list(taken...)
}

func chunk(l, n ref.Val) ref.Val {
	size := max(number(n), 1)
	var chunks, current []ref.Val
	each(l, func(item ref.Val) bool {
		current = append(current, item)
		if int64(len(current)) == size {
			chunks, current = append(chunks, list(current...)), nil
		}
		return true
	})
	if current != nil {
		chunks = append(chunks, list(current...))
	}
	return list(chunks...)
}
