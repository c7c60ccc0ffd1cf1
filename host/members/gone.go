package members

import (
	"cmp"
	"context"
	"time"

	"github.com/musubi-run/musubi/host/members/tally"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// leave takes in that a customer is no longer there: nobody is recognised by
// what that customer was known by, and it stands in nobody's way. What was
// bought was bought, and stays with the member who is the customer, or goes to
// whom the customer became. told is when it happened, zero where nobody said.
func (t *tx) leave(ctx context.Context, b *buyer, c *commerce.Customer, told time.Time) error {
	for _, at := range []time.Time{c.UpdatedAt, told} {
		if at.After(b.Updated) {
			b.Updated = at.UTC()
		}
	}
	was := *b
	b.Gone, b.Wanted, b.Own = true, nil, nil
	if err := t.identify(ctx, b, was, "", "", ""); err != nil {
		return err
	}
	if c.MergedInto != "" {
		if err := t.become(ctx, b, c.MergedInto); err != nil {
			return err
		}
	}
	return t.match(ctx, b)
}

// become gives the customer's orders, subscriptions and member to the one whom
// it became; its id leads there from now on.
func (t *tx) become(ctx context.Context, b *buyer, id string) error {
	into, err := t.buyer(ctx, b.Connection, id)
	if err != nil || into.ID == b.ID {
		return err
	}
	if err := t.moveOrders(ctx, into, b); err != nil {
		return err
	}
	t.moveSubscriptions(into, b)
	for _, apart := range b.Apart {
		addOnce(&into.Apart, apart)
	}
	if err := t.succeed(ctx, into, b); err != nil {
		return err
	}
	for _, former := range append(b.Former, b.ID) {
		addOnce(&into.Former, former)
	}
	into.Name, into.Kana = cmp.Or(into.Name, b.Name), cmp.Or(into.Kana, b.Kana)
	into.Sex, into.Birthday = cmp.Or(into.Sex, b.Sex), cmp.Or(into.Birthday, b.Birthday)
	t.write(into.row(), into)
	if err := t.match(ctx, b); err != nil {
		return err
	}
	*b = buyer{Connection: b.Connection, ID: b.ID, Gone: true, Into: into.ID, Updated: b.Updated}
	return t.match(ctx, into)
}

// succeed makes the customer whom b became that of b's member, unless it is
// somebody's already, or a person said that it is not this one's. A link that
// goes on under another id is no news: nobody is greeted again for it.
func (t *tx) succeed(ctx context.Context, into, b *buyer) error {
	p, err := t.person(ctx, b.Member)
	if b.Member == "" || p == nil || err != nil {
		return err
	}
	apart, err := t.apart(ctx, into, p)
	if err != nil {
		return err
	}
	told := len(t.links)
	if into.Member == "" && len(apart) == 0 {
		linked := b.Linked
		if err := t.attach(ctx, p, into, b.Key); err != nil {
			return err
		}
		into.Linked = linked
	}
	if err := t.detach(ctx, p, b); err != nil {
		return err
	}
	if into.Member == p.ID {
		t.links = t.links[:told]
	}
	return nil
}

// moveOrders makes all that a customer ordered another's.
func (t *tx) moveOrders(ctx context.Context, into, from *buyer) error {
	orders, err := t.orders(ctx, from)
	if err != nil || len(orders) == 0 {
		return err
	}
	for id, o := range orders {
		t.drop(key(tableBought, from.Connection, from.ID, id))
		t.write(key(tableBought, into.Connection, into.ID, id), o)
		t.write(key(tableOrder, into.Connection, id), &owner{Customer: into.ID})
	}
	t.touch(from.Member, partOrders)
	t.touch(into.Member, partOrders)
	if err := t.recount(ctx, from); err != nil {
		return err
	}
	return t.recount(ctx, into)
}

// moveSubscriptions makes all that a customer subscribed to another's.
func (t *tx) moveSubscriptions(into, from *buyer) {
	for id, s := range from.Tally.Subscriptions {
		if into.Tally.Subscriptions == nil {
			into.Tally.Subscriptions = make(map[string]*tally.Subscription)
		}
		if into.Tally.Subscriptions[id] == nil {
			into.Tally.Subscriptions[id] = s
		}
		t.write(key(tableSubs, into.Connection, id), &owner{Customer: into.ID})
	}
	from.Tally.Subscriptions = nil
	t.touch(from.Member, partSubscriptions)
	t.touch(into.Member, partSubscriptions)
}
