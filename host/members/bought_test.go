package members_test

import (
	"slices"
	"testing"

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
