package members_test

import (
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// Who asks to be forgotten is found in no row any more.
func TestNothingIsLeftOfWhoIsErased(t *testing.T) {
	r := lineFriend(t, variousRules()...)
	r.tell("shop", commerce.Customer{ID: "7", FullName: "山田 花子", Email: "hanako@example.com"}, order("o1", "7", 0),
		commerce.Subscription{ID: "s1", CustomerID: "7", Status: commerce.Active})
	member := r.friend("U1").ID
	for range 2 {
		if err := r.members.EraseCustomer(t.Context(), person, host.Ref{Connection: "shop", ID: "7"}); err != nil {
			t.Fatal(err)
		}
	}
	if m := r.friend("U1"); m.Linked || m.Totals.Orders != 0 || m.Name != "" {
		t.Errorf("the member is still %+v", m)
	}
	for range 2 {
		if err := r.members.Erase(t.Context(), person, member); err != nil {
			t.Fatal(err)
		}
	}
	r.wantNowhere("hanako", "花子", "U1", member, "9011112222", "o1", "TEA")
}

// Members who were merged into who is erased were the same person.
func TestNothingIsLeftOfWhoWasMergedBefore(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"), follow("U2"), follow("U3"))
	r.phone("U2", "09011112222")
	r.phone("U3", "09033334444")
	one, two, three := r.friend("U1").ID, r.friend("U2").ID, r.friend("U3").ID
	for _, pair := range [][2]string{{two, three}, {one, two}} {
		if err := r.members.Merge(t.Context(), person, pair[0], pair[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.members.Erase(t.Context(), person, three); err != nil {
		t.Fatal(err)
	}
	r.wantNowhere("U1", "U2", "U3", one, two, three, "9011112222", "9033334444")
}

// A guest whose orders became those of an account is that account: to erase it erases both.
func TestNothingIsLeftOfAGuestWhoGotAnAccount(t *testing.T) {
	r := newRig(t)
	guest := commerce.Order{ID: "g1", Email: "hanako@example.com", Phone: "09011112222", OrderedAt: start, Billing: &commerce.Address{FullName: "山田 花子"}}
	other := commerce.Order{ID: "g2", Email: "hanako@example.com", OrderedAt: start}
	r.tell("shop", guest, other)
	for i, o := range []commerce.Order{guest, other} {
		o.CustomerID = "7"
		r.tell("shop", o)
		_, err := r.members.Bought(t.Context(), host.Ref{Connection: "shop", ID: "guest:hanako@example.com"})
		if there := i == 0; (err == nil) != there {
			t.Errorf("after %d orders have moved the guest is there: %t", i+1, !there)
		}
	}
	if n := must(r.members.Bought(t.Context(), host.Ref{Connection: "shop", ID: "7"}))(t); n != 2 {
		t.Errorf("%d orders are the account's", n)
	}
	if err := r.members.EraseCustomer(t.Context(), person, host.Ref{Connection: "shop", ID: "7"}); err != nil {
		t.Fatal(err)
	}
	r.wantNowhere("hanako@example.com", "花子", "9011112222", "g1", "g2")
}

// A guest is known by nothing but the address, which then is the customer's id.
func TestNoHistoryNamesAGuestWhoIsErased(t *testing.T) {
	r := newRig(t)
	r.tell("line", follow("U1"))
	r.phone("U1", "09011112222")
	r.tell("mall", commerce.Order{ID: "g1", Email: "hanako@example.com", Phone: "09011112222", OrderedAt: start})
	if got := r.customers("U1"); len(got) != 1 {
		t.Fatalf("the guest is not linked: %v", got)
	}
	if err := r.members.EraseCustomer(t.Context(), person, host.Ref{Connection: "mall", ID: "guest:hanako@example.com"}); err != nil {
		t.Fatal(err)
	}
	r.wantNowhere("hanako@example.com")
	if history := must(r.members.History(t.Context(), r.friend("U1").ID, 0))(t); history[0].What != host.MemberUnlinked {
		t.Errorf("got %+v", history)
	}
}

// The purchases of who is erased go to nobody by themselves: who has the same number may be somebody else.
func TestACustomerOfWhoIsErasedIsNobodysWithoutAPerson(t *testing.T) {
	customer := host.Ref{Connection: "shop", ID: "7"}
	for name, before := range map[string]func(r *rig, member string) error{
		"linked":   func(*rig, string) error { return nil },
		"unlinked": func(r *rig, _ string) error { return r.members.Unlink(r.t.Context(), person, customer) },
		"merged": func(r *rig, member string) error {
			r.tell("line", follow("U3"))
			return r.members.Merge(r.t.Context(), person, member, r.friend("U3").ID)
		},
	} {
		r := lineFriend(t)
		r.tell("shop", order("o1", "7", 0))
		r.tell("line", follow("U2"))
		r.phone("U2", "09011112222")
		member := r.friend("U1").ID
		if err := before(r, member); err != nil {
			t.Fatal(err)
		}
		if err := r.members.Erase(t.Context(), person, member); err != nil {
			t.Fatal(err)
		}
		r.wantNowhere("U1", member)
		r.tell("shop", commerce.Customer{ID: "7", Phone: "09011112222"}, order("o2", "7", 1))
		r.tell("line", follow("U1"), follow("U4")) // comes back, as somebody new
		r.phone("U4", "09011112222")
		for _, user := range []string{"U1", "U2", "U4"} {
			if got := r.customers(user); got != nil {
				t.Errorf("%s: %s has %v", name, user, got)
			}
		}
		if got := r.reviews(); len(got) != 1 || got[0].Customer != customer {
			t.Fatalf("%s: to review are %+v", name, got)
		}
		if err := r.members.Link(t.Context(), person, r.friend("U4").ID, customer); err != nil {
			t.Fatal(err)
		}
		if got := r.reviews(); len(got) != 0 || len(r.customers("U4")) != 1 {
			t.Errorf("%s: linked are %v, to review %+v", name, r.customers("U4"), got)
		}
	}
}

// wantNowhere looks for texts in all rows of members.
func (r *rig) wantNowhere(texts ...string) {
	r.t.Helper()
	err := r.store.Scan(r.t.Context(), store.Range{Prefix: "mb"}, func(k string, v []byte) error {
		for _, text := range texts {
			if strings.Contains(k+string(v), text) {
				r.t.Errorf("%q is still in %q: %s", text, k, v)
			}
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
}
