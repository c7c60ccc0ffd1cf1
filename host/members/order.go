package members

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host/members/tally"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// order takes in what a cart tells of an order.
func (t *tx) order(ctx context.Context, connection string, o *commerce.Order) error {
	if o.ID == "" {
		return RefusedError{"the order has no id", "注文にIDがありません"}
	}
	at := key(tableOrder, connection, o.ID)
	known, err := read[owner](ctx, t, at)
	if err != nil {
		return err
	}
	id := customerOf(o, known)
	if id == "" {
		return nil // nobody could ever be recognised by it
	}
	b, err := t.buyer(ctx, connection, id)
	if err != nil {
		return err
	}
	id = b.ID
	waits := b.Tally.Orders == 0
	o = t.believed(o)
	before, err := t.contributed(ctx, connection, o.ID, known)
	if err != nil || (before != nil && before.Stale(o)) {
		return err
	}
	if before != nil && known.Customer != id {
		if err := t.reassign(ctx, b, o.ID, known.Customer, before); err != nil {
			return err
		}
	}
	if known == nil || known.Customer != id {
		t.write(at, &owner{Customer: id})
	}
	if err := t.bought(ctx, b, o, before); err != nil {
		return err
	}
	if waits && b.Tally.Orders > 0 {
		if err := t.match(ctx, b); err != nil {
			return err
		}
	}
	return t.meet(ctx, b, o)
}

// farAhead is from how many days in the future on the day of an order is taken for mistyped.
const farAhead = 31

// believed is the order without a day that is far ahead, next to which all
// orders by day would be too old to be kept.
func (t *tx) believed(o *commerce.Order) *commerce.Order {
	if o.OrderedAt.Before(t.now.AddDate(0, 0, farAhead)) {
		return o
	}
	told := *o
	told.OrderedAt = time.Time{}
	return &told
}

// guestPrefix begins the id of a buyer without an account, so that it can never
// be a customer's of the platform.
const guestPrefix = "guest:"

// customerOf says whose order it is: the platform's customer, whoever it was
// before, or a guest, who is known by an address or number.
func customerOf(o *commerce.Order, known *owner) string {
	switch {
	case o.CustomerID != "":
		return o.CustomerID
	case known != nil:
		return known.Customer
	}
	if who := cmp.Or(emailOf(o.Email), phoneOf(o.Phone)); who != "" {
		return guestPrefix + who
	}
	return ""
}

// contributed returns what the order contributed before; nil if nothing is known of it.
func (t *tx) contributed(ctx context.Context, connection, order string, known *owner) (*tally.Order, error) {
	if known == nil {
		return nil, nil
	}
	return read[tally.Order](ctx, t, key(tableBought, connection, known.Customer, order))
}

// reassign takes an order from whose it was, say a guest who has an account now.
func (t *tx) reassign(ctx context.Context, b *buyer, order, from string, o *tally.Order) error {
	former, err := t.buyer(ctx, b.Connection, from)
	if err != nil {
		return err
	}
	t.drop(key(tableBought, b.Connection, from, order))
	t.write(key(tableBought, b.Connection, b.ID, order), o)
	t.touch(former.Member, partOrders)
	if err := t.recount(ctx, former); err != nil {
		return err
	}
	if err := t.eraseGuest(ctx, former); err != nil {
		return err
	}
	return t.recount(ctx, b)
}

// bought counts what an order contributes now instead of before.
func (t *tx) bought(ctx context.Context, b *buyer, o *commerce.Order, before *tally.Order) error {
	after := tally.OrderOf(o, before)
	t.write(key(tableBought, b.Connection, b.ID, o.ID), after)
	if !b.Tally.Change(before, after) {
		if err := t.recount(ctx, b); err != nil {
			return err
		}
	}
	t.write(b.row(), b)
	t.touch(b.Member, partOrders)
	return nil
}

// meet lets an order tell what the customer's own record does not. People change
// their numbers, so the newest order's word counts.
func (t *tx) meet(ctx context.Context, b *buyer, o *commerce.Order) error {
	if b.Gone {
		return nil
	}
	newest := !o.OrderedAt.IsZero() && !o.OrderedAt.Before(b.Tally.Last)
	phone, email := b.ordered(KeyPhone, phoneOf(o.Phone), b.Phone, newest), b.ordered(KeyEmail, emailOf(o.Email), b.Email, newest)
	guest := strings.HasPrefix(b.ID, guestPrefix)
	if phone == b.Phone && email == b.Email && guest == b.Guest {
		return nil
	}
	was := *b
	b.Guest = guest
	if o.Billing != nil {
		b.Name = cmp.Or(b.Name, o.Billing.FullName)
	}
	if err := t.identify(ctx, b, was, phone, email, b.LineID); err != nil {
		return err
	}
	return t.match(ctx, b)
}

// ordered is the value of a kind once an order told it.
func (b *buyer) ordered(kind, told, known string, newest bool) string {
	if told == "" || (known != "" && (!newest || slices.Contains(b.Own, kind))) {
		return known
	}
	return told
}

// subscription takes in what a cart tells of a subscription.
func (t *tx) subscription(ctx context.Context, connection string, s *commerce.Subscription) error {
	if s.ID == "" {
		return RefusedError{"the subscription has no id", "定期購入にIDがありません"}
	}
	known, err := read[owner](ctx, t, key(tableSubs, connection, s.ID))
	if err != nil {
		return err
	}
	customer := s.CustomerID
	if customer == "" && known != nil {
		customer = known.Customer
	}
	if customer == "" {
		return nil
	}
	b, err := t.buyer(ctx, connection, customer)
	if err != nil {
		return err
	}
	if err := t.subscribe(ctx, b, s); err != nil {
		return err
	}
	return t.match(ctx, b)
}

// subscribe keeps a subscription as its customer's, and nobody else's.
func (t *tx) subscribe(ctx context.Context, b *buyer, s *commerce.Subscription) error {
	at := key(tableSubs, b.Connection, s.ID)
	known, err := read[owner](ctx, t, at)
	if err != nil {
		return err
	}
	if known != nil && known.Customer != b.ID {
		former, err := t.buyer(ctx, b.Connection, known.Customer)
		if err != nil {
			return err
		}
		if old := former.Tally.Subscriptions[s.ID]; old != nil && old.Stale(s) {
			return nil
		}
		former.Tally.Unsubscribe(s.ID)
		t.write(former.row(), former)
		t.touch(former.Member, partSubscriptions)
	}
	if known == nil || known.Customer != b.ID {
		t.write(at, &owner{Customer: b.ID})
	}
	if b.Tally.Subscribe(s) {
		t.write(b.row(), b)
		t.touch(b.Member, partSubscriptions)
	}
	return nil
}
