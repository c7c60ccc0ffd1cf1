package rules

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkTagRules asks 50 rules about one member, typing included, and when
// those that depend on time may change next.
func BenchmarkTagRules(b *testing.B) {
	conditions := []string{
		"has(member.birthday) && member.birthday.inSeason('0%d-01', '0%[1]d-28')",
		"member.totals.orders > %d", "member.totals.amount >= %d000", "member.points > %d",
		"member.products.exists(p, p.code == 'SOAP' && p.subscription_count >= %d)",
		"member.products.exists(p, p.code == 'OIL-%d' && p.?subscription_status.orValue('') == 'active')",
		"'A%d' in member.flags", "member.linked && member.channels.size() > %d",
		"has(member.totals.last_order_at) && today.daysSince(member.totals.last_order_at) >= %d0",
		"has(member.birthday) && member.birthday.daysUntilNext(today) <= %d",
	}
	sources := map[string][]byte{}
	for i := range 50 {
		when := fmt.Sprintf(conditions[i%len(conditions)], i/len(conditions)+1)
		sources[fmt.Sprintf("%d.yaml", i)] = fmt.Appendf(nil, "language: 1\ntag: t%d\nremove: true\nwhen: |-\n  %s\n", i, when)
	}
	set, err := LoadSources(sources, catalog(b))
	if err != nil {
		b.Fatal(rendered(b, err, English))
	}
	m, at := hanako(), inJapan(b, "2025-04-01 12:00")
	b.ReportAllocs()
	for b.Loop() {
		view := NewMemberView(m)
		for _, r := range set.TagRules() {
			if _, err := r.Holds(view, at); err != nil {
				b.Fatal(err)
			}
			r.Next(view, at, time.Time{})
		}
	}
}
