package members_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// tellAt has a connection tell something that happened at a time.
func (r *rig) tellAt(connection string, at time.Time, v commerce.Modelled) {
	r.t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		r.t.Fatal(err)
	}
	r.project([]host.Event{{ID: r.newID(), Connection: connection, Type: string(v.SharedModel()), Time: at, Data: raw}})
}

func (r *rig) reviews() []host.MemberReview {
	r.t.Helper()
	return must(r.members.Reviews(r.t.Context(), 0))(r.t)
}

func TestADeletedCustomerIsNobodysRival(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.phone("U1", "09011112222")
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222", UpdatedAt: start},
		commerce.Customer{ID: "8", Phone: "09011112222"}, order("o7", "7", 0), order("o8", "8", 1))
	if got := r.reviews(); len(got) == 0 {
		t.Fatal("two customers of one number are no question")
	}
	r.tellAt("shop", start.Add(time.Hour), commerce.Customer{ID: "8", Deleted: true})
	r.tell("shop", commerce.Customer{ID: "8", Phone: "09011112222", UpdatedAt: start.Add(time.Minute)}) // told late
	late := order("o8", "8", 1)
	late.Phone = "09011112222"
	r.tell("shop", late)
	if got := r.customers("U1"); !slices.Equal(got, []string{"shop/7"}) {
		t.Errorf("linked are %v", got)
	}
	if got := r.reviews(); len(got) != 0 {
		t.Errorf("there is still %+v", got)
	}
	r.tell("shop", commerce.Customer{ID: "8", Phone: "09011112222", UpdatedAt: start.Add(2 * time.Hour)}) // restored
	if got := r.reviews(); len(got) == 0 {
		t.Error("who is there again is nobody's rival")
	}
}

func TestWhatADeletedCustomerBoughtStaysBought(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.phone("U1", "09011112222")
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, order("o1", "7", 0), commerce.Customer{ID: "7", Deleted: true},
		commerce.Customer{ID: "8", Phone: "09011112222"}, order("o2", "8", 1))
	if got := r.friend("U1"); got.Totals.Orders != 2 || len(got.Customers) != 2 {
		t.Errorf("got %+v of %v", got.Totals, got.Customers)
	}
}

func TestAMergedCustomerBecomesTheOther(t *testing.T) {
	for name, links := range map[string]string{"the one that is gone is linked": "8", "the one that stays is linked": "7"} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.tell("line", follow("U1"))
			r.tell("shop", commerce.Customer{ID: links, LineID: "U1"}, order("o7", "7", 0), order("o8", "8", -1),
				commerce.Subscription{ID: "s8", CustomerID: "8", Status: commerce.Active})
			linked := r.friend("U1").LinkedAt
			r.now = r.now.Add(time.Hour)
			r.tell("shop", commerce.Customer{ID: "8", Deleted: true}) // some carts tell this first
			for range 2 {
				r.tell("shop", commerce.Customer{ID: "8", Deleted: true, MergedInto: "7"})
			}
			again := order("o9", "8", 2) // told under the old id
			r.tell("shop", again, commerce.Customer{ID: "8", Phone: "09011112222"})
			got := r.friend("U1")
			if got.Totals.Orders != 3 || !got.Totals.FirstOrderAt.Equal(start.AddDate(0, 0, -1)) || got.Totals.SubscriptionStatus != commerce.Active {
				t.Errorf("got %+v", got.Totals)
			}
			if ids := r.customers("U1"); !slices.Equal(ids, []string{"shop/7"}) || !got.LinkedAt.Equal(linked) {
				t.Errorf("linked are %v since %v", ids, got.LinkedAt)
			}
			r.wantErasedBy("8")
		})
	}
}

// wantErasedBy erases a customer of the shop by any of its ids.
func (r *rig) wantErasedBy(id string) {
	r.t.Helper()
	ref := host.Ref{Connection: "shop", ID: id}
	if n := must(r.members.Bought(r.t.Context(), ref))(r.t); n != 3 {
		r.t.Errorf("%d orders would be erased", n)
	}
	if err := r.members.EraseCustomer(r.t.Context(), person, ref); err != nil {
		r.t.Fatal(err)
	}
	r.wantNowhere("o7", "o8", "o9", "s8", "mbc\x00shop")
}

func TestAMergeTakesNobodysCustomerAway(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"), follow("U2"))
	r.tell("shop", commerce.Customer{ID: "7", LineID: "U1"}, commerce.Customer{ID: "8", LineID: "U2"}, order("o8", "8", 0))
	r.tell("shop", commerce.Customer{ID: "8", Deleted: true, MergedInto: "7"})
	if got := r.friend("U1").Totals.Orders; got != 1 {
		t.Errorf("who stays has %d orders", got)
	}
	if got := r.friend("U2"); got.Linked || got.Totals.Orders != 0 {
		t.Errorf("who is gone is still %+v", got)
	}
}

func TestAMergeLinksNobodyWhomAPersonUnlinked(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.tell("shop", commerce.Customer{ID: "7"}, commerce.Customer{ID: "8", LineID: "U1"})
	if err := r.members.Unlink(t.Context(), person, host.Ref{Connection: "shop", ID: "8"}); err != nil {
		t.Fatal(err)
	}
	r.tell("shop", commerce.Customer{ID: "8", Deleted: true, MergedInto: "7"}, commerce.Customer{ID: "7", LineID: "U1"})
	if got := r.customers("U1"); got != nil {
		t.Errorf("linked are %v", got)
	}
}

// An order that is told late brings nothing back of who is gone.
func TestALateOrderMakesNobodyARivalAgain(t *testing.T) {
	r := newRig(t)
	late := order("o8", "8", 1)
	late.Phone = "09011112222"
	r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, commerce.Customer{ID: "8", Deleted: true}, late)
	r.tell("line", follow("U1"))
	r.phone("U1", "09011112222")
	if got := r.customers("U1"); !slices.Equal(got, []string{"shop/7"}) {
		t.Errorf("linked are %v", got)
	}
}

// Whom the cart deleted says nothing newer of a member than whom it keeps.
func TestADeletedCustomersWordIsNotTheNewest(t *testing.T) {
	r := newRig(t)
	r.book = newBook("2")
	r.book.Links = []members.LinkRule{{Name: "shop", Channel: "line", Cart: "shop", Keys: keys(members.KeyLineID), Take: map[string]string{"name": members.TakeNewest}}}
	r.tell("line", follow("U1"))
	r.tell("shop", commerce.Customer{ID: "7", LineID: "U1", FullName: "山田 花子", UpdatedAt: start},
		commerce.Customer{ID: "8", LineID: "U1", FullName: "佐藤 花子", UpdatedAt: start.Add(time.Hour)})
	for _, id := range []string{"7", "8"} {
		must(0, r.members.Link(t.Context(), person, r.friend("U1").ID, host.Ref{Connection: "shop", ID: id}))(t)
	}
	r.tellAt("shop", start.Add(2*time.Hour), commerce.Customer{ID: "7", Deleted: true})
	if got := r.friend("U1").Name; got != "佐藤 花子" {
		t.Errorf("the name is %s", got)
	}
}

// What happened counts, and not when it was told.
func TestADeletionThatIsToldAfterTheRestorationIsOver(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.phone("U1", "09011112222")
	r.tell("shop", commerce.Customer{ID: "7", UpdatedAt: start.Add(time.Hour), Phone: "0312345678"},
		commerce.Customer{ID: "7", Deleted: true, UpdatedAt: start},
		commerce.Customer{ID: "7", UpdatedAt: start.Add(time.Hour), Phone: "09011112222"})
	if got := r.customers("U1"); !slices.Equal(got, []string{"shop/7"}) {
		t.Errorf("linked are %v", got)
	}
}
