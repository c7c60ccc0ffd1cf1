package tally_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/musubi-run/musubi/host/members/tally"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

var day = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

// anOrder draws an order as a cart may tell it: with all, or with little more than its id.
func anOrder(t *rapid.T) *commerce.Order {
	o := &commerce.Order{OrderedAt: day.AddDate(0, 0, rapid.IntRange(0, 5).Draw(t, "day")+rapid.SampledFrom([]int{0, 0, 399, 900}).Draw(t, "later"))}
	if rapid.Bool().Draw(t, "thin") {
		o.OrderedAt = time.Time{}
	}
	if n := rapid.IntRange(0, 3).Draw(t, "shipped"); n > 0 {
		o.ShippedAt = day.AddDate(0, 0, n)
	}
	if rapid.IntRange(0, 5).Draw(t, "cancelled") == 0 {
		o.CancelledAt = day
	}
	if n := rapid.IntRange(0, 5).Draw(t, "purchase"); n < 2 {
		bought := n == 0
		o.IsPurchase = &bought
	}
	if rapid.Bool().Draw(t, "priced") {
		o.Total = &commerce.Money{Amount: rapid.Int64Range(0, 3).Draw(t, "total"), Currency: rapid.SampledFrom([]string{"JPY", "USD"}).Draw(t, "currency")}
	}
	for range rapid.IntRange(0, 3).Draw(t, "lines") {
		o.Items = append(o.Items, commerce.OrderItem{
			Number: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "code"), Name: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "name"),
			Quantity: rapid.Int64Range(1, 2).Draw(t, "quantity"), Times: rapid.Int64Range(0, 3).Draw(t, "times"),
		})
	}
	return o
}

func TestChangesEqualARecount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		orders := map[string]*tally.Order{}
		var kept tally.Tally
		for range rapid.IntRange(1, 12).Draw(t, "told") {
			id := rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "id")
			before := orders[id]
			after := tally.OrderOf(anOrder(t), before)
			orders[id] = again(t, after)
			if !kept.Change(before, after) {
				kept.Recount(maps.Values(orders))
			}
		}
		var counted tally.Tally
		counted.Recount(maps.Values(orders))
		if diff := cmp.Diff(written(counted), written(kept)); diff != "" {
			t.Errorf("the tally is not what a recount gives (-recount +kept):\n%s", diff)
		}
		for _, currency := range []string{"JPY", "USD"} {
			byDay(t, orders, currency, tally.RecentOf([]*tally.Tally{&kept}, currency))
		}
	})
}

// byDay compares what is told by day with the orders themselves.
func byDay(t *rapid.T, orders map[string]*tally.Order, currency string, got []commerce.DayTotals) {
	var newest time.Time
	for _, o := range orders {
		if o.Counts() && o.Ordered.After(newest) {
			newest = o.Ordered
		}
	}
	first := dayInJapan(newest.AddDate(0, 0, -commerce.RecentDays))
	want := map[commerce.Date]commerce.DayTotals{}
	var cut commerce.Date
	for _, o := range orders {
		d := dayInJapan(o.Ordered)
		switch {
		case !o.Counts() || o.Ordered.IsZero():
			continue
		case d < first:
			cut = max(cut, d)
			continue
		}
		sum := want[d]
		sum.Day, sum.Orders = d, sum.Orders+1
		if o.Currency == currency {
			sum.Amount += o.Amount
		}
		want[d] = sum
	}
	if cut != "" {
		want[cut] = commerce.DayTotals{Day: cut, Cut: true}
	}
	sorted := []commerce.DayTotals{}
	for _, d := range slices.Sorted(maps.Keys(want)) {
		sorted = append(sorted, want[d])
	}
	if diff := cmp.Diff(sorted, got); diff != "" {
		t.Errorf("by day (-orders +kept):\n%s", diff)
	}
}

func dayInJapan(at time.Time) commerce.Date { return commerce.DateOf(at.In(jp.Zone)) }

func TestSeveralCustomersTellTheirDaysTogether(t *testing.T) {
	var old, now tally.Tally
	buy := func(c *tally.Tally, days int) {
		c.Change(nil, tally.OrderOf(&commerce.Order{OrderedAt: day.AddDate(0, 0, days), Total: commerce.Yen(100)}, nil))
	}
	for _, days := range []int{0, 30, 600} {
		buy(&old, days)
	}
	for _, days := range []int{10, 30, 40, 600} {
		buy(&now, days)
	}
	buy(&now, 20)
	got := tally.RecentOf([]*tally.Tally{&old, &now}, "JPY")
	want := []commerce.DayTotals{{Day: "2026-05-11", Cut: true}, {Day: "2027-11-22", Orders: 2, Amount: 200}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRowsFromBeforeAreCountedByDay(t *testing.T) {
	o := tally.OrderOf(&commerce.Order{OrderedAt: day, Total: commerce.Yen(100)}, nil)
	before := tally.Tally{Orders: 1, Amounts: map[string]int64{"JPY": 100}, First: day, Last: day}
	if !before.Dateless() || before.Change(o, o) || before.Change(nil, o) {
		t.Error("orders were added to days that are not known")
	}
	before.Recount(maps.Values(map[string]*tally.Order{"1": o}))
	if before.Dateless() || !before.Change(o, o) {
		t.Errorf("got %+v", before)
	}
}

// again returns the order as it is after it was stored and read.
func again(t *rapid.T, o *tally.Order) *tally.Order {
	raw, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	read := new(tally.Order)
	if err := json.Unmarshal(raw, read); err != nil {
		t.Fatal(err)
	}
	return read
}

func written(t tally.Tally) string {
	raw, err := json.MarshalIndent(t, "", " ")
	return fmt.Sprint(string(raw), err)
}

func TestAThinOrderTakesNothingAway(t *testing.T) {
	full := tally.OrderOf(&commerce.Order{
		ID: "1", OrderedAt: day, Total: commerce.Yen(500), SubscriptionID: "9", Times: 3,
		Items: []commerce.OrderItem{{SKU: "TEA", Name: "Tea", Quantity: 2}, {SKU: "TEA", Quantity: 1}},
	}, nil)
	got := tally.OrderOf(&commerce.Order{ID: "1", ShippedAt: day.AddDate(0, 0, 1)}, full)
	want := *full
	want.Shipped = day.AddDate(0, 0, 1)
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Error(diff)
	}
	line := tally.Line{Code: "TEA", SKU: "TEA", Name: "Tea", Quantity: 3, Subscription: true, Times: 3}
	if !slices.Equal(got.Lines, []tally.Line{line}) {
		t.Errorf("got %+v", got.Lines)
	}
}

func TestWhatWasPaidBackWasNotSpent(t *testing.T) {
	var kept tally.Tally
	var before *tally.Order
	for _, told := range []struct{ back, want int64 }{{0, 5000}, {2000, 3000}, {5000, 0}, {6000, 0}} {
		after := tally.OrderOf(&commerce.Order{ID: "1", OrderedAt: day, Total: commerce.Yen(5000), Refunded: commerce.Yen(told.back)}, before)
		kept.Change(before, after)
		before = after
		if kept.Amounts["JPY"] != told.want || kept.Orders != 1 {
			t.Errorf("%d yen were paid back: got %+v", told.back, kept)
		}
	}
	foreign := tally.OrderOf(&commerce.Order{ID: "2", Total: commerce.Yen(5000), Refunded: &commerce.Money{Amount: 7, Currency: "USD"}}, nil)
	if foreign.Amount != 5000 {
		t.Errorf("got %+v", foreign)
	}
}

func TestSubscriptionsKeepTheNewest(t *testing.T) {
	var c tally.Tally
	items := []commerce.OrderItem{{SKU: "TEA"}}
	c.Subscribe(&commerce.Subscription{ID: "1", Status: commerce.Active, Items: items, UpdatedAt: day.AddDate(0, 0, 2)})
	if c.Subscribe(&commerce.Subscription{ID: "1", Status: commerce.Paused, UpdatedAt: day}) {
		t.Error("an older state was kept")
	}
	c.Subscribe(&commerce.Subscription{ID: "1", Status: "", UpdatedAt: day.AddDate(0, 0, 3)})
	c.Subscribe(&commerce.Subscription{ID: "2", Status: commerce.Cancelled, Items: items, UpdatedAt: day})
	products, subscriptions := c.View("shop")
	if len(subscriptions) != 2 || subscriptions[0].Status != commerce.Active {
		t.Errorf("got %+v", subscriptions)
	}
	if len(products) != 1 || products[0].SubscriptionStatus != commerce.Active {
		t.Errorf("got %+v", products)
	}
}

func TestYenComeFirst(t *testing.T) {
	var sum tally.Sum
	sum.Add(&tally.Tally{Amounts: map[string]int64{"EUR": 5, "USD": 3}})
	sum.Add(&tally.Tally{Amounts: map[string]int64{"JPY": 1200, "USD": 2}})
	got := sum.Totals()
	want := []commerce.Money{{Amount: 5, Currency: "EUR"}, {Amount: 5, Currency: "USD"}}
	if got.Amount != 1200 || got.Currency != "JPY" || !slices.Equal(got.OtherAmounts, want) {
		t.Errorf("got %+v", got)
	}
}
