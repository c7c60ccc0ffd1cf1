// Package tally counts what orders and subscriptions say about a customer. It
// is pure: rows and clocks are elsewhere.
//
// Each order is kept as what it contributes, so that an order that is told
// again, or told differently, is never counted twice; see [Tally.Change].
package tally

import (
	"cmp"
	"slices"
	"time"

	"github.com/musubi-run/musubi/sdk/commerce"
)

// Order is what one order contributes.
type Order struct {
	Number    string    `json:"no,omitempty"`
	Ordered   time.Time `json:"at,omitzero"`
	Shipped   time.Time `json:"sh,omitzero"`
	Updated   time.Time `json:"up,omitzero"`
	Cancelled bool      `json:"x,omitempty"`
	// Unbought is an order by which nothing was bought: a test, or one whose payment failed.
	Unbought bool `json:"nb,omitempty"`

	Amount   int64  `json:"am,omitempty"`
	Currency string `json:"cu,omitempty"`
	// Lines are sorted by Code, each code once.
	Lines []Line `json:"li,omitempty"`
	URL   string `json:"url,omitempty"`
}

// Line is what an order contains of one product.
type Line struct {
	Code         string `json:"c"`
	ProductID    string `json:"p,omitempty"`
	SKU          string `json:"k,omitempty"`
	Name         string `json:"n,omitempty"`
	Quantity     int64  `json:"q"`
	Subscription bool   `json:"s,omitempty"`
	// Times is which delivery of the subscription it is, from 1.
	Times int64 `json:"t,omitempty"`
}

// OrderOf reads an order of the shared model. What the order does not tell is
// taken from before, what was known of it (nil: nothing): platforms announce
// changes with as little as an id.
func OrderOf(o *commerce.Order, before *Order) *Order {
	var known Order
	if before != nil {
		known = *before
	}
	known.Number = cmp.Or(o.Number, known.Number)
	known.URL = cmp.Or(o.AdminURL, known.URL)
	known.Ordered = moment(firstTime(o.OrderedAt, known.Ordered, o.CreatedAt))
	known.Shipped = moment(firstTime(o.ShippedAt, known.Shipped))
	known.Updated = moment(firstTime(o.UpdatedAt, known.Updated))
	known.Cancelled = isCancelled(o, known.Cancelled)
	if o.IsPurchase != nil {
		known.Unbought = !*o.IsPurchase
	}
	if o.Total != nil {
		known.Amount, known.Currency = spent(o), o.Total.Currency
	}
	if len(o.Items) > 0 {
		known.Lines = linesOf(o)
	}
	return &known
}

// spent is what the order comes to, less what was paid back.
func spent(o *commerce.Order) int64 {
	if o.Refunded == nil || o.Refunded.Currency != o.Total.Currency {
		return o.Total.Amount
	}
	return max(0, o.Total.Amount-o.Refunded.Amount)
}

// Stale says that the order tells an older state than the one that is known.
func (o *Order) Stale(told *commerce.Order) bool {
	return !told.UpdatedAt.IsZero() && moment(told.UpdatedAt).Before(o.Updated)
}

// Counts says whether anything was bought by the order.
func (o *Order) Counts() bool { return !o.Cancelled && !o.Unbought }

func isCancelled(o *commerce.Order, before bool) bool {
	if !o.CancelledAt.IsZero() || o.Status == commerce.OrderCancelled {
		return true
	}
	return before && o.Status == ""
}

func linesOf(o *commerce.Order) []Line {
	byCode := make(map[string]*Line, len(o.Items))
	for i := range o.Items {
		item := &o.Items[i]
		code := CodeOf(item)
		line := byCode[code]
		if line == nil {
			line = &Line{Code: code}
			byCode[code] = line
		}
		line.ProductID = cmp.Or(line.ProductID, item.ProductID)
		line.SKU = cmp.Or(line.SKU, item.SKU)
		line.Name = cmp.Or(line.Name, item.Name)
		line.Quantity += item.Quantity
		if subscribed(o, item) {
			line.Subscription = true
			line.Times = max(line.Times, cmp.Or(item.Times, o.Times))
		}
	}
	lines := make([]Line, 0, len(byCode))
	for _, line := range byCode {
		lines = append(lines, *line)
	}
	slices.SortFunc(lines, func(a, b Line) int { return cmp.Compare(a.Code, b.Code) })
	return lines
}

// CodeOf is the name by which a product is counted: its number, else SKU, else id.
func CodeOf(item *commerce.OrderItem) string {
	return cmp.Or(item.Number, item.SKU, item.ProductID, item.VariantID, item.Name)
}

// subscribed says whether a line belongs to a subscription: by itself, or as its order does.
func subscribed(o *commerce.Order, item *commerce.OrderItem) bool {
	switch {
	case item.IsSubscription != nil:
		return *item.IsSubscription
	case o.IsSubscription != nil:
		return *o.IsSubscription
	default:
		return o.SubscriptionID != "" || item.Times > 0
	}
}

func firstTime(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// moment makes times that are the same equal, and the same after a row was read again.
func moment(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

// same says whether two orders contribute the same but for what Change adjusts.
func (o *Order) same(other *Order) bool {
	return o.Ordered.Equal(other.Ordered) && o.Counts() == other.Counts() && slices.Equal(o.Lines, other.Lines)
}
