package value

import "math/big"

// Rounding says what becomes of digits that there is no place for.
type Rounding string

// The roundings: to zero, away from zero, and to the nearer, away from zero in the middle.
const (
	RoundDown Rounding = "down"
	RoundUp   Rounding = "up"
	RoundHalf Rounding = "half"
)

// Quotient returns x/y as a whole number. False means that there is no such
// rounding. y must not be zero.
func Quotient(x, y *big.Int, rounding Rounding) (*big.Int, bool) {
	quotient, rest := new(big.Int).QuoRem(x, y, new(big.Int))
	away := false
	switch rounding {
	case RoundDown:
	case RoundUp:
		away = rest.Sign() != 0
	case RoundHalf:
		away = new(big.Int).Mul(rest.Abs(rest), big.NewInt(2)).CmpAbs(y) >= 0
	default:
		return nil, false
	}
	if away {
		quotient.Add(quotient, big.NewInt(int64(x.Sign()*y.Sign())))
	}
	return quotient, true
}
