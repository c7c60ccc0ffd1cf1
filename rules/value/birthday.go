package value

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// BirthdayType is the type of days of birth, whose year may be unknown.
var BirthdayType = types.NewOpaqueType("birthday")

// Birthday is a day of the year, with the year where it is known.
type Birthday struct {
	year  int // 0 if unknown
	month time.Month
	day   int
}

// leapYear has every day that a birthday can be.
const leapYear = 2000

// BirthdayOf returns the birthday of somebody who was born on d.
func BirthdayOf(d Date) Birthday {
	year, month, day := d.utc().Date()
	return Birthday{year, month, day}
}

// ParseBirthday reads 1990-04-02, or --04-02 where the year is unknown.
func ParseBirthday(text string) (Birthday, error) {
	if rest, yearless := cutYear(text); yearless {
		t, err := time.Parse(time.DateOnly, fmt.Sprintf("%d-%s", leapYear, rest))
		if err != nil {
			return Birthday{}, fmt.Errorf("%q is not a birthday like --04-02", text)
		}
		return Birthday{0, t.Month(), t.Day()}, nil
	}
	d, err := ParseDate(text)
	if err != nil {
		return Birthday{}, fmt.Errorf("%q is not a birthday like 1990-04-02 or --04-02", text)
	}
	return BirthdayOf(d), nil
}

func cutYear(text string) (rest string, yearless bool) {
	if len(text) > 2 && text[:2] == "--" {
		return text[2:], true
	}
	return "", false
}

// Year returns the year of birth, and whether it is known.
func (b Birthday) Year() (int, bool) { return b.year, b.year != 0 }

// Month returns the month.
func (b Birthday) Month() int { return int(b.month) }

// Day returns the day of the month.
func (b Birthday) Day() int { return b.day }

// In returns the day on which the birthday is celebrated in a year: whoever was
// born on February 29 celebrates on February 28 in years without one.
func (b Birthday) In(year int) Date {
	d := DateOf(time.Date(year, b.month, b.day, 0, 0, 0, 0, time.UTC))
	if d.utc().Month() != b.month {
		return d.AddDays(-1)
	}
	return d
}

// Next returns the first celebration on or after a day.
func (b Birthday) Next(from Date) Date {
	year := from.utc().Year()
	if d := b.In(year); d.days >= from.days {
		return d
	}
	return b.In(year + 1)
}

// String returns 1990-04-02 or --04-02.
func (b Birthday) String() string {
	if b.year == 0 {
		return fmt.Sprintf("--%02d-%02d", b.month, b.day)
	}
	return fmt.Sprintf("%04d-%02d-%02d", b.year, b.month, b.day)
}

// Equal says whether other is the same birthday.
func (b Birthday) Equal(other ref.Val) ref.Val {
	o, ok := other.(Birthday)
	return types.Bool(ok && o == b)
}

// ConvertToNative refuses: rules write JSON from the value itself.
func (b Birthday) ConvertToNative(reflect.Type) (any, error) {
	return nil, errors.New("a birthday has no native form")
}

// ConvertToType converts to text, to the birthday itself or to its type.
func (b Birthday) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.StringType:
		return types.String(b.String())
	case types.TypeType:
		return BirthdayType
	}
	if t.TypeName() == BirthdayType.TypeName() {
		return b
	}
	return types.NewErr("type conversion error from 'birthday' to '%s'", t)
}

// Type returns BirthdayType.
func (b Birthday) Type() ref.Type { return BirthdayType }

// Value returns the birthday itself.
func (b Birthday) Value() any { return b }
