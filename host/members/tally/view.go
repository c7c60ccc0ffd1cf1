package tally

import (
	"cmp"
	"maps"
	"slices"

	"github.com/musubi-run/musubi/sdk/commerce"
)

// Sum is what several customers come to together.
type Sum struct {
	totals   commerce.Totals
	amounts  map[string]int64
	statuses []commerce.Status
}

// Add adds one customer.
func (s *Sum) Add(t *Tally) {
	s.totals.Orders += t.Orders
	s.totals.Shipments += t.Shipments
	if !t.First.IsZero() && (s.totals.FirstOrderAt.IsZero() || t.First.Before(s.totals.FirstOrderAt)) {
		s.totals.FirstOrderAt = t.First
	}
	s.totals.LastOrderAt = later(s.totals.LastOrderAt, t.Last)
	s.totals.LastShippedAt = later(s.totals.LastShippedAt, t.Shipped)
	if s.amounts == nil {
		s.amounts = make(map[string]int64, len(t.Amounts))
	}
	for currency, amount := range t.Amounts {
		s.amounts[currency] += amount
	}
	for _, sub := range t.Subscriptions {
		s.statuses = append(s.statuses, sub.Status)
	}
}

// Totals returns the sum in the shared model: the amount is in yen if there is
// any, else in the first currency by name, and the others stand beside it.
func (s *Sum) Totals() commerce.Totals {
	t := s.totals
	t.SubscriptionStatus = Together(s.statuses...)
	for i, currency := range slices.SortedFunc(maps.Keys(s.amounts), yenFirst) {
		if i == 0 {
			t.Amount, t.Currency = s.amounts[currency], currency
			continue
		}
		t.OtherAmounts = append(t.OtherAmounts, commerce.Money{Amount: s.amounts[currency], Currency: currency})
	}
	return t
}

func yenFirst(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "JPY":
		return -1
	case b == "JPY":
		return 1
	default:
		return cmp.Compare(a, b)
	}
}

// View returns the products and subscriptions of a customer of the cart, sorted.
func (t *Tally) View(cart string) ([]commerce.MemberProduct, []commerce.MemberSubscription) {
	statuses := make(map[string][]commerce.Status)
	subscriptions := make([]commerce.MemberSubscription, 0, len(t.Subscriptions))
	for _, id := range slices.Sorted(maps.Keys(t.Subscriptions)) {
		s := t.Subscriptions[id]
		subscriptions = append(subscriptions, commerce.MemberSubscription{
			Connection: cart, ID: id, Status: s.Status, Times: s.Times, Products: append([]string{}, s.Products...), ChangedAt: s.Changed,
		})
		for _, code := range s.Products {
			statuses[code] = append(statuses[code], s.Status)
		}
	}
	bought := Tally{Products: t.Products}
	if len(statuses) > 0 {
		bought.Products = slices.Clone(t.Products)
		for code := range statuses { // subscribed, but maybe no order yet
			bought.product(code)
		}
	}
	products := make([]commerce.MemberProduct, len(bought.Products))
	for i := range products {
		p := &bought.Products[i]
		products[i] = p.view(cart, Together(statuses[p.Code]...))
	}
	return products, subscriptions
}

func (p *Product) view(cart string, status commerce.Status) commerce.MemberProduct {
	return commerce.MemberProduct{
		Connection: cart, Code: p.Code, ProductID: p.ProductID, SKU: p.SKU, Name: p.Name,
		Orders: p.Orders, Quantity: p.Quantity, LastOrderedAt: p.Last,
		SubscriptionOrders: p.Subscribed, SubscriptionCount: p.Times, SubscriptionStatus: status,
	}
}
