package funcs

import (
	"fmt"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/value"
)

// birthdayFunctions work on birthdays, whose year may be unknown, and on dates,
// which have anniversaries.
func birthdayFunctions() []Function {
	return group("Birthdays and anniversaries", "誕生日・記念日",
		Function{
			Name: "birthday", Doc: doc("a birthday, with -- for a year that is not known", "誕生日を作る(年が不明なら --)"),
			Example: `birthday('--12-31').inSeason('12-20', '01-10')`, Result: `true`, options: []cel.EnvOption{birthdayOfText(), birthdaySeason(), birthdayToText()},
		},
		Function{
			Name: "isOn", Doc: doc("whether the birthday or anniversary is on that day (February 29 is on the 28th in other years)", "その日が誕生日・記念日か(2月29日は、うるう年以外では28日)"),
			Example: `birthday('--04-02').isOn(date('2025-04-02'))`, Result: `true`, options: onAnniversary("isOn", cel.BoolType, isOn),
		},
		Function{
			Name: "daysUntilNext", Doc: doc("how many days until the next birthday or anniversary, 0 on the day", "次の誕生日・記念日までの日数(当日は0)"),
			Example: `birthday('1990-04-02').daysUntilNext(date('2025-03-26'))`, Result: `7`, options: onAnniversary("daysUntilNext", cel.IntType, daysUntilNext),
		},
		Function{
			Name: "hasYear", Doc: doc("whether the year of a birthday is known; month() and day() always are", "誕生日の年が分かるか(month() と day() は必ず使える)"),
			Example: `birthday('--04-02').hasYear()`, Result: `false`,
			options: []cel.EnvOption{ofBirthday("hasYear", cel.BoolType, hasYear), ofBirthday("month", cel.IntType, birthMonth), ofBirthday("day", cel.IntType, birthDay), birthdayAge()},
		},
	)
}

func birthdayOfText() cel.EnvOption {
	return function("birthday", []*cel.Type{cel.StringType}, value.BirthdayType, func(args ...ref.Val) ref.Val {
		b, err := value.ParseBirthday(text(args[0]))
		if err != nil {
			return fail(notABirthday, text(args[0]))
		}
		return b
	})
}

func birthdayToText() cel.EnvOption {
	return function("string", []*cel.Type{value.BirthdayType}, cel.StringType, func(args ...ref.Val) ref.Val {
		return types.String(birthday(args[0]).String())
	})
}

func birthdaySeason() cel.EnvOption {
	args := []*cel.Type{value.BirthdayType, cel.StringType, cel.StringType}
	return method("inSeason", args, cel.BoolType, func(args ...ref.Val) ref.Val {
		b := birthday(args[0])
		return season(fmt.Sprintf("%02d-%02d", b.Month(), b.Day()), args[1:])
	})
}

// onAnniversary declares a method of birthdays and of dates.
func onAnniversary(name string, result *cel.Type, f func(b value.Birthday, on value.Date) ref.Val) []cel.EnvOption {
	var options []cel.EnvOption
	for _, receiver := range []*cel.Type{value.BirthdayType, value.DateType} {
		options = append(options, method(name, []*cel.Type{receiver, value.DateType}, result, func(args ...ref.Val) ref.Val {
			return f(birthday(args[0]), day(args[1]))
		}))
	}
	return options
}

func isOn(b value.Birthday, on value.Date) ref.Val { return b.In(on.In(time.UTC).Year()).Equal(on) }

func daysUntilNext(b value.Birthday, on value.Date) ref.Val {
	return types.Int(on.DaysUntil(b.Next(on)))
}

func ofBirthday(name string, result *cel.Type, f func(b value.Birthday) ref.Val) cel.EnvOption {
	return method(name, []*cel.Type{value.BirthdayType}, result, func(args ...ref.Val) ref.Val { return f(birthday(args[0])) })
}

func hasYear(b value.Birthday) ref.Val {
	_, known := b.Year()
	return types.Bool(known)
}

func birthMonth(b value.Birthday) ref.Val { return types.Int(b.Month()) }

func birthDay(b value.Birthday) ref.Val { return types.Int(b.Day()) }

func birthdayAge() cel.EnvOption {
	return method("age", []*cel.Type{value.BirthdayType, value.DateType}, cel.IntType, func(args ...ref.Val) ref.Val {
		b, on := birthday(args[0]), day(args[1])
		born, known := b.Year()
		if !known {
			return fail(noBirthYear, b.String())
		}
		year := on.In(time.UTC).Year()
		if on.DaysUntil(b.In(year)) > 0 {
			year--
		}
		return types.Int(year - born)
	})
}

// birthday returns a birthday, or that of a date.
func birthday(v ref.Val) value.Birthday {
	switch v := v.(type) {
	case value.Birthday:
		return v
	case value.Date:
		return value.BirthdayOf(v)
	default:
		return value.Birthday{}
	}
}
