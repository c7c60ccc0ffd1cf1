package main

import (
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk/commerce"
)

// add puts a line behind the others. left is how many of it the buyer keeps,
// nil where that is not told.
func (o *order) add(item commerce.OrderItem, left *int64) {
	o.Items, o.left = append(o.Items, item), append(o.left, left)
}

// settle finishes the lines, once all of them are there.
func (o *order) settle(s settings) {
	o.subscribe(s)
	o.keep()
}

// keep leaves out what was returned, or taken out by an edit. Of an order that
// was cancelled, or of which nothing is left, the lines stay as they were
// ordered: who tells of it has to say what it was.
func (o *order) keep() {
	some := slices.ContainsFunc(o.left, func(n *int64) bool { return n == nil || *n > 0 })
	switch {
	case o.Status == commerce.OrderCancelled || len(o.left) == 0:
		return
	case !some:
		if !strings.EqualFold(o.PaymentState, "refunded") { // of which failed_payments speaks
			o.IsPurchase = new(bool)
		}
		return
	}
	o.charge()
	kept := make([]commerce.OrderItem, 0, len(o.Items))
	for i := range o.Items {
		item := o.Items[i]
		if left := o.left[i]; left != nil {
			item.Total = share(item.Total, *left, item.Quantity)
			item.Quantity = *left
		}
		if item.Quantity > 0 {
			kept = append(kept, item)
		}
	}
	o.Items = kept
}

// charge leaves out of the total what was returned, or taken out, and is not to
// be paid. What was paid and then paid back stays in it: refunded tells that.
func (o *order) charge() {
	if o.Total == nil || o.current == nil || o.current.Currency != o.Total.Currency {
		return
	}
	charged := o.current.Amount
	if o.Refunded != nil && o.Refunded.Currency == o.Total.Currency {
		charged += o.Refunded.Amount
	}
	o.Total.Amount = min(o.Total.Amount, charged)
}

// share is what some of a line's pieces come to, to the nearest unit.
func share(total *commerce.Money, some, all int64) *commerce.Money {
	if total == nil || all <= 0 || some == all {
		return total
	}
	return &commerce.Money{Amount: (2*total.Amount*some + all) / (2 * all), Currency: total.Currency}
}
