package rules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// inJapan reads 2025-04-01 or 2025-04-01 12:00 as Japan's time.
func inJapan(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := jp.ParseTime(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// hanako is a member with a bit of everything.
func hanako() *commerce.Member {
	day := func(month time.Month, day int) time.Time { return time.Date(2025, month, day, 10, 0, 0, 0, jp.Zone) }
	return &commerce.Member{
		ID: "m1", Name: "山田 花子", Birthday: "--04-02", Tags: []string{"VIP"}, Flags: []string{}, Points: 20, Linked: true,
		Phones: []string{"+819012345678"}, Emails: []string{"hanako@example.com"}, LinkedAt: day(1, 15),
		Channels:  []commerce.MemberChannel{{Connection: "line", UserID: "U1", Following: true}},
		Customers: []commerce.MemberCustomer{{Connection: "shop", ID: "7"}},
		Totals:    commerce.Totals{Orders: 3, Amount: 12000, FirstOrderAt: day(1, 10), LastOrderAt: day(3, 1), SubscriptionStatus: commerce.Active},
		Carts:     []commerce.CartTotals{},
		Products: []commerce.MemberProduct{
			{Connection: "shop", Code: "SOAP", Orders: 2, Quantity: 3, SubscriptionCount: 2, SubscriptionStatus: commerce.Active, LastOrderedAt: day(3, 1)},
			{Connection: "shop", Code: "OIL", Orders: 1, Quantity: 1, LastOrderedAt: day(1, 10)},
		},
		Subscriptions: []commerce.MemberSubscription{},
		Recent: []commerce.DayTotals{
			{Day: "2024-12-30", Cut: true}, {Day: "2025-01-10", Orders: 2, Amount: 9000}, {Day: "2025-03-01", Orders: 1, Amount: 3000},
		},
	}
}

// tagRule returns the rule with this condition.
func tagRule(t testing.TB, when string) *TagRule {
	t.Helper()
	text := "language: 1\ntag: it\nwhen: |-\n  " + when + "\n"
	set, err := LoadSources(map[string][]byte{"it.yaml": []byte(text)}, catalog(t))
	if err != nil {
		t.Fatal(rendered(t, err, English))
	}
	return set.TagRules()[0]
}

func TestTagRulesJudgeMembers(t *testing.T) {
	for when, want := range map[string]bool{
		"member.birthday.inSeason('03-01', '06-01')":                                                                              true,
		"has(member.birthday) && member.birthday.inSeason('12-20', '01-10')":                                                      false,
		"has(member.birthday) && member.birthday.month() == 4":                                                                    true,
		"has(member.birthday) && member.birthday.isOn(today)":                                                                     false,
		"has(member.birthday) && member.birthday.daysUntilNext(today) == 1":                                                       true,
		"member.totals.orders > 0":                                                                                                true,
		"member.totals.amount >= 20000":                                                                                           false,
		"member.spentSince(today.minusDays(31)) == 3000":                                                                          true,
		"member.spentSince(today.minusDays(30)) == 0":                                                                             true,
		"member.spentSince(date('2024-12-31')) >= 12000":                                                                          true,
		"member.ordersSince(today.startOfYear()) >= 3":                                                                            true,
		"member.ordersSince(today.startOfMonth()) > 0":                                                                            false,
		"member.ordersSince(date('2025-01-11')) == 1":                                                                             true,
		"member.products.exists(p, p.code == 'SOAP' && p.subscription_count >= 2)":                                                true,
		"member.products.exists(p, p.code == 'OIL' && p.?subscription_status.orValue('') == 'active')":                            false,
		"member.tags.hasAny(['VIP', 'Gold'])":                                                                                     true,
		"member.tags.hasAll(['VIP', 'Gold'])":                                                                                     false,
		"!('VIP' in member.tags)":                                                                                                 false,
		"has(member.totals.last_order_at) && today.daysSince(member.totals.last_order_at) >= 30":                                  true,
		"has(member.totals.last_order_at) && today.daysSince(member.totals.last_order_at) >= 32":                                  false,
		"has(member.linked_at) && now - member.linked_at > duration('240h')":                                                      true,
		"member.products.exists(p, has(p.last_ordered_at) && today.daysSince(p.last_ordered_at) > 60) && member.linked":           true,
		"member.channels.exists(c, c.following)":                                                                                  true,
		"has(member.totals.subscription_status) && member.totals.subscription_status == 'active'":                                 true,
		"has(member.birthday) && !member.birthday.hasYear()":                                                                      true,
		"has(member.totals.first_order_at) && member.totals.first_order_at.date().isOn(today.plusDays(-81)) && member.points > 0": true,
	} {
		if strings.HasPrefix(when, "member.birthday") {
			when = "has(member.birthday) && " + when
		}
		rule := tagRule(t, when)
		got, err := rule.Holds(NewMemberView(hanako()), inJapan(t, "2025-04-01 12:00"))
		if err != nil || got != want {
			t.Errorf("%s: %v %v", when, got, err)
		}
	}
}

// A sum of which a part is no longer known is no sum.
func TestAPeriodThatIsNotKeptHasNoSum(t *testing.T) {
	rule := tagRule(t, "member.spentSince(date('2024-12-30')) >= 1")
	if holds, err := rule.Holds(NewMemberView(hanako()), inJapan(t, "2025-04-01")); err == nil || holds || !strings.Contains(err.Error(), "no longer kept by day") {
		t.Errorf("got %v, %v", holds, err)
	}
	if got := rule.Inputs(); !slices.Equal(got, []string{"recent"}) {
		t.Errorf("it reads %v", got)
	}
}

func TestTagRulesSayWhatTheyRead(t *testing.T) {
	for when, want := range map[string][]string{
		"member.linked": {"linked"},
		"has(member.birthday) && member.birthday.isOn(today)":                               {"birthday"},
		"member.totals.orders > 0 && 'A' in member.tags":                                    {"tags", "totals"},
		"member.products.exists(p, p.code in member.tags) == false && member['points'] > 0": nil,
	} {
		if want == nil {
			continue
		}
		if diff := cmp.Diff(want, tagRule(t, when).Inputs()); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
	}
}

// TestNextIsTheInstantOfTheChange compares with what a calendar says.
func TestNextIsTheInstantOfTheChange(t *testing.T) {
	for when, want := range map[string]string{
		"has(member.birthday) && member.birthday.isOn(today)":                                             "2025-04-02",
		"has(member.birthday) && member.birthday.daysUntilNext(today) <= 7":                               "2025-04-03",
		"has(member.birthday) && member.birthday.month() == today.month()":                                "2025-05-01",
		"today.inSeason('12-20', '01-10')":                                                                "2025-12-20",
		"has(member.totals.last_order_at) && today.daysSince(member.totals.last_order_at) >= 60":          "2025-04-30",
		"has(member.totals.last_order_at) && 60 <= member.totals.last_order_at.date().daysUntil(today)":   "2025-04-30",
		"has(member.totals.last_order_at) && today.daysSince(member.totals.last_order_at) >= 30":          "",
		"has(member.totals.last_order_at) && now - member.totals.last_order_at > duration('960h')":        "2025-04-10 10:00:01",
		"has(member.totals.last_order_at) && now - member.totals.last_order_at >= duration('960h')":       "2025-04-10 10:00",
		"has(member.totals.last_order_at) && now >= member.totals.last_order_at.plusDays(45).at('09:00')": "2025-04-15 09:00",
		"member.products.exists(p, has(p.last_ordered_at) && today.daysSince(p.last_ordered_at) == 40)":   "2025-04-10",
		"has(member.linked_at) && member.linked_at.date().isOn(today)":                                    "2026-01-15",
		"today.weekday() == 5":                                "2025-04-04",
		"today.format('M') == '6'":                            "2025-06-01",
		"today >= date('2025-10-01')":                         "2025-10-01",
		"today.plusDays(7) > date('2025-10-01')":              "2025-09-25",
		"today.year() >= 2027":                                "2027-01-01",
		"now.date('America/New_York') == date('2025-04-01') ": "2025-04-01 13:00",
		"member.linked || today.year() >= 2027":               "",
		"member.points > 5":                                   "",
	} {
		next, changes := tagRule(t, when).Next(NewMemberView(hanako()), inJapan(t, "2025-04-01 12:00"), time.Time{})
		got := ""
		if changes {
			got = next.In(jp.Zone).Format("2006-01-02 15:04:05")
			for _, zeros := range []string{":00", " 00:00"} {
				got = strings.TrimSuffix(got, zeros)
			}
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", when, got, want)
		}
	}
}

func TestTagRulesComeAfterWhatTheyAskFor(t *testing.T) {
	rule := func(tag, when string) []byte {
		return []byte("language: 1\ntag: " + tag + "\nwhen: " + when + "\n")
	}
	set, err := LoadSources(map[string][]byte{
		"a.yaml": rule("A", `"'C' in member.tags && 'by hand' in member.tags"`), "b.yaml": rule("B", "member.linked"),
		"c.yaml": rule("C", `"member.tags.hasAny(['B'])"`),
	}, catalog(t))
	if err != nil {
		t.Fatal(rendered(t, err, English))
	}
	var order []string
	for _, r := range set.TagRules() {
		order = append(order, r.Tag)
	}
	if want := []string{"B", "C", "A"}; !slices.Equal(order, want) {
		t.Errorf("got %v, want %v", order, want)
	}
}

func TestViewsSeeOtherTags(t *testing.T) {
	rule := tagRule(t, "'A' in member.tags")
	at, member := inJapan(t, "2025-04-01"), hanako()
	view := NewMemberView(member)
	for _, tags := range [][]string{{"A"}, {}, {"B", "A"}} { // before the view was typed, and after
		member.Tags = tags
		view.Retagged()
		if got, err := rule.Holds(view, at); got != slices.Contains(tags, "A") || err != nil {
			t.Errorf("with the tags %q: %t, %v", tags, got, err)
		}
	}
}

func TestNextEndsWhereTheCallerAsksAgain(t *testing.T) {
	rule, view, now := tagRule(t, "today == date('2025-04-02')"), NewMemberView(hanako()), inJapan(t, "2025-04-01 12:00")
	midnight := inJapan(t, "2025-04-02")
	if _, changes := rule.Next(view, now, midnight); changes {
		t.Error("told a change that is not before the end")
	}
	if next, changes := rule.Next(view, now, midnight.Add(time.Second)); !changes || !next.Equal(midnight) {
		t.Errorf("got %s, %t", next, changes)
	}
}

func TestSegments(t *testing.T) {
	s, err := CompileSegment("member.totals.orders >= 3 && today.month() == 4", catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"2025-04-01": true, "2025-05-01": false} {
		if got, err := s.Holds(NewMemberView(hanako()), inJapan(t, text)); err != nil || got != want {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	_, err = CompileSegment("member.total.orders > 3", catalog(t))
	want := "--where:1:8: member has no field \"total\". Did you mean \"totals\"?"
	if got := rendered(t, err, English); !strings.Contains(got, want) {
		t.Errorf("got %s", got)
	}
}

func TestRulesAboutMembersNeedMembers(t *testing.T) {
	c := catalog(t)
	c.Member = nil
	for _, text := range []string{"tag: 春\nwhen: 'true'\n", "link: l\nchannel: chat\ncart: shop\nkeys: [phone]\n"} {
		_, err := LoadSources(map[string][]byte{"r.yaml": []byte("language: 1\n" + text)}, c)
		if got := rendered(t, err, Japanese); !strings.Contains(got, "会員を管理していない") {
			t.Errorf("got %s", got)
		}
	}
}
