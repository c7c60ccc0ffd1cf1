package members_test

import (
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// A number that a friend entered may have passed on to somebody else, whose
// orders are none of the friend's business.
func TestANumberThatPassedOnIsAQuestion(t *testing.T) {
	for _, moved := range []commerce.Customer{{ID: "7", Phone: "09033334444"}, {ID: "7", Cleared: []string{members.KeyPhone}}} {
		r := newRig(t)
		r.tell("line", follow("U1"))
		r.phone("U1", "09011112222")
		r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, moved,
			commerce.Customer{ID: "8", Phone: "09011112222"}, order("o8", "8", 0))
		if got := r.customers("U1"); !slices.Equal(got, []string{"shop/7"}) {
			t.Errorf("linked are %v", got)
		}
		reviews := r.reviews()
		if len(reviews) != 1 || reviews[0].Customer.ID != "8" || !slices.Equal(reviews[0].Others, []string{"7"}) {
			t.Errorf("a person is asked about %+v", reviews)
		}
	}
}

// Who has two accounts with two numbers, and enters both, is asked nothing.
func TestSomebodyMayHaveTwoNumbers(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, commerce.Customer{ID: "8", Phone: "09033334444"})
	r.phone("U1", "09011112222")
	r.phone("U1", "09033334444")
	if got := r.customers("U1"); !slices.Equal(got, []string{"shop/7", "shop/8"}) {
		t.Errorf("linked are %v", got)
	}
}

// A friend who enters the number of a friend gets nothing of what that one bought.
func TestASecondFriendOfOneNumberGetsNothing(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"), follow("U2"))
	r.phone("U1", "09011112222")
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, order("o1", "7", 0))
	r.phone("U2", "09011112222")
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, order("o2", "7", 1))
	if one, two := r.friend("U1"), r.friend("U2"); one.Totals.Orders != 2 || two.Linked || two.Totals.Orders != 0 {
		t.Errorf("the first has %+v, the second %+v", one.Totals, two.Totals)
	}
}

// Who bought as a guest and then made an account has bought all of it.
func TestAGuestWhoGetsAnAccountKeepsWhatWasBought(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.phone("U1", "09011112222")
	guest := order("o1", "", 0)
	guest.Phone = "09011112222"
	r.tell("mall", guest, commerce.Customer{ID: "7", Phone: "09011112222"}, order("o2", "7", 5))
	if got := r.friend("U1").Totals; got.Orders != 2 || !got.FirstOrderAt.Equal(start) {
		t.Errorf("got %+v", got)
	}
}

// Months are Japan's: a friend of the first minute of May there is one of May.
func TestAMonthBeginsAtMidnightInJapan(t *testing.T) {
	r := newRig(t)
	for _, at := range []time.Time{time.Date(2026, 4, 30, 14, 59, 59, 0, time.UTC), time.Date(2026, 4, 30, 15, 0, 0, 0, time.UTC)} {
		r.now = at
		r.tell("line", follow(at.Format(time.RFC3339)))
	}
	want := []host.MemberMonth{{Month: "2026-04", Registered: 1}, {Month: "2026-05", Registered: 1}}
	if got := must(r.members.Months(t.Context()))(t); !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
}
