package members

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// Get returns a member, also by the id of one who was merged into it, or host.ErrNotFound.
func (m *Members) Get(ctx context.Context, id string) (*commerce.Member, error) {
	t := m.begin(host.Cause{})
	p, err := t.person(ctx, id)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, host.ErrNotFound
	}
	return t.view(ctx, p)
}

// Query names somebody by one thing; exactly one field is set.
type Query struct {
	Phone, Email string
	// User is a user of a channel, Customer a customer of a cart.
	User, Customer host.Ref
}

// Find returns the members whom the query names. A telephone number or an
// address finds members whose own it is and those of its customers; there may
// be several. A value that very many have finds nobody.
func (m *Members) Find(ctx context.Context, q Query) ([]*commerce.Member, error) {
	t := m.begin(host.Cause{})
	ids, err := t.named(ctx, q)
	if err != nil {
		return nil, err
	}
	var found []*commerce.Member
	for _, id := range ids {
		p, err := t.person(ctx, id)
		if err != nil {
			return nil, err
		}
		if p == nil {
			continue
		}
		v, err := t.view(ctx, p)
		if err != nil {
			return nil, err
		}
		found = append(found, v)
	}
	return found, nil
}

func (t *tx) named(ctx context.Context, q Query) ([]string, error) {
	switch {
	case q.User.ID != "":
		row, err := read[pointer](ctx, t, key(tableUser, q.User.Connection, q.User.ID))
		if row == nil || err != nil {
			return nil, err
		}
		return []string{row.Member}, nil
	case q.Customer.ID != "":
		return t.membersOf(ctx, []host.Ref{q.Customer}, nil)
	}
	kind, value := KeyPhone, phoneOf(q.Phone)
	if value == "" {
		kind, value = KeyEmail, emailOf(q.Email)
	}
	row, err := t.identity(ctx, kind, value)
	if err != nil {
		return nil, err
	}
	return t.membersOf(ctx, row.Customers, slices.Clone(row.Members))
}

// membersOf adds the members whose customers these are to ids.
func (t *tx) membersOf(ctx context.Context, customers []host.Ref, ids []string) ([]string, error) {
	for _, ref := range customers {
		b, err := t.known(ctx, ref)
		if err != nil {
			return nil, err
		}
		if b != nil && b.Member != "" {
			addOnce(&ids, b.Member)
		}
	}
	return ids, nil
}

// Each calls visit with every member from the id after on, in order of
// registration, until visit returns host-side store.ErrStop.
func (m *Members) Each(ctx context.Context, after string, visit func(*commerce.Member) error) error {
	prefix := under(tableMember)
	r := store.Range{Prefix: prefix, From: prefix + after}
	if after != "" {
		r.From += "\x00"
	}
	return m.Store.Scan(ctx, r, func(_ string, raw []byte) error {
		p := new(person)
		if err := sdk.Decode(raw, p); err != nil {
			return fmt.Errorf("a stored member cannot be read: %w", err)
		}
		if p.Merged != "" {
			return nil
		}
		v, err := m.begin(host.Cause{}).view(ctx, p)
		if err != nil {
			return err
		}
		return visit(v)
	})
}

// Tags returns the member's tags with their reasons, by name.
func (m *Members) Tags(ctx context.Context, id string) ([]host.MemberTag, error) {
	p, err := m.begin(host.Cause{}).person(ctx, id)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, host.ErrNotFound
	}
	history, err := m.History(ctx, p.ID, 0)
	if err != nil {
		return nil, err
	}
	tags := []host.MemberTag{}
	for _, name := range p.tagNames() {
		g := p.tagged(name)
		tag := host.MemberTag{Tag: name, At: g.At, Cause: g.cause(name)}
		for i := range history { // the newest first
			if h := &history[i]; h.What == host.MemberTagged && h.Detail == name {
				tag.Cause = h.Cause
				break
			}
		}
		tags = append(tags, tag)
	}
	return tags, nil
}

// Purchases returns the member's orders, newest first, at most limit (0: all).
func (m *Members) Purchases(ctx context.Context, id string, limit int) ([]host.MemberPurchase, error) {
	t := m.begin(host.Cause{})
	p, err := t.person(ctx, id)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, host.ErrNotFound
	}
	customers, err := t.buyers(ctx, p)
	if err != nil {
		return nil, err
	}
	var all []host.MemberPurchase
	for _, b := range customers {
		some, err := t.purchases(ctx, b)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b host.MemberPurchase) int {
		return cmp.Or(b.OrderedAt.Compare(a.OrderedAt), cmp.Compare(b.Order, a.Order))
	})
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	return all, nil
}

func (t *tx) purchases(ctx context.Context, b *buyer) ([]host.MemberPurchase, error) {
	orders, err := t.orders(ctx, b)
	if err != nil {
		return nil, err
	}
	all := make([]host.MemberPurchase, 0, len(orders))
	for id, o := range orders {
		if o.Unbought {
			continue
		}
		purchase := host.MemberPurchase{
			Connection: b.Connection, Customer: b.ID, Order: id, Number: o.Number, OrderedAt: o.Ordered, ShippedAt: o.Shipped,
			Cancelled: o.Cancelled, Total: commerce.Money{Amount: o.Amount, Currency: o.Currency}, Items: []string{}, URL: o.URL,
		}
		for i := range o.Lines {
			purchase.Items = append(purchase.Items, fmt.Sprintf("%s × %d", cmp.Or(o.Lines[i].Name, o.Lines[i].Code), o.Lines[i].Quantity))
		}
		all = append(all, purchase)
	}
	return all, nil
}

// Reviews returns the customers who wait for a person, at most limit (0: all).
func (m *Members) Reviews(ctx context.Context, limit int) ([]host.MemberReview, error) {
	return rows[host.MemberReview](ctx, m, store.Range{Prefix: under(tableReview), Limit: limit})
}

// Pending returns the customers who wait for their first order, at most limit (0: all).
func (m *Members) Pending(ctx context.Context, limit int) ([]host.MemberPending, error) {
	return rows[host.MemberPending](ctx, m, store.Range{Prefix: under(tablePending), Limit: limit})
}

// Faults returns the events that could not be taken in, newest first, at most limit (0: all).
func (m *Members) Faults(ctx context.Context, limit int) ([]host.MemberFault, error) {
	return rows[host.MemberFault](ctx, m, store.Range{Prefix: under(tableFault), Limit: limit, Reverse: true})
}

// Months returns how many members were registered each month, oldest first.
func (m *Members) Months(ctx context.Context) ([]host.MemberMonth, error) {
	return rows[host.MemberMonth](ctx, m, store.Range{Prefix: under(tableMonth)})
}

// rows decodes the rows of a range.
func rows[T any](ctx context.Context, m *Members, r store.Range) ([]T, error) {
	all := []T{}
	err := m.Store.Scan(ctx, r, func(_ string, raw []byte) error {
		var row T
		if err := sdk.Decode(raw, &row); err != nil {
			return fmt.Errorf("a stored %T cannot be read: %w", row, err)
		}
		all = append(all, row)
		return nil
	})
	return all, err
}
