package value

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// DateType is the type of calendar dates in expressions.
var DateType = types.NewOpaqueType("date")

// able is one of our types at run time, where operators ask the type whether
// they may be used.
type able struct {
	*types.Type
	traits int
}

// HasTrait says what can be done with values of the type.
func (a able) HasTrait(trait int) bool { return a.traits&trait == trait }

// TypeOf returns the type of a value as the checker knows it.
func TypeOf(v ref.Val) *types.Type {
	switch t := v.Type().(type) {
	case *types.Type:
		return t
	case able:
		return t.Type
	default:
		return types.DynType
	}
}

// Date is a day of the calendar, without a time or a zone.
type Date struct{ days int64 } // since 1970-01-01

const secondsOfDay = 24 * 60 * 60

var _ traits.Comparer = Date{}

// DateOf returns the day of t in t's own zone.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsOfDay}
}

// ParseDate reads 2006-01-02.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date like 2006-01-02", text)
	}
	return DateOf(t), nil
}

// In returns the first instant of the day in a zone.
func (d Date) In(zone *time.Location) time.Time {
	year, month, day := d.utc().Date()
	return time.Date(year, month, day, 0, 0, 0, 0, zone)
}

// AddDays returns the day n days later.
func (d Date) AddDays(n int64) Date { return Date{d.days + n} }

// DaysUntil returns how many days later other is.
func (d Date) DaysUntil(other Date) int64 { return other.days - d.days }

// String returns the date as 2006-01-02.
func (d Date) String() string { return d.utc().Format(time.DateOnly) }

func (d Date) utc() time.Time { return time.Unix(d.days*secondsOfDay, 0).UTC() }

// Compare orders dates by the calendar.
func (d Date) Compare(other ref.Val) ref.Val {
	o, ok := other.(Date)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	return types.Int(d.days).Compare(types.Int(o.days))
}

// Equal says whether other is the same day.
func (d Date) Equal(other ref.Val) ref.Val {
	o, ok := other.(Date)
	return types.Bool(ok && o == d)
}

// ConvertToNative refuses: rules write JSON from the value itself.
func (d Date) ConvertToNative(reflect.Type) (any, error) {
	return nil, errors.New("a date has no native form")
}

// ConvertToType converts to text, to the date itself or to its type.
func (d Date) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.StringType:
		return types.String(d.String())
	case types.TypeType:
		return DateType
	}
	if t.TypeName() == DateType.TypeName() {
		return d
	}
	return types.NewErr("type conversion error from 'date' to '%s'", t)
}

// Type returns DateType with its order.
func (d Date) Type() ref.Type { return able{DateType, traits.ComparerType} }

// Value returns the date itself.
func (d Date) Value() any { return d }
