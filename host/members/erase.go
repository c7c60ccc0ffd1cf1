package members

import (
	"context"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// Bought says how many orders are kept of a cart's customer, or returns
// host.ErrNotFound if nothing is known of one.
func (m *Members) Bought(ctx context.Context, customer host.Ref) (orders int, err error) {
	t := m.begin(host.Cause{})
	b, err := t.known(ctx, customer)
	if err != nil {
		return 0, err
	}
	if b == nil {
		return 0, host.ErrNotFound
	}
	all, err := t.orders(ctx, b)
	return len(all), err
}

// EraseCustomer forgets a cart's customer, or whom that one became, and all that the customer bought, as a
// person may ask for by law. One who is not there is erased already.
func (m *Members) EraseCustomer(ctx context.Context, cause host.Cause, customer host.Ref) error {
	return m.change(ctx, cause, func(t *tx) error {
		b, err := t.known(ctx, customer)
		if b == nil || err != nil {
			return err
		}
		if err := t.part(ctx, b); err != nil {
			return err
		}
		return t.eraseBuyer(ctx, b)
	})
}

// eraseBuyer forgets a customer who is nobody's any more.
func (t *tx) eraseBuyer(ctx context.Context, b *buyer) error {
	if err := t.identify(ctx, b, *b, "", "", ""); err != nil {
		return err
	}
	t.await(b, verdict{})
	if err := t.review(ctx, b, nil); err != nil {
		return err
	}
	if err := t.eraseOrders(ctx, b); err != nil {
		return err
	}
	for _, id := range b.Former {
		t.drop(customerKey(host.Ref{Connection: b.Connection, ID: id}))
	}
	t.drop(b.row())
	return nil
}

// eraseGuest forgets a guest whose last order became that of an account. One
// who is linked stays, and is erased with the member.
func (t *tx) eraseGuest(ctx context.Context, b *buyer) error {
	if !b.Guest || b.Member != "" {
		return nil
	}
	orders, err := t.orders(ctx, b)
	if err != nil || len(orders) > 0 {
		return err
	}
	return t.eraseBuyer(ctx, b)
}

func (t *tx) eraseOrders(ctx context.Context, b *buyer) error {
	orders, err := t.orders(ctx, b)
	if err != nil {
		return err
	}
	for id := range orders {
		t.drop(key(tableBought, b.Connection, b.ID, id))
		t.drop(key(tableOrder, b.Connection, id))
	}
	for id := range b.Tally.Subscriptions {
		t.drop(key(tableSubs, b.Connection, id))
	}
	return nil
}

// Erase forgets a member: who it is on channels, tags, history. Customers stay,
// linked with nobody until a person does it: whoever has the same number is
// somebody else, and must not see what was bought. One who is not there is erased already.
func (m *Members) Erase(ctx context.Context, cause host.Cause, id string) error {
	return m.change(ctx, cause, func(t *tx) error {
		p, err := t.person(ctx, id)
		if p == nil || err != nil {
			return err
		}
		customers, err := t.buyers(ctx, p)
		if err != nil {
			return err
		}
		for _, b := range customers {
			addOnce(&b.Apart, erasedMember)
			if err := t.detach(ctx, p, b); err != nil {
				return err
			}
		}
		return t.erase(ctx, p)
	})
}

func (t *tx) erase(ctx context.Context, p *person) error {
	for _, k := range p.greetedKeys() {
		t.drop(k)
	}
	for _, ch := range p.Channels {
		t.drop(key(tableUser, ch.Connection, ch.UserID))
		if err := t.disown(ctx, p.ID, KeyLineID, ch.UserID); err != nil {
			return err
		}
	}
	for kind, values := range map[string][]string{KeyPhone: p.Phones, KeyEmail: p.Emails} {
		for _, value := range values {
			if err := t.disown(ctx, p.ID, kind, value); err != nil {
				return err
			}
		}
	}
	if !p.Due.IsZero() {
		t.drop(timerKey(p.Due, p.ID))
	}
	former, err := t.former(ctx, p.ID)
	if err != nil {
		return err
	}
	for _, id := range append(former, p.ID) {
		if err := t.eraseHistory(ctx, id); err != nil {
			return err
		}
		t.drop(key(tableMember, id))
		t.drop(greetedKey("", id))
	}
	return t.count(ctx, p, -1, 0)
}

// former returns the ids of the members who became this one, and of those who became them.
func (t *tx) former(ctx context.Context, id string) (ids []string, err error) {
	history, err := t.m.History(ctx, id, 0)
	if err != nil {
		return nil, err
	}
	for i := range history {
		if history[i].What != host.MemberMerged {
			continue
		}
		other, err := read[person](ctx, t, key(tableMember, history[i].Detail))
		if err != nil {
			return nil, err
		}
		if other == nil || other.Merged != id {
			continue
		}
		older, err := t.former(ctx, other.ID)
		if err != nil {
			return nil, err
		}
		ids = append(append(ids, other.ID), older...)
	}
	return ids, nil
}

// eraseHistory forgets what is stored of the history and what this change would add.
func (t *tx) eraseHistory(ctx context.Context, id string) error {
	err := t.m.Store.Scan(ctx, store.Range{Prefix: under(tableHistory, id), KeysOnly: true}, func(k string, _ []byte) error {
		t.drop(k)
		return nil
	})
	if page := t.pages[id]; page != nil {
		for k, r := range t.rows {
			if r.value == any(page) {
				t.drop(k)
			}
		}
	}
	return err
}
