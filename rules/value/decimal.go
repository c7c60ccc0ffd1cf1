package value

import (
	"errors"
	"math/big"
	"reflect"
	"regexp"
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/musubi-run/musubi/rules/diag"
)

// DecimalType is the type of exact decimals in expressions.
var DecimalType = types.NewOpaqueType("decimal")

// Decimal is a decimal number with all its digits: 12.50 is 1250 with two
// digits behind the point. It is immutable and never rounds by itself.
type Decimal struct {
	digits *big.Int
	scale  int
}

// maxDigits bounds what a decimal may grow to.
const maxDigits = 60

var tooManyDigits = diag.Kind{Code: "decimal-too-long", EN: "the result has more than 60 digits", JA: "計算結果が60桁を超えました"}

var (
	_ traits.Comparer   = Decimal{}
	_ traits.Adder      = Decimal{}
	_ traits.Subtractor = Decimal{}
	_ traits.Multiplier = Decimal{}
	_ traits.Negater    = Decimal{}
)

// NewDecimal returns n with its last scale digits behind the point.
func NewDecimal(n int64, scale int) Decimal { return Decimal{big.NewInt(n), scale} }

// decimalForm is 1234.50 or 1,234.50: a comma stands only between thousands,
// so that 12,50 is never taken for 1250.
var decimalForm = regexp.MustCompile(`^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?$`)

// ParseDecimal reads 1234.50; false means that the text is something else.
func ParseDecimal(text string) (Decimal, bool) {
	if len(text) > maxDigits || !decimalForm.MatchString(text) {
		return Decimal{}, false
	}
	whole, fraction, _ := strings.Cut(strings.ReplaceAll(text, ",", ""), ".")
	digits, ok := new(big.Int).SetString(strings.TrimPrefix(whole, "+")+fraction, 10)
	return Decimal{digits, len(fraction)}, ok
}

// String returns the number as it is written, 1234.50.
func (d Decimal) String() string {
	text := new(big.Int).Abs(d.digits).String()
	if missing := d.scale + 1 - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	if d.scale > 0 {
		text = text[:len(text)-d.scale] + "." + text[len(text)-d.scale:]
	}
	if d.digits.Sign() < 0 {
		return "-" + text
	}
	return text
}

// shifted returns the digits for a larger scale.
func (d Decimal) shifted(scale int) *big.Int {
	return new(big.Int).Mul(d.digits, power(scale-d.scale))
}

func power(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// decimalOf returns a decimal or a whole number as a decimal.
func decimalOf(v ref.Val) (Decimal, bool) {
	switch v := v.(type) {
	case Decimal:
		return v, true
	case types.Int:
		return NewDecimal(int64(v), 0), true
	default:
		return Decimal{}, false
	}
}

// combine applies f to the digits of both at the larger of their scales.
func (d Decimal) combine(other ref.Val, f func(z, x, y *big.Int) *big.Int) ref.Val {
	o, ok := decimalOf(other)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	scale := max(d.scale, o.scale)
	return bounded(Decimal{f(new(big.Int), d.shifted(scale), o.shifted(scale)), scale})
}

// bounded refuses numbers that nobody means.
func bounded(d Decimal) ref.Val {
	if d.digits.CmpAbs(power(maxDigits)) >= 0 || d.scale > maxDigits {
		return Fail(tooManyDigits)
	}
	return d
}

// Add adds a decimal or a whole number.
func (d Decimal) Add(other ref.Val) ref.Val { return d.combine(other, (*big.Int).Add) }

// Subtract takes a decimal or a whole number away.
func (d Decimal) Subtract(other ref.Val) ref.Val { return d.combine(other, (*big.Int).Sub) }

// Multiply keeps all digits behind the point: 1.5 × 0.25 is 0.375.
func (d Decimal) Multiply(other ref.Val) ref.Val {
	o, ok := decimalOf(other)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	return bounded(Decimal{new(big.Int).Mul(d.digits, o.digits), d.scale + o.scale})
}

// Negate returns the number with the other sign.
func (d Decimal) Negate() ref.Val { return Decimal{new(big.Int).Neg(d.digits), d.scale} }

// Cmp orders by value: 1.50 and 1.5 are the same.
func (d Decimal) Cmp(o Decimal) int {
	scale := max(d.scale, o.scale)
	return d.shifted(scale).Cmp(o.shifted(scale))
}

// Compare orders by value; other may be a whole number.
func (d Decimal) Compare(other ref.Val) ref.Val {
	o, ok := decimalOf(other)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	return types.Int(d.Cmp(o))
}

// Equal says whether other is the same number, however it is written.
func (d Decimal) Equal(other ref.Val) ref.Val {
	o, ok := decimalOf(other)
	return types.Bool(ok && d.Cmp(o) == 0)
}

// Divide returns the number divided by o, with so many digits behind the
// point. False means that there is no such rounding, or that o is zero.
func (d Decimal) Divide(o Decimal, scale int, rounding Rounding) (Decimal, bool) {
	if o.digits.Sign() == 0 {
		return Decimal{}, false
	}
	numerator, denominator := new(big.Int).Set(d.digits), new(big.Int).Set(o.digits)
	if shift := scale + o.scale - d.scale; shift >= 0 {
		numerator.Mul(numerator, power(shift))
	} else {
		denominator.Mul(denominator, power(-shift))
	}
	digits, ok := Quotient(numerator, denominator, rounding)
	return Decimal{digits, scale}, ok
}

// Round returns the number with so many digits behind the point.
func (d Decimal) Round(scale int, rounding Rounding) (Decimal, bool) {
	return d.Divide(NewDecimal(1, 0), scale, rounding)
}

// Unscaled returns the number as a whole number of units of 1/10^scale; false
// means that it has more digits than that.
func (d Decimal) Unscaled(scale int) (*big.Int, bool) {
	cut, ok := d.Round(scale, RoundDown)
	return cut.digits, ok && cut.Cmp(d) == 0
}

// ConvertToNative refuses: rules write JSON from the value itself.
func (d Decimal) ConvertToNative(reflect.Type) (any, error) {
	return nil, errors.New("a decimal has no native form")
}

// ConvertToType converts to text, to the decimal itself or to its type.
func (d Decimal) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.StringType:
		return types.String(d.String())
	case types.TypeType:
		return DecimalType
	}
	if t.TypeName() == DecimalType.TypeName() {
		return d
	}
	return types.NewErr("type conversion error from 'decimal' to '%s'", t)
}

// Type returns DecimalType with what can be done with decimals.
func (d Decimal) Type() ref.Type {
	return able{DecimalType, traits.ComparerType | traits.AdderType | traits.SubtractorType | traits.MultiplierType | traits.NegatorType}
}

// Value returns the decimal itself.
func (d Decimal) Value() any { return d }

// Number is a decimal on its way to a place that wants a JSON number, where
// zeros at the end mean nothing.
type Number struct{ Decimal }

// String returns the number as JSON writes it, 1234.5.
func (n Number) String() string {
	text := n.Decimal.String()
	if n.scale == 0 {
		return text
	}
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
