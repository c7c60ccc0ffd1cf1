package members_test

import (
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// A test order, an unfinished one, a payment that failed: nothing was bought, until the cart says so.
func TestOnlyWhatWasBoughtCounts(t *testing.T) {
	r := lineFriend(t, variousRules()...)
	yes, no := true, false
	told := func(id string, day int, bought *bool) commerce.Order {
		o := order(id, "7", day)
		o.IsPurchase = bought
		return o
	}
	r.tell("shop", told("o1", 0, &no))
	if got := r.friend("U1"); got.Totals.Orders != 0 || !got.Totals.FirstOrderAt.IsZero() || slices.Contains(got.Tags, "bought") {
		t.Errorf("nothing was bought, but there is %+v with %v", got.Totals, got.Tags)
	}
	if got := must(r.members.Purchases(t.Context(), r.friend("U1").ID, 0))(t); len(got) != 0 {
		t.Errorf("the friend sees %+v", got)
	}
	r.tell("shop", told("o2", 3, &yes), told("o1", 0, nil))
	if got := r.friend("U1").Totals; got.Orders != 1 || !got.FirstOrderAt.Equal(start.AddDate(0, 0, 3)) {
		t.Errorf("got %+v", got)
	}
	r.tell("shop", told("o1", 0, &yes))
	if got := r.friend("U1").Totals; got.Orders != 2 || got.Amount != 2000 || !got.FirstOrderAt.Equal(start) {
		t.Errorf("got %+v", got)
	}
	r.tell("shop", commerce.Order{ID: "o1", IsPurchase: &no}) // deleted at the cart
	if got := r.friend("U1").Totals; got.Orders != 1 || got.Amount != 1000 {
		t.Errorf("got %+v", got)
	}
}

// An order that was given to another account is not counted twice because its
// older state is told late.
func TestALateOrderOfAnotherAccountIsNotCountedTwice(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.tell("shop", commerce.Customer{ID: "7", LineID: "U1"}, commerce.Customer{ID: "8"})
	for _, told := range []struct {
		customer string
		hour     int
	}{{"7", 2}, {"8", 1}, {"7", 3}} {
		o := order("o1", told.customer, 0)
		o.UpdatedAt = start.Add(time.Duration(told.hour) * time.Hour)
		r.tell("shop", o)
	}
	if n := must(r.members.Bought(t.Context(), host.Ref{Connection: "shop", ID: "8"}))(t); n != 0 || r.friend("U1").Totals.Orders != 1 {
		t.Errorf("the former has %d orders, the member %+v", n, r.friend("U1").Totals)
	}
}
