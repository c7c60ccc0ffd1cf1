package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// timedConditions ask the clock in every way that there is; %d is a number of
// days, %q a day of the year.
var timedConditions = []string{
	"(has(member.birthday) && member.birthday.isOn(today))",
	"(has(member.birthday) && member.birthday.isOn(today.plusDays(%d)))",
	"(has(member.birthday) && member.birthday.daysUntilNext(today) <= %d)",
	"(has(member.birthday) && member.birthday.daysUntilNext(today) == %d)",
	"(has(member.birthday) && member.birthday.hasYear() && member.birthday.age(today) >= %d)",
	"(has(member.birthday) && member.birthday.month() == today.plusDays(%d).month())",
	"(has(member.birthday) && member.birthday.age(today) > 30)", // fails where the year is not known
	"today.inSeason(%q, %q)",
	"now.date().plusDays(%d).inSeason(%q, '02-29')",
	"today.inSeason('02-29', %q)",
	"(has(member.totals.last_order_at) && today.daysSince(member.totals.last_order_at) >= %d)",
	"(has(member.totals.last_order_at) && %d == member.totals.last_order_at.date().daysUntil(today))",
	"(has(member.totals.last_order_at) && today.plusDays(3).daysUntil(member.totals.last_order_at.date()) > -%d)",
	"(has(member.totals.last_order_at) && now - member.totals.last_order_at > duration('%dh'))",
	"(has(member.totals.last_order_at) && member.totals.last_order_at - now <= duration('-%dh'))",
	"(has(member.totals.last_order_at) && now.plusDays(2) - duration('1h') >= member.totals.last_order_at.plusDays(%d))",
	"(has(member.totals.last_order_at) && member.totals.last_order_at.plusDays(%d).date() != today)",
	"member.products.exists(p, has(p.last_ordered_at) && today.daysSince(p.last_ordered_at) > %d)",
	"member.products.all(p, !has(p.last_ordered_at) || now < p.last_ordered_at.plusDays(%d).at('18:00'))",
	"today.daysSince(date('2025-01-01')) / 7 == %d",
	"member.spentSince(today.minusDays(%d)) >= 3000",
	"member.ordersSince(today.plusDays(-%d)) == 2",
	"member.ordersSince(now.date().minusDays(%d)) > member.spentSince(today.startOfYear()) / 1000",
	"member.spentSince(today.startOfMonth()) < 2000",
	"member.ordersSince(today.plusMonths(-%d)) > 1", // fails where so many months are not kept
	"today.weekday() == 5",
	"today.format('d') == '1'",
	"today.year() > 2025",
	"today.endOfMonth().day() - today.day() < %d",
	"now.startOfDay().plusHours(%d) > timestamp('2026-01-01T00:00:00Z')",
	"now.date('America/New_York').inSeason('03-01', %q)",
	"member.linked",
}

// drawCondition draws conditions tied together in every way.
func drawCondition(t *rapid.T, depth int) string {
	if depth > 0 {
		inner := func() string { return drawCondition(t, depth-1) }
		switch rapid.IntRange(0, 4).Draw(t, "tie") {
		case 0:
			return "(" + inner() + " && " + inner() + ")"
		case 1:
			return "(" + inner() + " || " + inner() + ")"
		case 2:
			return "!" + inner()
		case 3:
			return "(" + inner() + " ? " + inner() + " : " + inner() + ")"
		}
	}
	return "(" + fill(t, rapid.SampledFrom(timedConditions).Draw(t, "condition")) + ")"
}

// fill draws what stands for %d and %q.
func fill(t *rapid.T, text string) string {
	var args []any
	for i := range len(text) - 1 {
		switch text[i : i+2] {
		case "%d":
			most := 90
			if strings.Contains(text, "plusMonths") {
				most = 13
			}
			args = append(args, rapid.IntRange(0, most).Draw(t, "days"))
		case "%q":
			day := time.Date(2024, 1, 1+rapid.IntRange(0, 365).Draw(t, "day of year"), 0, 0, 0, 0, time.UTC)
			args = append(args, day.Format("01-02"))
		}
	}
	return fmt.Sprintf(text, args...)
}

// aroundNewYear is a time from 2025 to 2028, often near a midnight in Japan.
func aroundNewYear(t *rapid.T, label string) time.Time {
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, jp.Zone).AddDate(0, 0, rapid.IntRange(0, 1200).Draw(t, label+" day"))
	return at.Add(time.Duration(rapid.SampledFrom([]int{0, -1, 1, 500, 86_399_999, rapid.IntRange(0, 86_400_000).Draw(t, label+" ms")}).Draw(t, label)) * time.Millisecond)
}

func drawMember(t *rapid.T) *commerce.Member {
	m := hanako()
	m.Linked = rapid.Bool().Draw(t, "linked")
	m.Birthday = commerce.Birthday(rapid.SampledFrom([]string{"", "--02-29", "--12-31", "1996-02-29", "1990-01-01", "--04-02"}).Draw(t, "birthday"))
	if rapid.Bool().Draw(t, "ordered") {
		m.Totals.LastOrderAt = aroundNewYear(t, "last order")
	} else {
		m.Totals.LastOrderAt = time.Time{}
	}
	m.Recent = drawRecent(t)
	for i := range m.Products {
		m.Products[i].LastOrderedAt = aroundNewYear(t, "product")
	}
	return m
}

func drawRecent(t *rapid.T) []commerce.DayTotals {
	days := map[commerce.Date]commerce.DayTotals{}
	for range rapid.IntRange(0, 4).Draw(t, "days") {
		d := commerce.DateOf(aroundNewYear(t, "recent"))
		days[d] = commerce.DayTotals{Day: d, Orders: rapid.Int64Range(1, 2).Draw(t, "orders"), Amount: rapid.Int64Range(0, 3000).Draw(t, "amount")}
	}
	recent := []commerce.DayTotals{}
	for i, d := range slices.Sorted(maps.Keys(days)) {
		if i == 0 && rapid.Bool().Draw(t, "cut") {
			days[d] = commerce.DayTotals{Day: d, Cut: true}
		}
		recent = append(recent, days[d])
	}
	return recent
}

// TestNothingChangesBeforeNext is the promise on which a host relies that asks
// a rule again only then.
func TestNothingChangesBeforeNext(t *testing.T) {
	c := catalog(t)
	rapid.Check(t, func(t *rapid.T) {
		s, err := CompileSegment(drawCondition(t, 2), c)
		if err != nil {
			t.Fatal(err)
		}
		rule := &TagRule{condition: s.condition}
		m, now := NewMemberView(drawMember(t)), aroundNewYear(t, "now")
		next, changes := rule.Next(m, now, time.Time{})
		switch {
		case !changes:
			next = now.AddDate(3, 0, 0)
		case !next.After(now) || next.Nanosecond() != 0:
			t.Fatalf("next is %s", next)
		}
		before, fault := rule.Holds(m, now)
		for _, at := range between(t, now, next) {
			holds, err := rule.Holds(m, at)
			if holds != before || (err == nil) != (fault == nil) {
				t.Fatalf("changes at %s, before %s", at, next)
			}
		}
	})
}

// between draws instants from now on and before next, midnights among them.
func between(t *rapid.T, now, next time.Time) []time.Time {
	all := []time.Time{now, next.Add(-time.Second), next.Add(-time.Nanosecond)}
	for range 60 {
		at := now.Add(time.Duration(rapid.Int64Range(0, int64(next.Sub(now))-1).Draw(t, "between")))
		all = append(all, at)
		if midnight := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, jp.Zone); !midnight.Before(now) {
			all = append(all, midnight)
		}
	}
	return all
}
