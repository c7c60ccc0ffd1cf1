package funcs

import (
	"errors"
	"time"
	_ "time/tzdata" // zones must mean the same on every machine

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/jp"
)

func timeFunctions() []Function {
	at := cel.TimestampType
	return group("Times (in Japan, unless a zone is named)", "日時(タイムゾーンを書かなければ日本時間)",
		Function{
			Name: "parseTime", Doc: doc("reads a time as platforms write it; without an offset it is Japan's", "いろいろな書き方の日時を読む。時差がなければ日本時間"),
			Example: `'2025/02/11 21:03:09'.parseTime()`, Result: `"2025-02-11T21:03:09+09:00"`, options: []cel.EnvOption{parseTime()},
		},
		Function{
			Name: "plusHours", Doc: doc("so many hours later", "n時間後"),
			Example: `timestamp('2025-02-11T21:00:00Z').plusHours(5)`, Result: `"2025-02-12T02:00:00Z"`,
			options: []cel.EnvOption{onTime("plusHours", func(t time.Time, n int64) time.Time { return t.Add(hours(n)) }), onTime("plusMinutes", func(t time.Time, n int64) time.Time { return t.Add(hours(n) / 60) })},
		},
		Function{
			Name: "plusDays", Doc: doc("the same time so many days later", "n日後の同じ時刻"),
			Example: `timestamp('2025-02-27T12:00:00+09:00').plusDays(3)`, Result: `"2025-03-02T12:00:00+09:00"`,
			options: []cel.EnvOption{
				onTime("plusDays", func(t time.Time, n int64) time.Time { return t.AddDate(0, 0, int(clampDays(n))) }),
				onTime("plusMonths", func(t time.Time, n int64) time.Time { return addMonths(t.In(jp.Zone), n).In(t.Location()) }),
			},
		},
		Function{
			Name: "at", Doc: doc("the same day at a time of day; also for dates", "同じ日の指定した時刻(日付にも使える)"),
			Example: `timestamp('2025-02-11T00:30:00Z').plusDays(3).at('18:00')`, Result: `"2025-02-14T18:00:00+09:00"`,
			options: []cel.EnvOption{atClock(at), atClock(value.DateType), atClockIn(at), atClockIn(value.DateType)},
		},
		Function{
			Name: "startOfDay", Doc: doc("midnight of the same day", "その日の0時"),
			Example: `timestamp('2025-02-11T20:00:00Z').startOfDay()`, Result: `"2025-02-12T00:00:00+09:00"`,
			options: []cel.EnvOption{method("startOfDay", []*cel.Type{at}, at, func(args ...ref.Val) ref.Val {
				return types.Timestamp{Time: value.DateOf(instant(args[0]).In(jp.Zone)).In(jp.Zone)}
			})},
		},
		Function{
			Name: "date", Doc: doc("the day of a time", "日時の日付"),
			Example: `timestamp('2025-02-11T20:00:00Z').date()`, Result: `"2025-02-12"`, options: []cel.EnvOption{dateOfTime(), dateOfTimeIn()},
		},
		Function{
			Name: "format", Doc: doc("written with yyyy MM dd HH mm ss M d H E; also for dates", "書式(yyyy MM dd HH mm ss M d H E)で書く(日付にも使える)"),
			Example: `timestamp('2025-02-11T12:03:00Z').format('yyyy年M月d日(E) HH:mm')`, Result: `"2025年2月11日(火) 21:03"`,
			options: []cel.EnvOption{format(at), format(value.DateType)},
		},
	)
}

func parseTime() cel.EnvOption {
	return method("parseTime", []*cel.Type{cel.StringType}, cel.TimestampType, func(args ...ref.Val) ref.Val {
		t, err := jp.ParseTime(text(args[0]))
		if err != nil || t.IsZero() {
			return fail(notAMoment, text(args[0]))
		}
		return types.Timestamp{Time: t}
	})
}

func onTime(name string, f func(t time.Time, n int64) time.Time) cel.EnvOption {
	return method(name, []*cel.Type{cel.TimestampType, cel.IntType}, cel.TimestampType, func(args ...ref.Val) ref.Val {
		t := f(instant(args[0]), number(args[1]))
		if t.Year() < 1 || t.Year() > 9999 {
			return fail(outOfCalendar)
		}
		return types.Timestamp{Time: t}
	})
}

// hours keeps sums of hours within what a duration holds, some 290 years.
func hours(n int64) time.Duration {
	const most = 2_500_000
	return time.Duration(min(max(n, -most), most)) * time.Hour
}

func atClock(on *cel.Type) cel.EnvOption {
	return method("at", []*cel.Type{on, cel.StringType}, cel.TimestampType, func(args ...ref.Val) ref.Val {
		return clock(args[0], text(args[1]), jp.Zone)
	})
}

func atClockIn(on *cel.Type) cel.EnvOption {
	return method("at", []*cel.Type{on, cel.StringType, cel.StringType}, cel.TimestampType, func(args ...ref.Val) ref.Val {
		zone, err := zoneOf(text(args[2]))
		if err != nil {
			return fail(notAZone, text(args[2]))
		}
		return clock(args[0], text(args[1]), zone)
	})
}

func clock(v ref.Val, at string, zone *time.Location) ref.Val {
	t, err := time.Parse("15:04", at)
	if err != nil {
		return fail(notAClock, at)
	}
	d := dayIn(v, zone).In(time.UTC)
	return types.Timestamp{Time: time.Date(d.Year(), d.Month(), d.Day(), t.Hour(), t.Minute(), 0, 0, zone)}
}

// dayIn returns the day of a date or a time.
func dayIn(v ref.Val, zone *time.Location) value.Date {
	if d, ok := v.(value.Date); ok {
		return d
	}
	return value.DateOf(instant(v).In(zone))
}

func dateOfTime() cel.EnvOption {
	return method("date", []*cel.Type{cel.TimestampType}, value.DateType, func(args ...ref.Val) ref.Val {
		return dayIn(args[0], jp.Zone)
	})
}

func dateOfTimeIn() cel.EnvOption {
	return method("date", []*cel.Type{cel.TimestampType, cel.StringType}, value.DateType, func(args ...ref.Val) ref.Val {
		zone, err := zoneOf(text(args[1]))
		if err != nil {
			return fail(notAZone, text(args[1]))
		}
		return dayIn(args[0], zone)
	})
}

var errNoZone = errors.New("no time zone")

func zoneOf(name string) (*time.Location, error) {
	if name == "Asia/Tokyo" {
		return jp.Zone, nil
	}
	if name == "" || name == "Local" {
		return nil, errNoZone
	}
	return time.LoadLocation(name)
}

func format(on *cel.Type) cel.EnvOption {
	return method("format", []*cel.Type{on, cel.StringType}, cel.StringType, func(args ...ref.Val) ref.Val {
		t := dayIn(args[0], jp.Zone).In(jp.Zone)
		if moment, ok := args[0].(types.Timestamp); ok {
			t = moment.In(jp.Zone)
		}
		written, unknown := value.FormatTime(t, text(args[1]))
		if unknown != "" {
			return fail(notALayout, unknown)
		}
		return types.String(written)
	})
}

func instant(v ref.Val) time.Time {
	t, ok := v.(types.Timestamp)
	if !ok {
		return time.Time{}
	}
	return t.Time
}
