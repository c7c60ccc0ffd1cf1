package members

import (
	"context"
	"slices"

	"github.com/musubi-run/musubi/host/members/tally"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// person returns a member, following merges; nil if there is none.
func (t *tx) person(ctx context.Context, id string) (*person, error) {
	for {
		p, err := read[person](ctx, t, key(tableMember, id))
		if err != nil || p == nil || p.Merged == "" {
			return p, err
		}
		id = p.Merged
	}
}

// buyers returns the member's customers, in the order in which they were linked.
func (t *tx) buyers(ctx context.Context, p *person) ([]*buyer, error) {
	all := make([]*buyer, 0, len(p.Customers))
	for _, ref := range p.Customers {
		b, err := read[buyer](ctx, t, customerKey(ref))
		if err != nil {
			return nil, err
		}
		if b == nil {
			continue
		}
		if err := t.date(ctx, b); err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

// view is the member as rules see it.
func (t *tx) view(ctx context.Context, p *person) (*commerce.Member, error) {
	customers, err := t.buyers(ctx, p)
	if err != nil {
		return nil, err
	}
	return t.m.Book().viewOf(p, customers), nil
}

// viewOf puts a member together. The member's own word goes first; then that of
// the customers as the link rules say; what is empty never hides what is known.
func (b *Book) viewOf(p *person, customers []*buyer) *commerce.Member {
	m := &commerce.Member{
		ID: p.ID, Name: p.Name, Kana: p.Kana, Sex: p.Sex, Birthday: p.Birthday,
		Phones: append([]string{}, p.Phones...), Emails: append([]string{}, p.Emails...),
		Tags: p.tagNames(), Flags: append([]string{}, p.Flags...), Points: p.Points,
		Linked: len(customers) > 0, RegisteredAt: p.Registered, LinkedAt: p.Linked,
		Channels: append([]commerce.MemberChannel{}, p.Channels...), Customers: []commerce.MemberCustomer{},
		Products: []commerce.MemberProduct{}, Subscriptions: []commerce.MemberSubscription{}, Carts: []commerce.CartTotals{},
	}
	for _, c := range customers {
		m.Customers = append(m.Customers, commerce.MemberCustomer{Connection: c.Connection, ID: c.ID, Number: c.Number, Key: c.Key, LinkedAt: c.Linked})
	}
	b.inherit(m, customers)
	addTallies(m, customers)
	for _, c := range m.Channels {
		fill(&m.Name, c.Name)
	}
	return m
}

// attribute is what a member may have from a customer.
type attribute struct {
	name  string
	value func(*buyer) string
	give  func(*commerce.Member, string)
}

var attributes = []attribute{
	{"name", func(b *buyer) string { return b.Name }, func(m *commerce.Member, v string) { fill(&m.Name, v) }},
	{"kana", func(b *buyer) string { return b.Kana }, func(m *commerce.Member, v string) { fill(&m.Kana, v) }},
	{"sex", func(b *buyer) string { return b.Sex }, func(m *commerce.Member, v string) { fill(&m.Sex, v) }},
	{"birthday", func(b *buyer) string { return string(b.Birthday) }, func(m *commerce.Member, v string) { fill(&m.Birthday, commerce.Birthday(v)) }},
	{"phone", func(b *buyer) string { return b.Phone }, func(m *commerce.Member, v string) { include(&m.Phones, v) }},
	{"email", func(b *buyer) string { return b.Email }, func(m *commerce.Member, v string) { include(&m.Emails, v) }},
}

// inherit gives the member what the customers say, in the order in which their
// word counts: where the newest does, those who were changed last go first, and
// those who are gone last.
func (b *Book) inherit(m *commerce.Member, customers []*buyer) {
	for i := range attributes {
		a := &attributes[i]
		for _, customer := range b.whoSays(a.name, customers) {
			a.give(m, a.value(customer))
		}
	}
}

// whoSays are the customers whose word counts for an attribute, in its order.
func (b *Book) whoSays(attribute string, customers []*buyer) []*buyer {
	said := make([]*buyer, 0, len(customers))
	newest := 0
	for _, customer := range customers {
		switch b.take(customer.Connection, attribute) {
		case TakeNever:
		case TakeNewest:
			said = slices.Insert(said, newest, customer)
			newest++
		default:
			said = append(said, customer)
		}
	}
	slices.SortStableFunc(said[:newest], func(x, y *buyer) int {
		switch {
		case x.Gone == y.Gone:
			return y.Updated.Compare(x.Updated)
		case x.Gone:
			return 1
		default:
			return -1
		}
	})
	return said
}

func addTallies(m *commerce.Member, customers []*buyer) {
	var carts []string
	byCart := make(map[string][]*tally.Tally, 1)
	var all tally.Sum
	tallies := make([]*tally.Tally, 0, len(customers))
	for _, b := range customers {
		tallies = append(tallies, &b.Tally)
		addOnce(&carts, b.Connection)
		byCart[b.Connection] = append(byCart[b.Connection], &b.Tally)
		all.Add(&b.Tally)
	}
	m.Totals = all.Totals()
	m.Recent = tally.RecentOf(tallies, m.Totals.Currency)
	slices.Sort(carts)
	for _, cart := range carts {
		var sum tally.Sum
		for _, one := range byCart[cart] {
			sum.Add(one)
		}
		m.Carts = append(m.Carts, commerce.CartTotals{Connection: cart, Totals: sum.Totals()})
		products, subscriptions := tally.Combine(byCart[cart]).View(cart)
		m.Products, m.Subscriptions = append(m.Products, products...), append(m.Subscriptions, subscriptions...)
	}
}

func fill[T ~string](field *T, value T) {
	if *field == "" {
		*field = value
	}
}

func include(list *[]string, value string) {
	if value != "" {
		addOnce(list, value)
	}
}
