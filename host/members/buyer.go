package members

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members/tally"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// buyer returns a cart's customer, or whom that one became; a new one if nobody
// has heard of it yet.
func (t *tx) buyer(ctx context.Context, connection, id string) (*buyer, error) {
	b, err := t.known(ctx, host.Ref{Connection: connection, ID: id})
	if b == nil && err == nil {
		b = &buyer{Connection: connection, ID: id}
		t.write(b.row(), b)
	}
	return b, err
}

// known returns a cart's customer, or whom that one became; nil if nobody has heard of it.
func (t *tx) known(ctx context.Context, ref host.Ref) (*buyer, error) {
	for {
		b, err := read[buyer](ctx, t, customerKey(ref))
		if err != nil || b == nil || b.Into == "" {
			return b, err
		}
		ref.ID = b.Into
	}
}

// customer takes in what a cart tells of a customer.
func (t *tx) customer(ctx context.Context, c *commerce.Customer, f *fact) error {
	if c.ID == "" {
		return RefusedError{"the customer has no id", "顧客にIDがありません"}
	}
	b, err := t.buyer(ctx, f.connection, c.ID)
	if err != nil {
		return err
	}
	stale := !c.UpdatedAt.IsZero() && c.UpdatedAt.Before(b.Updated)
	switch {
	case b.ID != c.ID:
		return nil // told late: that customer is this one now
	case c.Deleted && !b.Gone && c.MergedInto == "" && stale:
		return nil // told late: the customer was restored
	case c.Deleted:
		return t.leave(ctx, b, c, f.happened())
	case b.Gone && !c.UpdatedAt.After(b.Updated):
		return nil
	}
	b.Gone = false
	if !stale {
		if err := t.describe(ctx, b, c); err != nil {
			return err
		}
	}
	t.want(b, f.raw)
	for i := range c.Subscriptions {
		if err := t.subscribe(ctx, b, &c.Subscriptions[i]); err != nil {
			return err
		}
	}
	return t.match(ctx, b)
}

// want asks the link rules with a condition whether they are about the customer.
func (t *tx) want(b *buyer, raw []byte) {
	var wanted []string
	for _, rule := range t.m.Book().linksOf(b.Connection) {
		if rule.Wants == nil {
			continue
		}
		wants, err := rule.Wants(raw)
		if err != nil {
			t.m.Logger.Warn("link rule cannot be decided", "rule", rule.Name, "connection", b.Connection, "customer", b.ID, "error", err)
		}
		if wants && err == nil {
			wanted = append(wanted, rule.Name)
		}
	}
	if !slices.Equal(wanted, b.Wanted) {
		b.Wanted = wanted
		t.write(b.row(), b)
	}
}

// describe keeps what the cart says of a customer. What it leaves out stays; what
// it says is empty goes, but not what an order told: that is another record.
func (t *tx) describe(ctx context.Context, b *buyer, c *commerce.Customer) error {
	was := *b
	b.Number = cmp.Or(c.Number, b.Number)
	b.Name = cmp.Or(strings.TrimSpace(c.FullName), strings.TrimSpace(c.LastName+" "+c.FirstName), b.Name)
	b.Kana = cmp.Or(strings.TrimSpace(c.Kana), strings.TrimSpace(c.LastKana+" "+c.FirstKana), b.Kana)
	b.Sex = cmp.Or(c.Sex, b.Sex)
	b.Birthday = cmp.Or(birthdayOf(c.Birthday), b.Birthday)
	b.URL = cmp.Or(c.AdminURL, b.URL)
	if c.UpdatedAt.After(b.Updated) {
		b.Updated = c.UpdatedAt.UTC()
	}
	phone, email := b.own(KeyPhone, phoneOf(c.Phone), b.Phone, c), b.own(KeyEmail, emailOf(c.Email), b.Email, c)
	line := cmp.Or(c.LineID, b.LineID)
	if slices.Contains(c.Cleared, KeyLineID) {
		line = c.LineID
	}
	if err := t.identify(ctx, b, was, phone, email, line); err != nil {
		return err
	}
	return t.retract(ctx, b, was.LineID)
}

// own is the value of a kind once the customer's own record told it.
func (b *buyer) own(kind, told, known string, c *commerce.Customer) string {
	switch {
	case told != "":
		addOnce(&b.Own, kind)
		return told
	case slices.Contains(c.Cleared, kind) && slices.Contains(b.Own, kind):
		remove(&b.Own, kind)
		return ""
	default:
		return known
	}
}

// retract undoes a link that rested on the cart's own word for who the customer
// is, once the cart takes that back or names somebody else. A number is no such
// word: people change theirs, and stay who they are.
func (t *tx) retract(ctx context.Context, b *buyer, was string) error {
	if b.Member == "" || b.Key != KeyLineID || b.LineID == was {
		return nil
	}
	p, err := t.person(ctx, b.Member)
	if err != nil || p == nil || slices.Contains(p.values(KeyLineID), b.LineID) {
		return err
	}
	return t.detach(ctx, p, b)
}

// identify changes what a customer is recognised by.
func (t *tx) identify(ctx context.Context, b *buyer, was buyer, phone, email, lineID string) error {
	for _, change := range []struct{ kind, old, new string }{
		{KeyPhone, b.Phone, phone}, {KeyEmail, b.Email, email}, {KeyLineID, b.LineID, lineID},
	} {
		if err := t.reidentify(ctx, b.ref(), change.kind, change.old, change.new); err != nil {
			return err
		}
	}
	changed := b.Phone != phone || b.Email != email || b.LineID != lineID || b.Gone != was.Gone
	b.Phone, b.Email, b.LineID = phone, email, lineID
	t.write(b.row(), b)
	if changed {
		if err := t.lookAgainAt(ctx, b.Member); err != nil {
			return err
		}
	}
	if b.Name != was.Name || b.Kana != was.Kana || b.Sex != was.Sex || b.Birthday != was.Birthday ||
		b.Phone != was.Phone || b.Email != was.Email || b.Number != was.Number || b.Gone != was.Gone {
		t.touch(b.Member, partProfile)
	}
	return nil
}

// reidentify moves a customer from one value's row to another's, and has the
// customers who are left behind looked at again: they may be unambiguous now.
func (t *tx) reidentify(ctx context.Context, ref host.Ref, kind, old, value string) error {
	if old == value {
		return nil
	}
	if old != "" {
		row, err := t.identity(ctx, kind, old)
		if err != nil {
			return err
		}
		remove(&row.Customers, ref)
		t.reconsider(row.Customers)
		t.keepIdentity(kind, old, row)
	}
	if value == "" {
		return nil
	}
	row, err := t.identity(ctx, kind, value)
	if err != nil {
		return err
	}
	if addOnce(&row.Customers, ref) {
		t.reconsider(row.Customers)
	}
	t.keepIdentity(kind, value, row)
	return nil
}

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
	return t.meet(ctx, b, o)
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
	first := b.Tally.Orders == 0
	if !b.Tally.Change(before, after) {
		if err := t.recount(ctx, b); err != nil {
			return err
		}
	}
	t.write(b.row(), b)
	t.touch(b.Member, partOrders)
	if first && b.Tally.Orders > 0 {
		return t.match(ctx, b)
	}
	return nil
}

// meet lets an order tell what is not known of its customer yet.
func (t *tx) meet(ctx context.Context, b *buyer, o *commerce.Order) error {
	if b.Gone {
		return nil
	}
	phone, email := cmp.Or(b.Phone, phoneOf(o.Phone)), cmp.Or(b.Email, emailOf(o.Email))
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

// Numbers of any country have so many digits, with the country's (E.164; the
// shortest are those of small islands). What has fewer is a country alone.
const fewestDigits, mostDigits = 7, 15

// phoneOf and emailOf make values that mean the same equal; what is none is empty.
func phoneOf(text string) string {
	phone, err := jp.E164(text)
	if err != nil || strings.Trim(phone, "+0") == "" {
		return ""
	}
	if digits := len(phone) - len("+"); digits < fewestDigits || digits > mostDigits {
		return ""
	}
	return phone
}

// emailOf knows that nobody has an address under .invalid (RFC 2606): carts
// invent such addresses for customers who gave none.
func emailOf(text string) string {
	email := strings.ToLower(strings.TrimSpace(jp.Narrow(text)))
	name, domain, found := strings.Cut(email, "@")
	if !found || name == "" || !strings.Contains(domain, ".") || strings.ContainsAny(email, " \t\n") || strings.HasSuffix(domain, ".invalid") {
		return ""
	}
	return email
}
