package funcs

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/value"
)

func moneyFunctions() []Function {
	return group("Money (whole numbers of the smallest unit: yen, cents)", "金額(円など最小単位の整数)",
		Function{
			Name: "comma", Doc: doc("digits in groups of three", "3桁ごとにコンマを入れる"),
			Example: `1234567.comma()`, Result: `"1,234,567"`, options: []cel.EnvOption{method("comma", []*cel.Type{cel.IntType}, cel.StringType, func(args ...ref.Val) ref.Val {
				return types.String(comma(number(args[0])))
			})},
		},
		Function{
			Name: "yen", Doc: doc("an amount in yen as people write it", "円の表記にする"),
			Example: `1980.yen()`, Result: `"1,980円"`, options: []cel.EnvOption{method("yen", []*cel.Type{cel.IntType}, cel.StringType, func(args ...ref.Val) ref.Val {
				return types.String(comma(number(args[0])) + "円")
			})},
		},
		Function{
			Name: "tax", Doc: doc("the tax on an amount: percent, and rounding 'down', 'up' or 'half'", "税額。税率(%)と端数処理('down'切り捨て、'up'切り上げ、'half'四捨五入)"),
			Example: `1999.tax(10, 'down')`, Result: `199`, options: []cel.EnvOption{taxed("tax", func(rate int64) (int64, int64) { return rate, 100 }, false)},
		},
		Function{
			Name: "plusTax", Doc: doc("the amount with its tax", "税込金額"),
			Example: `1999.plusTax(8, 'down')`, Result: `2158`, options: []cel.EnvOption{taxed("plusTax", func(rate int64) (int64, int64) { return rate, 100 }, true)},
		},
		Function{
			Name: "minusTax", Doc: doc("the amount without the tax that is in it", "税込金額から税抜金額"),
			Example: `2198.minusTax(10, 'up')`, Result: `1999`, options: []cel.EnvOption{taxed("minusTax", func(rate int64) (int64, int64) { return 100, 100 + rate }, false)},
		},
		Function{
			Name: "minor", Doc: doc("a written amount as a number of the currency's smallest unit", "表記された金額を通貨の最小単位の整数にする"),
			Example: `'12.50'.minor('USD')`, Result: `1250`, options: []cel.EnvOption{minor()},
		},
		Function{
			Name: "major", Doc: doc("a number of the smallest unit as the amount is written", "最小単位の整数を通貨の表記にする"),
			Example: `1250.major('USD')`, Result: `"12.50"`, options: []cel.EnvOption{major()},
		},
	)
}

func comma(n int64) string { return commaDigits(strconv.FormatInt(n, 10)) }

// commaDigits puts a comma before every three digits of a whole number.
func commaDigits(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// taxed declares a method that multiplies an amount by a fraction made of the
// rate, rounds, and adds the amount itself if so wanted.
func taxed(name string, fraction func(rate int64) (numerator, denominator int64), add bool) cel.EnvOption {
	args := []*cel.Type{cel.IntType, cel.IntType, cel.StringType}
	return method(name, args, cel.IntType, func(args ...ref.Val) ref.Val {
		n, rate, rounding := number(args[0]), number(args[1]), text(args[2])
		if rate < 0 || rate > 100 {
			return fail(notARate, rate)
		}
		numerator, denominator := fraction(rate)
		product := new(big.Int).Mul(big.NewInt(n), big.NewInt(numerator))
		amount, ok := value.Quotient(product, big.NewInt(denominator), value.Rounding(rounding))
		if !ok {
			return fail(notARounding, rounding)
		}
		if add {
			amount.Add(amount, big.NewInt(n))
		}
		if !amount.IsInt64() {
			return fail(tooMuchMoney)
		}
		return types.Int(amount.Int64())
	})
}

// decimals are how many digits a currency has behind the point.
var decimals = map[string]int{
	"JPY": 0, "KRW": 0, "VND": 0, "TWD": 2, "USD": 2, "EUR": 2, "GBP": 2, "CNY": 2, "HKD": 2, "SGD": 2,
	"AUD": 2, "CAD": 2, "CHF": 2, "THB": 2, "MYR": 2, "PHP": 2, "IDR": 2, "INR": 2, "NZD": 2,
}

func minor() cel.EnvOption {
	return method("minor", []*cel.Type{cel.StringType, cel.StringType}, cel.IntType, func(args ...ref.Val) ref.Val {
		currency := text(args[1])
		digits, known := decimals[currency]
		if !known {
			return fail(notACurrency, currency)
		}
		amount, ok := readDecimal(text(args[0]))
		if !ok {
			return fail(notAnAmount, text(args[0]), currency)
		}
		units, ok := amount.Unscaled(digits)
		if !ok || !units.IsInt64() {
			return fail(notAnAmount, text(args[0]), currency)
		}
		return types.Int(units.Int64())
	})
}

func major() cel.EnvOption {
	return method("major", []*cel.Type{cel.IntType, cel.StringType}, cel.StringType, func(args ...ref.Val) ref.Val {
		digits, known := decimals[text(args[1])]
		if !known {
			return fail(notACurrency, text(args[1]))
		}
		return types.String(value.NewDecimal(number(args[0]), digits).String())
	})
}
