package funcs

import (
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/jp"
)

func dateFunctions() []Function {
	date := value.DateType
	return group("Dates", "日付",
		Function{
			Name: "date", Doc: doc("a day of the calendar", "日付を作る"),
			Example: `date('2025-02-11') < date(2025, 3, 1)`, Result: `true`, options: []cel.EnvOption{dateOfText(), dateOfParts(), dateToText()},
		},
		Function{
			Name: "parseDate", Doc: doc("reads a date as platforms write it", "いろいろな書き方の日付を読む"),
			Example: `'2025年2月11日'.parseDate()`, Result: `"2025-02-11"`, options: []cel.EnvOption{parseDate()},
		},
		Function{
			Name: "plusDays", Doc: doc("so many days later; also for times", "n日後(日時にも使える)"),
			Example: `date('2025-02-27').plusDays(3)`, Result: `"2025-03-02"`,
			options: []cel.EnvOption{onDate("plusDays", date, func(d value.Date, n int64) ref.Val { return inCalendar(d.AddDays(clampDays(n))) })},
		},
		Function{
			Name: "minusDays", Doc: doc("so many days before; also for times", "n日前(日時にも使える)"),
			Example: `date('2025-03-02').minusDays(3)`, Result: `"2025-02-27"`,
			options: []cel.EnvOption{
				onDate("minusDays", date, func(d value.Date, n int64) ref.Val { return inCalendar(d.AddDays(-clampDays(n))) }),
				onTime("minusDays", func(t time.Time, n int64) time.Time { return t.AddDate(0, 0, -int(clampDays(n))) }),
			},
		},
		Function{
			Name: "plusMonths", Doc: doc("so many months later, at the latest on the month's last day; also for times", "nか月後(月末を超えない。日時にも使える)"),
			Example: `date('2025-01-31').plusMonths(1)`, Result: `"2025-02-28"`,
			options: []cel.EnvOption{onDate("plusMonths", date, func(d value.Date, n int64) ref.Val { return inCalendar(value.DateOf(addMonths(d.In(time.UTC), n))) })},
		},
		Function{
			Name: "daysUntil", Doc: doc("how many days until another date", "別の日付までの日数"),
			Example: `date('2025-02-11').daysUntil(date('2025-03-01'))`, Result: `18`, options: []cel.EnvOption{daysUntil()},
		},
		Function{
			Name: "daysSince", Doc: doc("how many days have gone by since a date or time, by the calendar", "日付や日時からの経過日数(暦の日数)"),
			Example: `date('2025-03-01').daysSince(timestamp('2025-02-11T23:00:00+09:00'))`, Result: `18`, options: []cel.EnvOption{daysSince(value.DateType), daysSince(cel.TimestampType)},
		},
		Function{
			Name: "year", Doc: doc("the year; month() and day() alike", "年。month() と day() も同じ"),
			Example: `date('2025-02-11').year()`, Result: `2025`, options: []cel.EnvOption{datePart("year", func(t time.Time) int { return t.Year() })},
		},
		Function{
			Name: "month", Doc: doc("the month, 1 to 12", "月(1〜12)"),
			Example: `date('2025-02-11').month()`, Result: `2`, options: []cel.EnvOption{datePart("month", func(t time.Time) int { return int(t.Month()) })},
		},
		Function{
			Name: "day", Doc: doc("the day of the month", "日"),
			Example: `date('2025-02-11').day()`, Result: `11`, options: []cel.EnvOption{datePart("day", func(t time.Time) int { return t.Day() })},
		},
		Function{
			Name: "weekday", Doc: doc("the day of the week, 1 for Monday to 7 for Sunday", "曜日(月曜=1〜日曜=7)"),
			Example: `date('2025-02-11').weekday()`, Result: `2`, options: []cel.EnvOption{datePart("weekday", isoWeekday)},
		},
		Function{
			Name: "inSeason", Doc: doc("whether the day is in a part of the year, its first and last day included", "毎年の期間に入るか(両端を含む。年をまたいでもよい)"),
			Example: `date('1990-04-15').inSeason('03-01', '06-01')`, Result: `true`, options: []cel.EnvOption{inSeason()},
		},
		Function{
			Name: "age", Doc: doc("whole years from a birthday to a day", "ある日の満年齢"),
			Example: `date('1990-04-15').age(date('2025-04-14'))`, Result: `34`, options: []cel.EnvOption{age()},
		},
		Function{
			Name: "endOfMonth", Doc: doc("the last day of the month", "月の最終日"),
			Example: `date('2024-02-11').endOfMonth()`, Result: `"2024-02-29"`, options: []cel.EnvOption{dayLike("endOfMonth", func(t time.Time) time.Time { return dayOf(t.Year(), t.Month()+1, 0) })},
		},
		Function{
			Name: "startOfMonth", Doc: doc("the first day of the month", "月の最初の日"),
			Example: `date('2024-02-11').startOfMonth()`, Result: `"2024-02-01"`, options: []cel.EnvOption{dayLike("startOfMonth", func(t time.Time) time.Time { return dayOf(t.Year(), t.Month(), 1) })},
		},
		Function{
			Name: "startOfYear", Doc: doc("the first day of the year", "年の最初の日(1月1日)"),
			Example: `date('2024-02-11').startOfYear()`, Result: `"2024-01-01"`, options: []cel.EnvOption{dayLike("startOfYear", func(t time.Time) time.Time { return dayOf(t.Year(), time.January, 1) })},
		},
	)
}

// dateOperators let dates be compared with < <= > >= .
func dateOperators() []cel.EnvOption {
	var options []cel.EnvOption
	for name, id := range map[string]string{
		operators.Less: "less_date", operators.LessEquals: "less_equals_date",
		operators.Greater: "greater_date", operators.GreaterEquals: "greater_equals_date",
	} {
		options = append(options, cel.Function(name, cel.Overload(id, []*cel.Type{value.DateType, value.DateType}, cel.BoolType)))
	}
	return options
}

func dateOfText() cel.EnvOption {
	return function("date", []*cel.Type{cel.StringType}, value.DateType, func(args ...ref.Val) ref.Val {
		d, err := value.ParseDate(text(args[0]))
		if err != nil {
			return fail(notADate, text(args[0]))
		}
		return d
	})
}

func dateOfParts() cel.EnvOption {
	return function("date", []*cel.Type{cel.IntType, cel.IntType, cel.IntType}, value.DateType, func(args ...ref.Val) ref.Val {
		y, m, d := number(args[0]), number(args[1]), number(args[2])
		t := time.Date(int(y), time.Month(m), int(d), 0, 0, 0, 0, time.UTC)
		if int64(t.Year()) != y || int64(t.Month()) != m || int64(t.Day()) != d {
			return fail(noSuchDay, y, m, d)
		}
		return inCalendar(value.DateOf(t))
	})
}

func dateToText() cel.EnvOption {
	return function("string", []*cel.Type{value.DateType}, cel.StringType, func(args ...ref.Val) ref.Val {
		return types.String(day(args[0]).String())
	})
}

func parseDate() cel.EnvOption {
	return method("parseDate", []*cel.Type{cel.StringType}, value.DateType, func(args ...ref.Val) ref.Val {
		t, err := jp.ParseTime(text(args[0]))
		if err != nil || t.IsZero() {
			return fail(notAMoment, text(args[0]))
		}
		return value.DateOf(t.In(jp.Zone))
	})
}

func onDate(name string, result *cel.Type, f func(d value.Date, n int64) ref.Val) cel.EnvOption {
	return method(name, []*cel.Type{value.DateType, cel.IntType}, result, func(args ...ref.Val) ref.Val {
		return f(day(args[0]), number(args[1]))
	})
}

func daysUntil() cel.EnvOption {
	return method("daysUntil", []*cel.Type{value.DateType, value.DateType}, cel.IntType, func(args ...ref.Val) ref.Val {
		return types.Int(day(args[0]).DaysUntil(day(args[1])))
	})
}

func daysSince(on *cel.Type) cel.EnvOption {
	return method("daysSince", []*cel.Type{value.DateType, on}, cel.IntType, func(args ...ref.Val) ref.Val {
		return types.Int(dayIn(args[1], jp.Zone).DaysUntil(day(args[0])))
	})
}

func datePart(name string, part func(time.Time) int) cel.EnvOption {
	return method(name, []*cel.Type{value.DateType}, cel.IntType, func(args ...ref.Val) ref.Val {
		return types.Int(part(day(args[0]).In(time.UTC)))
	})
}

func isoWeekday(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

func inSeason() cel.EnvOption {
	args := []*cel.Type{value.DateType, cel.StringType, cel.StringType}
	return method("inSeason", args, cel.BoolType, func(args ...ref.Val) ref.Val {
		return season(day(args[0]).In(time.UTC).Format("01-02"), args[1:])
	})
}

// season says whether a day of the year, as 01-02, is between two others. The
// range may go over the new year.
func season(today string, bounds []ref.Val) ref.Val {
	for _, bound := range bounds {
		if _, err := time.Parse("2006-01-02", "2000-"+text(bound)); err != nil {
			return fail(notASeason, text(bound))
		}
	}
	from, to := text(bounds[0]), text(bounds[1])
	if from <= to {
		return types.Bool(from <= today && today <= to)
	}
	return types.Bool(today >= from || today <= to)
}

func age() cel.EnvOption {
	return method("age", []*cel.Type{value.DateType, value.DateType}, cel.IntType, func(args ...ref.Val) ref.Val {
		born, on := day(args[0]).In(time.UTC), day(args[1]).In(time.UTC)
		years := on.Year() - born.Year()
		if on.Format("01-02") < born.Format("01-02") {
			years--
		}
		return types.Int(years)
	})
}

// dayLike declares a method that gives another day of a day's month or year.
func dayLike(name string, of func(time.Time) time.Time) cel.EnvOption {
	return method(name, []*cel.Type{value.DateType}, value.DateType, func(args ...ref.Val) ref.Val {
		return value.DateOf(of(day(args[0]).In(time.UTC)))
	})
}

func dayOf(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func day(v ref.Val) value.Date {
	d, ok := v.(value.Date)
	if !ok {
		return value.Date{}
	}
	return d
}

// clampDays keeps sums of days within what an integer holds.
func clampDays(n int64) int64 { return min(max(n, -10_000_000), 10_000_000) }

func inCalendar(d value.Date) ref.Val {
	if y := d.In(time.UTC).Year(); y < 1 || y > 9999 {
		return fail(outOfCalendar)
	}
	return d
}

// addMonths keeps the day of the month, or takes the last one of a shorter month.
func addMonths(t time.Time, n int64) time.Time {
	n = min(max(n, -200_000), 200_000)
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	last := time.Date(first.Year(), first.Month()+1, 0, 0, 0, 0, 0, t.Location()).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}
