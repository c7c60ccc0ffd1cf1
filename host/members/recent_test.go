package members_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

var linkRules = map[string]string{
	"shop.yaml": "link: shop\nchannel: line\ncart: shop\nkeys: [line_id, phone]\n",
	"mall.yaml": "link: mall\nchannel: line\ncart: mall\nkeys: [phone]\nguests: link\n",
}

// lately has members work by rules over periods.
func lately(t testing.TB) *rig {
	r := newRig(t)
	files := map[string]string{
		"rich.yaml":  "tag: rich\nremove: true\nwhen: member.spentSince(today.minusDays(90)) >= 3000\n",
		"twice.yaml": "tag: twice\nremove: true\nwhen: member.ordersSince(today.startOfYear()) >= 2\n",
		"long.yaml":  "tag: long\nremove: true\nwhen: member.ordersSince(today.minusDays(400)) >= 3\n",
	}
	for name, text := range linkRules {
		files[name] = text
	}
	r.written(files)
	return r
}

// naive says what the rules should say, from the orders themselves.
func (r *rig) naive(m *commerce.Member) []string {
	r.t.Helper()
	today := r.now.In(jp.Zone)
	var spent, year, long int64
	for _, p := range must(r.members.Purchases(r.t.Context(), m.ID, 0))(r.t) {
		if p.Cancelled {
			continue
		}
		d := commerce.DateOf(p.OrderedAt.In(jp.Zone))
		if d >= commerce.DateOf(today.AddDate(0, 0, -90)) {
			spent += p.Total.Amount
		}
		if d >= commerce.Date(fmt.Sprintf("%04d-01-01", today.Year())) {
			year++
		}
		if d >= commerce.DateOf(today.AddDate(0, 0, -400)) {
			long++
		}
	}
	tags := []string{}
	for _, tag := range []struct {
		name string
		so   bool
	}{{"long", long >= 3}, {"rich", spent >= 3000}, {"twice", year >= 2}} {
		if tag.so {
			tags = append(tags, tag.name)
		}
	}
	return tags
}

// shop has somebody buy on some day before now, a cancellation, a refund, or
// anything else by which orders change hands.
func (r *rig) shop(t *rapid.T) {
	if rapid.IntRange(0, 7).Draw(t, "upset") == 0 {
		r.upset(t)
		return
	}
	o := commerce.Order{
		ID:         rapid.SampledFrom([]string{"o1", "o2", "o3", "o4", "o5", "o6"}).Draw(t, "order"),
		CustomerID: rapid.SampledFrom(randomCustomers).Draw(t, "customer"),
		OrderedAt:  r.now.Add(-time.Duration(rapid.IntRange(0, 24*rapid.SampledFrom([]int{1, 100, 500}).Draw(t, "far")).Draw(t, "hours ago")) * time.Hour),
		Total:      commerce.Yen(int64(rapid.IntRange(1, 4).Draw(t, "total")) * 1000),
		Items:      []commerce.OrderItem{{SKU: "TEA"}},
	}
	switch rapid.IntRange(0, 4).Draw(t, "how") {
	case 0:
		o.CancelledAt = r.now
	case 1:
		o.Refunded = commerce.Yen(int64(rapid.IntRange(0, 4).Draw(t, "back")) * 1000)
	case 2:
		o.IsPurchase = new(false)
	}
	r.tell(rapid.SampledFrom([]string{"shop", "mall"}).Draw(t, "cart"), o)
}

// pass has days go by, with nothing but the clock, and looks at everybody each midnight.
func (r *rig) pass(t *rapid.T) {
	for range rapid.IntRange(1, rapid.SampledFrom([]int{1, 10, 100}).Draw(t, "far")).Draw(t, "days") {
		today := r.now.In(jp.Zone)
		r.now = time.Date(today.Year(), today.Month(), today.Day()+1, 0, 0, 0, 0, jp.Zone)
		must(r.members.Tick(r.t.Context()))(r.t)
		r.compareWithOrders(t)
	}
	r.now = r.now.Add(time.Duration(rapid.IntRange(0, 23).Draw(t, "hours")) * time.Hour)
}

func (r *rig) compareWithOrders(t *rapid.T) {
	for _, m := range r.all() {
		if want := r.naive(m); !slices.Equal(want, m.Tags) {
			t.Fatalf("%s has %v at %s, but the orders say %v; %+v", m.ID, m.Tags, r.now, want, m.Recent)
		}
	}
}

func TestPeriodsEqualASumOverOrders(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := lately(t)
		r.tell("line", commerce.Contact{UserID: "U1", Phone: "09011112221"}, commerce.Contact{UserID: "U2", Phone: "09011112222"})
		r.tell("shop", commerce.Customer{ID: "1", LineID: "U1"}, commerce.Customer{ID: "2", LineID: "U2"})
		for range rapid.IntRange(1, 20).Draw(rt, "events") {
			switch rapid.IntRange(0, 9).Draw(rt, "step") {
			case 0:
				r.agedRows()
			case 1, 2:
				r.pass(rt)
			default:
				r.shop(rt)
			}
			r.compareWithOrders(rt)
		}
		r.pass(rt)
	})
}

var byDays = regexp.MustCompile(`,?"r":\{("d":\[[^\]]*\],?)?("c":\d+,?)?("k":true)?\}`)

// agedRows makes the rows of customers, and the progress, what they were before orders were counted by day.
func (r *rig) agedRows() {
	r.t.Helper()
	var b store.Batch
	for _, prefix := range []string{"mbc\x00", "mbv\x00"} {
		err := r.store.Scan(context.Background(), store.Range{Prefix: prefix}, func(k string, raw []byte) error {
			text := byDays.ReplaceAllString(string(raw), "")
			b.Put(k, []byte(strings.Replace(text, `,"counted":1`, "", 1)))
			return nil
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	if err := r.store.Commit(context.Background(), b); err != nil {
		r.t.Fatal(err)
	}
}

// The tag comes and goes at midnight in Japan, and nothing else need happen.
func TestAPeriodEndsAtMidnightInJapan(t *testing.T) {
	r := lately(t)
	r.tell("line", follow("U1"))
	r.now = time.Date(2026, 9, 30, 23, 30, 0, 0, jp.Zone)
	o := commerce.Order{ID: "o1", CustomerID: "1", OrderedAt: r.now.Add(-time.Minute), Total: commerce.Yen(3000)}
	r.tell("shop", commerce.Customer{ID: "1", LineID: "U1"}, o)
	o.ID = "o2"
	o.Total = commerce.Yen(0)
	r.tell("shop", o)
	for _, next := range []struct {
		at   time.Time
		tags []string
	}{
		{time.Date(2026, 12, 30, 0, 0, 0, 0, jp.Zone), []string{"twice"}},
		{time.Date(2027, 1, 1, 0, 0, 0, 0, jp.Zone), []string{}},
	} {
		before := r.friend("U1").Tags
		r.now = next.at.Add(-time.Second)
		if due := must(r.members.Tick(t.Context()))(t); !due.Equal(next.at) || !slices.Equal(r.friend("U1").Tags, before) {
			t.Fatalf("the clock is set to %s, want %s; tags %v", due, next.at, r.friend("U1").Tags)
		}
		r.now = next.at
		must(r.members.Tick(t.Context()))(t)
		if got := r.friend("U1").Tags; !slices.Equal(got, next.tags) {
			t.Errorf("at %s: %v, want %v", next.at, got, next.tags)
		}
	}
}

// A host that is upgraded counts everybody's orders by day, once, and tells nobody.
func TestOrdersFromBeforeAreCountedByDay(t *testing.T) {
	r := newRig(t)
	r.written(linkRules)
	r.tell("line", follow("U1"))
	r.tell("shop", commerce.Customer{ID: "1", LineID: "U1"}, order("o1", "1", 0), order("o2", "1", 1), order("o3", "2", 0))
	r.sweep()
	r.agedRows()
	if got := r.friend("U1").Recent; len(got) != 2 {
		t.Errorf("before the sweep %+v", got)
	}
	r.sweep()
	for k, row := range r.rows("mbc\x00") {
		if !strings.Contains(row, `"k":true`) {
			t.Errorf("%s was left: %s", k, row)
		}
	}
	news := r.announced()
	r.written(map[string]string{"twice.yaml": "tag: twice\nwhen: member.ordersSince(today.minusDays(30)) == 2\n"})
	r.sweep()
	if got := r.friend("U1"); !slices.Equal(got.Tags, []string{"twice"}) || len(r.announced()) != len(news) {
		t.Errorf("tags %v, announced %v", got.Tags, r.announced())
	}
	tags := must(r.members.Tags(t.Context(), r.friend("U1").ID))(t)
	if want := "rule twice, ordered 2026-04-02 1000, 2026-04-01 1000"; tags[0].Cause.Text().EN != want || tags[0].Cause.By != host.ByRule {
		t.Errorf("the reason is %q", tags[0].Cause.Text().EN)
	}
}

// A day that was mistyped at the cart, years ahead, takes no day of other orders away.
func TestAnOrderYearsAheadTakesNoDaysAway(t *testing.T) {
	r := lately(t)
	r.tell("line", follow("U1"))
	far := order("o2", "1", 0)
	far.OrderedAt = start.AddDate(10, 0, 0)
	r.tell("shop", commerce.Customer{ID: "1", LineID: "U1"}, order("o1", "1", 0), far)
	if got := r.friend("U1"); len(got.Recent) != 1 || got.Recent[0].Orders != 1 || got.Totals.Orders != 2 || !got.Totals.LastOrderAt.Equal(start) {
		t.Errorf("got %+v, %+v", got.Recent, got.Totals)
	}
	moved := order("o1", "1", 0)
	moved.OrderedAt = far.OrderedAt
	r.tell("shop", moved)
	if got := r.friend("U1").Recent; len(got) != 1 || got[0].Orders != 1 {
		t.Errorf("an order whose day was known: %+v", got)
	}
	far.OrderedAt = start
	r.tell("shop", far)
	if got := r.friend("U1"); !slices.Equal(got.Tags, []string{"twice"}) || got.Recent[0].Orders != 2 {
		t.Errorf("corrected: %+v, %v", got.Recent, got.Tags)
	}
}
