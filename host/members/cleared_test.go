package members_test

import (
	"slices"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/sdk/commerce"
)

func TestALineIDThatTheCartTakesBackLinksNobody(t *testing.T) {
	for name, told := range map[string]struct {
		customer commerce.Customer
		want     string
	}{
		"left out":         {commerce.Customer{ID: "7", FullName: "山田 花子"}, "U1"},
		"empty":            {commerce.Customer{ID: "7", Cleared: []string{members.KeyLineID}}, ""},
		"somebody else's":  {commerce.Customer{ID: "7", LineID: "U2"}, "U2"},
		"of nobody known":  {commerce.Customer{ID: "7", LineID: "U3"}, ""},
		"empty, but phone": {commerce.Customer{ID: "7", Phone: "09011112222", Cleared: []string{members.KeyLineID}}, "U1"},
	} {
		r := newRig(t)
		r.tell("line", follow("U1"), follow("U2"))
		r.phone("U1", "09011112222")
		r.tell("shop", commerce.Customer{ID: "7", LineID: "U1"}, order("o1", "7", 0), told.customer)
		for _, user := range []string{"U1", "U2"} {
			if linked := r.friend(user).Totals.Orders == 1; linked != (user == told.want) {
				t.Errorf("%s: is the customer %s: %t", name, user, linked)
			}
		}
		if got := r.reviews(); len(got) != 0 {
			t.Errorf("%s: a person is asked about %+v", name, got)
		}
	}
}

func TestAPersonsLinkOutlivesTheLineID(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"), follow("U2"))
	r.tell("shop", commerce.Customer{ID: "7", LineID: "U1"})
	if err := r.members.Link(t.Context(), person, r.friend("U2").ID, host.Ref{Connection: "shop", ID: "7"}); err != nil {
		t.Fatal(err)
	}
	r.tell("shop", commerce.Customer{ID: "7", Cleared: []string{members.KeyLineID}})
	if got := r.customers("U2"); !slices.Equal(got, []string{"shop/7"}) {
		t.Errorf("linked are %v", got)
	}
}

// Whoever gives up a number stays who they are, and is nobody's rival for it any more.
func TestANumberThatTheCartClearsIsForgotten(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"), follow("U2"))
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222", LineID: "U1"}, commerce.Customer{ID: "8", Phone: "09011112222"})
	r.phone("U2", "09011112222")
	if got := r.customers("U2"); got != nil {
		t.Fatalf("guessed %v", got)
	}
	r.tell("shop", commerce.Customer{ID: "7", Cleared: []string{members.KeyPhone}})
	if got := r.friend("U1"); len(got.Phones) != 0 || !got.Linked {
		t.Errorf("got %+v", got)
	}
	if got := r.customers("U2"); !slices.Equal(got, []string{"shop/8"}) {
		t.Errorf("linked are %v", got)
	}
}

// Many carts keep no number with the customer, and ask for one with the order.
// That the customer's own record has none says nothing about the order's.
func TestANumberThatAnOrderToldIsNotEmptiedByTheCustomersRecord(t *testing.T) {
	order := commerce.Order{ID: "O1", CustomerID: "7", Phone: "09011112222"}
	empty := commerce.Customer{ID: "7", Cleared: []string{members.KeyPhone}}
	for name, facts := range map[string][]commerce.Modelled{
		"order first": {order, empty}, "customer first": {empty, order}, "told again": {order, empty, order, empty},
	} {
		r := newRig(t)
		r.tell("shop", facts...)
		r.tell("line", follow("U1"))
		r.phone("U1", "09011112222")
		if got := r.customers("U1"); !slices.Equal(got, []string{"shop/7"}) {
			t.Errorf("%s: linked are %v", name, got)
		}
	}
}
