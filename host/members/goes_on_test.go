package members_test

import (
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// links are the announcements about links.
func (r *rig) links() []string {
	r.t.Helper()
	return slices.DeleteFunc(r.announced(), func(event string) bool {
		return event != members.EventLinked && event != members.EventUnlinked
	})
}

// Who is greeted when linked is greeted once, whatever the cart calls the customer.
func TestALinkThatGoesOnIsNoNews(t *testing.T) {
	for name, later := range map[string][]commerce.Modelled{
		"merged at the cart":        {commerce.Customer{ID: "7", Deleted: true, MergedInto: "8"}},
		"recognised by another key": {commerce.Customer{ID: "7", Cleared: []string{members.KeyLineID}}},
	} {
		r := newRig(t)
		r.tell("line", follow("U1"))
		r.phone("U1", "09011112222")
		r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222", LineID: "U1"}, order("o1", "7", 0))
		linked := r.friend("U1").LinkedAt
		r.now = r.now.Add(48 * time.Hour)
		r.tell("shop", later...)
		if got := r.friend("U1"); !got.LinkedAt.Equal(linked) || got.Totals.Orders != 1 {
			t.Errorf("%s: linked since %v with %d orders", name, got.LinkedAt, got.Totals.Orders)
		}
		if got := r.links(); !slices.Equal(got, []string{members.EventLinked}) {
			t.Errorf("%s: announced %v", name, got)
		}
	}
}

// A guest's order that becomes an account's is that account's first one.
func TestAnOrderThatMovesToAnAccountEndsItsWaiting(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.phone("U1", "09011112222")
	guest := order("o1", "", 0)
	guest.Email = "hanako@example.com"
	owned := order("o1", "7", 0)
	r.tell("mall", commerce.Customer{ID: "7", Phone: "09011112222"}, guest, owned)
	if got := r.customers("U1"); !slices.Equal(got, []string{"mall/7"}) {
		t.Errorf("linked are %v", got)
	}
}

// What is told late of a customer is not what link rules with a condition go by.
func TestAConditionGoesByTheNewestOfACustomer(t *testing.T) {
	r := newRig(t)
	r.book = newBook("2")
	r.book.Links = []members.LinkRule{{
		Name: "shop", Channel: "line", Cart: "shop", Keys: keys(members.KeyPhone),
		Wants: func(raw []byte) (bool, error) { return !slices.Contains(raw, '!'), nil },
	}}
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222", FullName: "staff!", UpdatedAt: start.Add(time.Hour)},
		commerce.Customer{ID: "7", Phone: "09011112222", FullName: "staff", UpdatedAt: start})
	r.tell("line", follow("U1"))
	r.phone("U1", "09011112222")
	if got := r.customers("U1"); got != nil {
		t.Errorf("linked are %v", got)
	}
}

// A birthday that a channel tells of somebody known is asked about as any other.
func TestABirthdayThatAChannelTellsLaterIsSeenByRules(t *testing.T) {
	r := newRig(t, members.TagRule{
		Name: "born", Tag: "born", Inputs: []string{"birthday"},
		Holds: func(view any, _ time.Time) (bool, error) { return view.(*commerce.Member).Birthday != "", nil },
	})
	r.tell("line", follow("U1"))
	told := follow("U1")
	told.Birthday = "--02-29"
	r.tell("line", told)
	if got := r.friend("U1").Tags; !slices.Equal(got, []string{"born"}) {
		t.Errorf("tags are %v", got)
	}
}

// Many carts keep no number with the customer. People change theirs, and the old one gets to somebody else.
func TestTheNewestOrderSaysWhatNumberACustomerHas(t *testing.T) {
	bought := func(id string, day int, phone string) commerce.Order {
		o := order(id, "7", day)
		o.Phone = phone
		return o
	}
	older, newer := bought("o1", 1, "09011112222"), bought("o2", 2, "09033334444")
	for name, facts := range map[string][]commerce.Modelled{
		"oldest first": {older, newer}, "newest first": {newer, older}, "told again": {older, newer, older, newer, older},
	} {
		r := newRig(t)
		r.tell("shop", facts...)
		r.tell("line", follow("U1"), follow("U2"))
		r.phone("U1", "09011112222")
		r.phone("U2", "09033334444")
		if one, two := r.customers("U1"), r.customers("U2"); one != nil || !slices.Equal(two, []string{"shop/7"}) {
			t.Errorf("%s: who has the old number is %v, who has the new one %v", name, one, two)
		}
	}
	r := newRig(t)
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, newer)
	r.tell("line", follow("U1"))
	r.phone("U1", "09011112222")
	if got := r.customers("U1"); !slices.Equal(got, []string{"shop/7"}) {
		t.Errorf("the customer's own number counts less than an order's: %v", got)
	}
}

// An anniversary is of the day on which somebody was linked, and not of the day on which records were put in order.
func TestAMergeKeepsSinceWhenAMemberIsLinked(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.tell("shop", commerce.Customer{ID: "7", LineID: "U1"})
	linked := r.now
	r.now = r.now.AddDate(1, 0, 0)
	r.tell("line", follow("U2"))
	if err := r.members.Merge(t.Context(), person, r.friend("U2").ID, r.friend("U1").ID); err != nil {
		t.Fatal(err)
	}
	if got := r.friend("U2"); !got.LinkedAt.Equal(linked) {
		t.Errorf("linked since %v, not %v", got.LinkedAt, linked)
	}
	parts := members.Parts{Channels: []host.Ref{{Connection: "line", ID: "U1"}}, Customers: []host.Ref{{Connection: "shop", ID: "7"}}}
	must(r.members.Split(t.Context(), person, r.friend("U2").ID, parts))(t)
	if got := r.friend("U1"); !got.LinkedAt.Equal(linked) {
		t.Errorf("split off: linked since %v, not %v", got.LinkedAt, linked)
	}
}
