package members

import (
	"context"
	"slices"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/commerce"
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
		t.want(b, f.raw)
	}
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
