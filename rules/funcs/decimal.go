package funcs

import (
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/jp"
)

func decimalFunctions() []Function {
	d, whole, words := value.DecimalType, cel.IntType, cel.StringType
	return group("Exact decimals (+ - * and comparisons lose no digit; a whole number may stand on either side)",
		"正確な小数(+ - * と比較で桁を失わない。片方は整数でもよい)",
		Function{
			Name: "decimal", Doc: doc("a number that platforms write as text; or an amount of a currency's smallest unit", "文字で書かれた数値。または通貨の最小単位の整数から"),
			Example: `decimal('1,234.50') * 2 + decimal(50, 'USD')`, Result: `"2469.50"`,
			options: []cel.EnvOption{decimalOfText(), decimalOfWhole(), decimalOfMinor()},
		},
		Function{
			Name: "round", Doc: doc("so many digits behind the point, with a rounding 'down', 'up' or 'half'", "小数点以下の桁数にそろえる。端数処理は'down'切り捨て、'up'切り上げ、'half'四捨五入"),
			Example: `decimal('2.675').round(2, 'half')`, Result: `"2.68"`,
			options: []cel.EnvOption{method("round", []*cel.Type{d, whole, words}, d, func(args ...ref.Val) ref.Val {
				return divided(exact(args[0]), value.NewDecimal(1, 0), number(args[1]), text(args[2]))
			})},
		},
		Function{
			Name: "divide", Doc: doc("divided, with so many digits behind the point and a rounding", "割り算。小数点以下の桁数と端数処理を決める"),
			Example: `decimal('100').divide(3, 2, 'down')`, Result: `"33.33"`,
			options: []cel.EnvOption{divide(d), divide(whole)},
		},
		Function{
			Name: "minor", Doc: doc("a number of the currency's smallest unit; with a rounding if there may be more digits", "通貨の最小単位の整数にする。より細かい値がありうるなら端数処理を書く"),
			Example: `decimal('12.345').minor('USD', 'half')`, Result: `1235`,
			options: []cel.EnvOption{exactMinor(), roundedMinor()},
		},
		Function{
			Name: "comma", Doc: doc("digits in groups of three", "3桁ごとにコンマを入れる"),
			Example: `decimal('1234567.50').comma()`, Result: `"1,234,567.50"`,
			options: []cel.EnvOption{method("comma", []*cel.Type{d}, words, func(args ...ref.Val) ref.Val {
				return types.String(commaDecimal(exact(args[0])))
			})},
		},
		Function{
			Name: "int", Doc: doc("as a whole number, if it is one; string(…) and double(…) alike", "整数なら整数にする。string(…) と double(…) も使える"),
			Example: `int(decimal('1980.00'))`, Result: `1980`,
			options: []cel.EnvOption{decimalToInt(), decimalToText(), decimalToDouble()},
		},
	)
}

// decimalOperators declare what can be done with decimals. A whole number on
// the left becomes a decimal before the expression is planned.
func decimalOperators() []cel.EnvOption {
	d := value.DecimalType
	var options []cel.EnvOption
	for name, result := range map[string]*cel.Type{
		operators.Add: d, operators.Subtract: d, operators.Multiply: d,
		operators.Less: cel.BoolType, operators.LessEquals: cel.BoolType, operators.Greater: cel.BoolType, operators.GreaterEquals: cel.BoolType,
	} {
		for _, args := range [][]*cel.Type{{d, d}, {d, cel.IntType}, {cel.IntType, d}} {
			options = append(options, cel.Function(name, cel.Overload(DecimalOverload(name, args[0], args[1]), args, result)))
		}
	}
	return append(options, cel.Function(operators.Negate, cel.Overload("negate_decimal", []*cel.Type{d}, d)))
}

// DecimalOverload names an operator between decimals and whole numbers.
func DecimalOverload(operator string, left, right *cel.Type) string {
	return strings.Trim(operator, "_") + "_" + left.TypeName() + "_" + right.TypeName()
}

// WholeDecimal names the overload of decimal(…) that takes a whole number.
const WholeDecimal = "fn_decimal_int"

// readDecimal reads a number as platforms and people write it.
func readDecimal(written string) (value.Decimal, bool) {
	return value.ParseDecimal(strings.NewReplacer("¥", "", "円", "", " ", "").Replace(jp.Narrow(written)))
}

// exact returns the decimal that the checker knows a value to be.
func exact(v ref.Val) value.Decimal {
	switch v := v.(type) {
	case value.Decimal:
		return v
	case types.Int:
		return value.NewDecimal(int64(v), 0)
	default:
		return value.NewDecimal(0, 0)
	}
}

func decimalOfText() cel.EnvOption {
	return function("decimal", []*cel.Type{cel.StringType}, value.DecimalType, func(args ...ref.Val) ref.Val {
		d, ok := readDecimal(text(args[0]))
		if !ok {
			return fail(notADecimal, text(args[0]))
		}
		return d
	})
}

func decimalOfWhole() cel.EnvOption {
	return function("decimal", []*cel.Type{cel.IntType}, value.DecimalType, func(args ...ref.Val) ref.Val { return exact(args[0]) })
}

func decimalOfMinor() cel.EnvOption {
	return function("decimal", []*cel.Type{cel.IntType, cel.StringType}, value.DecimalType, func(args ...ref.Val) ref.Val {
		digits, known := decimals[text(args[1])]
		if !known {
			return fail(notACurrency, text(args[1]))
		}
		return value.NewDecimal(number(args[0]), digits)
	})
}

func divide(by *cel.Type) cel.EnvOption {
	args := []*cel.Type{value.DecimalType, by, cel.IntType, cel.StringType}
	return method("divide", args, value.DecimalType, func(args ...ref.Val) ref.Val {
		return divided(exact(args[0]), exact(args[1]), number(args[2]), text(args[3]))
	})
}

// maxPlaces is how many digits behind the point can be asked for.
const maxPlaces = 20

func divided(d, by value.Decimal, places int64, rounding string) ref.Val {
	switch {
	case places < 0 || places > maxPlaces:
		return fail(tooManyPlaces, places)
	case by.Cmp(value.NewDecimal(0, 0)) == 0:
		return fail(byZero)
	}
	quotient, ok := d.Divide(by, int(places), value.Rounding(rounding))
	if !ok {
		return fail(notARounding, rounding)
	}
	return quotient
}

func exactMinor() cel.EnvOption {
	return method("minor", []*cel.Type{value.DecimalType, cel.StringType}, cel.IntType, func(args ...ref.Val) ref.Val {
		return minorUnits(exact(args[0]), text(args[1]))
	})
}

func roundedMinor() cel.EnvOption {
	args := []*cel.Type{value.DecimalType, cel.StringType, cel.StringType}
	return method("minor", args, cel.IntType, func(args ...ref.Val) ref.Val {
		currency := text(args[1])
		rounded, ok := exact(args[0]).Round(decimals[currency], value.Rounding(text(args[2])))
		if !ok {
			return fail(notARounding, text(args[2]))
		}
		return minorUnits(rounded, currency)
	})
}

func minorUnits(d value.Decimal, currency string) ref.Val {
	digits, known := decimals[currency]
	if !known {
		return fail(notACurrency, currency)
	}
	units, ok := d.Unscaled(digits)
	switch {
	case !ok:
		return fail(notExact, d.String(), currency)
	case !units.IsInt64():
		return fail(tooMuchMoney)
	}
	return types.Int(units.Int64())
}

func commaDecimal(d value.Decimal) string {
	whole, fraction, found := strings.Cut(d.String(), ".")
	text := commaDigits(whole)
	if found {
		text += "." + fraction
	}
	return text
}

func decimalToInt() cel.EnvOption {
	return function("int", []*cel.Type{value.DecimalType}, cel.IntType, func(args ...ref.Val) ref.Val {
		n, ok := exact(args[0]).Unscaled(0)
		switch {
		case !ok:
			return fail(notWhole, exact(args[0]).String())
		case !n.IsInt64():
			return fail(tooMuchMoney)
		}
		return types.Int(n.Int64())
	})
}

func decimalToText() cel.EnvOption {
	return function("string", []*cel.Type{value.DecimalType}, cel.StringType, func(args ...ref.Val) ref.Val {
		return types.String(exact(args[0]).String())
	})
}

func decimalToDouble() cel.EnvOption {
	return function("double", []*cel.Type{value.DecimalType}, cel.DoubleType, func(args ...ref.Val) ref.Val {
		f, err := strconv.ParseFloat(exact(args[0]).String(), 64)
		if err != nil {
			return fail(tooMuchMoney)
		}
		return types.Double(f)
	})
}
