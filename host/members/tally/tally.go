package tally

import (
	"iter"
	"maps"
	"time"

	"github.com/musubi-run/musubi/sdk/commerce"
)

// Tally is what all orders and subscriptions of one customer come to.
type Tally struct {
	Orders    int64 `json:"n,omitempty"`
	Shipments int64 `json:"s,omitempty"`
	// Amounts are what was spent, by currency.
	Amounts       map[string]int64         `json:"a,omitempty"`
	First         time.Time                `json:"f,omitzero"`
	Last          time.Time                `json:"l,omitzero"`
	Shipped       time.Time                `json:"ls,omitzero"`
	Products      map[string]*Product      `json:"p,omitempty"`
	Subscriptions map[string]*Subscription `json:"u,omitempty"`
}

// Product is what was bought of one product.
type Product struct {
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
	if o.Cancelled {
		return
	}
	t.Orders++
	t.spend(o.Currency, o.Amount)
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
	if before == nil {
		t.Add(after)
		return true
	}
	shippedBefore := !before.Shipped.IsZero() && !before.Shipped.Equal(after.Shipped)
	if !before.same(after) || shippedBefore {
		return false
	}
	if after.Cancelled {
		return true
	}
	t.spend(before.Currency, -before.Amount)
	t.spend(after.Currency, after.Amount)
	if before.Shipped.IsZero() {
		t.ship(after)
	}
	return true
}

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

func (t *Tally) product(code string) *Product {
	p := t.Products[code]
	if p == nil {
		if t.Products == nil {
			t.Products = map[string]*Product{}
		}
		p = new(Product)
		t.Products[code] = p
	}
	return p
}

func (p *Product) add(line *Line, at time.Time) {
	p.Orders++
	p.Quantity += line.Quantity
	if line.Subscription {
		p.Subscribed++
		p.Times = max(p.Times, line.Times)
	}
	// The newest order names the product; of two of one moment the greater name, so
	// that the order in which they are told does not matter.
	if at.After(p.Last) || (at.Equal(p.Last) && described(line) > p.described()) {
		p.Last, p.Name, p.SKU, p.ProductID = at, line.Name, line.SKU, line.ProductID
	}
}

func (p *Product) described() string { return p.Name + "\x00" + p.SKU + "\x00" + p.ProductID }

func described(l *Line) string { return l.Name + "\x00" + l.SKU + "\x00" + l.ProductID }

// Combine returns what several customers of one cart come to. The result shares
// its parts with them and must not be changed.
func Combine(tallies []*Tally) *Tally {
	if len(tallies) == 1 {
		return tallies[0]
	}
	all := &Tally{Products: map[string]*Product{}, Subscriptions: map[string]*Subscription{}}
	for _, t := range tallies {
		maps.Copy(all.Subscriptions, t.Subscriptions)
		for code, p := range t.Products {
			all.Products[code] = p.with(all.Products[code])
		}
	}
	return all
}

// with returns what was bought of one product by two customers.
func (p *Product) with(other *Product) *Product {
	if other == nil {
		return p
	}
	sum := *p
	if other.Last.After(p.Last) || (other.Last.Equal(p.Last) && other.described() > p.described()) {
		sum = *other
	}
	sum.Orders, sum.Quantity = p.Orders+other.Orders, p.Quantity+other.Quantity
	sum.Subscribed, sum.Times = p.Subscribed+other.Subscribed, max(p.Times, other.Times)
	return &sum
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
