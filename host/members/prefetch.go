package members

import (
	"context"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// wanted is a row that a change will read.
type wanted struct {
	key  string
	load func(ctx context.Context, t *tx, k string) (*row, error)
}

func want[T any](k string) wanted { return wanted{k, load[T]} }

// prefetch reads what the facts will need, on all processors: finding and
// decoding rows is most of the work of a change. What it leaves out, or reads
// for nothing, costs time and no more.
func (t *tx) prefetch(ctx context.Context, facts []fact) error {
	var first []wanted
	for i := range facts {
		first = append(first, needs(facts[i].connection, facts[i].value)...)
	}
	if err := t.fetch(ctx, first); err != nil {
		return err
	}
	var then []wanted
	for i := range first {
		if b, is := t.rows[first[i].key].value.(*buyer); is && b.Member != "" {
			then = append(then, want[person](key(tableMember, b.Member)))
		}
	}
	return t.fetch(ctx, then)
}

// prefetchMembers reads the members of these rows and their customers.
func (t *tx) prefetchMembers(ctx context.Context, rows []string) error {
	persons := make([]wanted, 0, len(rows))
	for _, k := range rows {
		persons = append(persons, want[person](k))
	}
	if err := t.fetch(ctx, persons); err != nil {
		return err
	}
	var customers []string
	for _, k := range rows {
		if p, is := t.rows[k].value.(*person); is {
			for _, ref := range p.Customers {
				customers = append(customers, customerKey(ref))
			}
		}
	}
	return t.prefetchCustomers(ctx, customers)
}

// prefetchCustomers reads these rows of customers.
func (t *tx) prefetchCustomers(ctx context.Context, rows []string) error {
	buyers := make([]wanted, 0, len(rows))
	for _, k := range rows {
		buyers = append(buyers, want[buyer](k))
	}
	return t.fetch(ctx, buyers)
}

// needs are the rows that a fact certainly reads.
func needs(connection string, value any) []wanted {
	customer := func(id string) wanted {
		return want[buyer](customerKey(host.Ref{Connection: connection, ID: id}))
	}
	switch v := value.(type) {
	case *commerce.Customer:
		return append(identities(phoneOf(v.Phone), emailOf(v.Email), v.LineID), customer(v.ID))
	case *commerce.Order:
		return []wanted{want[owner](key(tableOrder, connection, v.ID)), customer(v.CustomerID)}
	case *commerce.Subscription:
		return []wanted{want[owner](key(tableSubs, connection, v.ID)), customer(v.CustomerID)}
	case *commerce.Contact:
		return append(identities(phoneOf(v.Phone), emailOf(v.Email), v.UserID), want[pointer](key(tableUser, connection, v.UserID)))
	default:
		return nil
	}
}

func identities(phone, email, user string) []wanted {
	var all []wanted
	for _, of := range []struct{ kind, value string }{{KeyPhone, phone}, {KeyEmail, email}, {KeyLineID, user}} {
		if of.value != "" {
			all = append(all, want[identity](key(tableIdentity, of.kind, of.value)))
		}
	}
	return all
}

func (t *tx) fetch(ctx context.Context, all []wanted) error {
	found := make([]*row, len(all))
	err := inParallel(len(all), func(i int) (err error) {
		if t.rows[all[i].key] == nil {
			found[i], err = all[i].load(ctx, t, all[i].key)
		}
		return err
	})
	for i, r := range found {
		if r != nil && t.rows[all[i].key] == nil {
			t.rows[all[i].key] = r
		}
	}
	return err
}
