package members_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-run/musubi/sdk/commerce"
)

// Three accounts of one person became one, and orders changed meanwhile.
func TestWhoBecameWhomDoesNotDependOnTheOrder(t *testing.T) {
	const phone = "09011112222"
	type told struct {
		cart string
		at   time.Time
		fact commerce.Modelled
	}
	hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	bought := func(id, customer string, at int, purchase bool, refunded int64) told {
		o := order(id, customer, at)
		o.UpdatedAt, o.IsPurchase, o.Refunded, o.Phone = hour(at), &purchase, commerce.Yen(refunded), phone
		return told{"shop", hour(at), o}
	}
	facts := []told{
		{"line", hour(0), commerce.Contact{UserID: "U1", Phone: phone}},
		{"line", hour(1), commerce.Contact{UserID: "U1", Following: new(true)}},
		{"line", hour(2), commerce.Contact{UserID: "U1", Following: new(false)}},
		{"shop", hour(1), commerce.Customer{ID: "7", FullName: "佐藤 花子", Phone: "09099998888", UpdatedAt: hour(1)}},
		{"shop", hour(2), commerce.Customer{ID: "7", FullName: "山田 花子", Phone: phone, UpdatedAt: hour(2)}},
		{"shop", hour(1), commerce.Customer{ID: "8", Phone: phone, UpdatedAt: hour(1)}},
		{"shop", hour(1), commerce.Customer{ID: "9", Phone: phone, UpdatedAt: hour(1)}},
		{"shop", hour(3), commerce.Customer{ID: "8", Deleted: true}},
		{"shop", hour(3), commerce.Customer{ID: "8", Deleted: true, MergedInto: "7"}},
		{"shop", hour(2), commerce.Customer{ID: "9", Deleted: true, MergedInto: "8"}},
		bought("o7", "7", 1, false, 0), bought("o7", "7", 2, true, 0), bought("o8", "8", 1, true, 0), bought("o8", "8", 2, true, 300),
		bought("o9", "9", 1, true, 0), bought("o9", "9", 2, false, 0),
		{"shop", hour(1), commerce.Subscription{ID: "s8", CustomerID: "8", Status: commerce.Active, UpdatedAt: hour(1)}},
		{"shop", hour(2), commerce.Subscription{ID: "s8", CustomerID: "7", Status: commerce.Paused, UpdatedAt: hour(2)}},
	}
	want := "山田 花子 false 2 1700 paused [shop/7] []"
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t)
		for _, f := range rapid.Permutation(slices.Clone(facts)).Draw(rt, "order") {
			r.tellAt(f.cart, f.at, f.fact)
		}
		m := r.friend("U1")
		if got := fmt.Sprintf("%s %t %d %d %s %v %v", m.Name, m.Channels[0].Following, m.Totals.Orders, m.Totals.Amount, m.Totals.SubscriptionStatus, r.customers("U1"), r.reviews()); got != want {
			rt.Fatalf("got %s, want %s", got, want)
		}
	})
}
