package tally

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/musubi-run/musubi/sdk/commerce"
)

// Tally is what all orders and subscriptions of one customer come to.
type Tally struct {
	Orders    int64 `json:"n,omitempty"`
	Shipments int64 `json:"s,omitempty"`
	// Amounts are what was spent, by currency.
	Amounts map[string]int64 `json:"a,omitempty"`
	First   time.Time        `json:"f,omitzero"`
	Last    time.Time        `json:"l,omitzero"`
	Shipped time.Time        `json:"ls,omitzero"`
	Recent  Recent           `json:"r,omitzero"`
	// Products are sorted by Code, each code once.
	Products      []Product                `json:"p,omitempty"`
	Subscriptions map[string]*Subscription `json:"u,omitempty"`
}

// Product is what was bought of one product.
type Product struct {
	Code      string    `json:"c"`
	ProductID string    `json:"i,omitempty"`
	SKU       string    `json:"k,omitempty"`
	Name      string    `json:"n,omitempty"`
	Orders    int64     `json:"o"`
	Quantity  int64     `json:"q"`
	Last      time.Time `json:"l,omitzero"`
	// Subscribed counts orders that belong to a subscription, Times is the highest delivery number.
	Subscribed int64 `json:"so,omitempty"`
	Times      int64 `json:"st,omitempty"`
}

// Subscription is one subscription as it was told last.
type Subscription struct {
	Status   commerce.Status `json:"s,omitempty"`
	Times    int64           `json:"t,omitempty"`
	Products []string        `json:"p,omitempty"`
	Changed  time.Time       `json:"c,omitzero"`
	Updated  time.Time       `json:"u,omitzero"`
}

// Add counts an order that was not counted before.
func (t *Tally) Add(o *Order) {
	if !o.Counts() {
		return
	}
	if t.Orders == 0 {
		t.Recent.Kept = true
	}
	t.Orders++
	t.spend(o.Currency, o.Amount)
	t.Recent.count(o, 1)
	if !o.Ordered.IsZero() {
		if t.First.IsZero() || o.Ordered.Before(t.First) {
			t.First = o.Ordered
		}
		t.Last = later(t.Last, o.Ordered)
	}
	t.ship(o)
	for i := range o.Lines {
		t.product(o.Lines[i].Code).add(&o.Lines[i], o.Ordered)
	}
}

// Change replaces what an order contributed. It returns false, and has changed
// nothing, if the rest cannot be told without the other orders: then Recount.
func (t *Tally) Change(before, after *Order) bool {
	if t.Dateless() {
		return false
	}
	if before == nil {
		t.Add(after)
		return true
	}
	shippedBefore := !before.Shipped.IsZero() && !before.Shipped.Equal(after.Shipped)
	if !before.same(after) || shippedBefore {
		return false
	}
	if !after.Counts() {
		return true
	}
	t.spend(before.Currency, -before.Amount)
	t.spend(after.Currency, after.Amount)
	t.Recent.count(before, -1)
	t.Recent.count(after, 1)
	if before.Shipped.IsZero() {
		t.ship(after)
	}
	return true
}

// Dateless says that orders were counted before they were counted by day: then Recount.
func (t *Tally) Dateless() bool { return t.Orders > 0 && !t.Recent.Kept }

// Recount counts all orders of the customer again; subscriptions stay.
func (t *Tally) Recount(orders iter.Seq[*Order]) {
	*t = Tally{Subscriptions: t.Subscriptions}
	for o := range orders {
		t.Add(o)
	}
}

// Subscribe keeps what a subscription says now, unless it says an older state
// than the known one. It returns whether anything changed.
func (t *Tally) Subscribe(s *commerce.Subscription) bool {
	known := t.Subscriptions[s.ID]
	told := subscriptionOf(s, known)
	if known != nil && (told.Updated.Before(known.Updated) || known.equal(told)) {
		return false
	}
	if t.Subscriptions == nil {
		t.Subscriptions = map[string]*Subscription{}
	}
	t.Subscriptions[s.ID] = told
	return true
}

// Unsubscribe forgets a subscription that belongs to somebody else.
func (t *Tally) Unsubscribe(id string) { delete(t.Subscriptions, id) }

func (t *Tally) spend(currency string, amount int64) {
	if amount == 0 {
		return
	}
	if t.Amounts == nil {
		t.Amounts = map[string]int64{}
	}
	t.Amounts[currency] += amount
	if t.Amounts[currency] == 0 {
		delete(t.Amounts, currency)
	}
}

func (t *Tally) ship(o *Order) {
	if !o.Shipped.IsZero() {
		t.Shipments++
		t.Shipped = later(t.Shipped, o.Shipped)
	}
}

// product returns the place of a product, to be used before the next call.
func (t *Tally) product(code string) *Product {
	at, found := slices.BinarySearchFunc(t.Products, code, func(p Product, code string) int { return cmp.Compare(p.Code, code) })
	if !found {
		t.Products = slices.Insert(t.Products, at, Product{Code: code})
	}
	return &t.Products[at]
}

func (p *Product) add(line *Line, at time.Time) {
	p.Orders++
	p.Quantity += line.Quantity
	if line.Subscription {
		p.Subscribed++
		p.Times = max(p.Times, line.Times)
	}
	p.describe(at, line.Name, line.SKU, line.ProductID)
}

// describe has the newest order name the product; of two of one moment the
// greater name, so that the order in which they are told does not matter.
func (p *Product) describe(at time.Time, name, sku, id string) {
	newer := cmp.Or(at.Compare(p.Last), cmp.Compare(name, p.Name), cmp.Compare(sku, p.SKU), cmp.Compare(id, p.ProductID))
	if newer > 0 {
		p.Last, p.Name, p.SKU, p.ProductID = at, name, sku, id
	}
}

// Combine returns what several customers of one cart come to. The result shares
// its parts with them and must not be changed.
func Combine(tallies []*Tally) *Tally {
	if len(tallies) == 1 {
		return tallies[0]
	}
	all := &Tally{Subscriptions: map[string]*Subscription{}}
	for _, t := range tallies {
		maps.Copy(all.Subscriptions, t.Subscriptions)
		for i := range t.Products {
			all.product(t.Products[i].Code).join(&t.Products[i])
		}
	}
	return all
}

// join adds what another customer bought of the product.
func (p *Product) join(other *Product) {
	p.Orders += other.Orders
	p.Quantity += other.Quantity
	p.Subscribed += other.Subscribed
	p.Times = max(p.Times, other.Times)
	p.describe(other.Last, other.Name, other.SKU, other.ProductID)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
