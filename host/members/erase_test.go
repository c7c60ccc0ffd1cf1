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
