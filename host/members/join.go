package members

import (
	"context"
	"fmt"
	"slices"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// Link makes a cart's customer the member's, whosever it was.
func (m *Members) Link(ctx context.Context, cause host.Cause, id string, customer host.Ref) error {
	return m.on(ctx, cause, id, func(t *tx, p *person) error {
		b, err := t.known(ctx, customer)
		if err != nil {
			return err
		}
		if b == nil {
			return host.ErrNotFound
		}
		if b.Member != p.ID {
			if err := t.part(ctx, b); err != nil {
				return err
			}
		}
		apart, err := t.apart(ctx, b, p)
		if err != nil {
			return err
		}
		for _, id := range append(apart, erasedMember) {
			remove(&b.Apart, id)
		}
		t.await(b, verdict{})
		if err := t.settleReview(ctx, b, p.ID); err != nil {
			return err
		}
		if b.Member == p.ID {
			return nil
		}
		return t.attach(ctx, p, b, KeyPerson)
	})
}

// settleReview keeps that the customer is none of the members whom a person was
// asked about but this one, so that nobody is asked again.
func (t *tx) settleReview(ctx context.Context, b *buyer, member string) error {
	r, err := read[host.MemberReview](ctx, t, key(tableReview, b.Connection, b.ID))
	if err != nil || r == nil {
		return err
	}
	for _, id := range r.Members {
		if id != member {
			addOnce(&b.Apart, id)
		}
	}
	return t.review(ctx, b, nil)
}

// part takes a customer from the member whose it is; no rule gives it back.
func (t *tx) part(ctx context.Context, b *buyer) error {
	if b.Member == "" {
		return nil
	}
	p, err := t.person(ctx, b.Member)
	if err != nil || p == nil {
		return err
	}
	addOnce(&b.Apart, p.ID)
	return t.detach(ctx, p, b)
}

// Unlink takes a customer from the member whose it is. Rules do not link them
// again. Another member may be recognised, but by nothing that this one has too.
func (m *Members) Unlink(ctx context.Context, cause host.Cause, customer host.Ref) error {
	return m.change(ctx, cause, func(t *tx) error {
		b, err := t.known(ctx, customer)
		if err != nil {
			return err
		}
		if b == nil || b.Member == "" {
			return host.ErrNotFound
		}
		if err := t.part(ctx, b); err != nil {
			return err
		}
		return t.match(ctx, b)
	})
}

// Dismiss settles a review: the customer is none of the members whom it may be.
func (m *Members) Dismiss(ctx context.Context, cause host.Cause, customer host.Ref) error {
	return m.change(ctx, cause, func(t *tx) error {
		b, err := t.known(ctx, customer)
		if err != nil {
			return err
		}
		if b == nil || !b.Review {
			return host.ErrNotFound
		}
		if err := t.settleReview(ctx, b, b.Member); err != nil {
			return err
		}
		return t.match(ctx, b)
	})
}

// Merge makes two members one: from becomes into, and its id leads there from now on.
func (m *Members) Merge(ctx context.Context, cause host.Cause, into, from string) error {
	return m.on(ctx, cause, into, func(t *tx, p *person) error {
		other, err := t.person(ctx, from)
		if err != nil {
			return err
		}
		switch {
		case other == nil:
			return host.ErrNotFound
		case other.ID == p.ID:
			return RefusedError{"both are the same member", "2つは同じ会員です"}
		}
		return t.merge(ctx, p, other)
	})
}

func (t *tx) merge(ctx context.Context, p, other *person) error {
	// Who reads nothing as p would be greeted as the other, who was greeted.
	moves := []func(ctx context.Context, to, from *person) error{t.moveAllCustomers, t.moveContacts}
	if !p.reachable() {
		slices.Reverse(moves)
	}
	for _, move := range moves {
		if err := move(ctx, p, other); err != nil {
			return err
		}
	}
	fill(&p.Name, other.Name)
	fill(&p.Kana, other.Kana)
	fill(&p.Sex, other.Sex)
	fill(&p.Birthday, other.Birthday)
	p.Points += other.Points
	for _, flag := range other.Flags {
		addOnce(&p.Flags, flag)
	}
	slices.Sort(p.Flags)
	p.inherit(other)
	if !other.Due.IsZero() {
		t.drop(timerKey(other.Due, other.ID))
	}
	*other = person{ID: other.ID, Registered: other.Registered, Merged: p.ID}
	t.save(other)
	t.save(p)
	t.note(p.ID, host.MemberMerged, other.ID, t.cause)
	t.note(other.ID, host.MemberMerged, p.ID, t.cause)
	t.touch(p.ID, partAll)
	if err := t.lookAgain(ctx, p); err != nil {
		return err
	}
	return t.count(ctx, other, -1, 0)
}

// inherit takes over the tags of a member who becomes p, and what a person
// decided of tags.
func (p *person) inherit(other *person) {
	for i := range other.Tags {
		for _, tag := range other.Tags[i].Tags {
			cause := other.Tags[i].cause(tag)
			refused := cause.By == host.ByRule && (slices.Contains(p.Refused, tag) || slices.Contains(p.Waived, tag))
			if p.tagged(tag) == nil && !refused {
				remove(&p.Waived, tag)
				p.give(tag, other.Tags[i].At, cause)
			}
		}
	}
	for _, tag := range other.Waived {
		if p.tagged(tag) == nil {
			addOnce(&p.Waived, tag)
		}
	}
	for _, tag := range other.Refused {
		if p.tagged(tag) == nil {
			addOnce(&p.Refused, tag)
		}
	}
}

func (t *tx) moveAllCustomers(ctx context.Context, to, from *person) error {
	return t.moveCustomers(ctx, to, from, from.Customers)
}

// moveCustomers makes customers of one member another's.
func (t *tx) moveCustomers(ctx context.Context, to, from *person, customers []host.Ref) error {
	for _, ref := range slices.Clone(customers) {
		b, err := read[buyer](ctx, t, customerKey(ref))
		if err != nil {
			return err
		}
		if b == nil {
			continue
		}
		by, linked := b.Key, b.Linked
		if err := t.detach(ctx, from, b); err != nil {
			return err
		}
		if err := t.attach(ctx, to, b, by); err != nil {
			return err
		}
		b.Linked = linked
		if linked.Before(to.Linked) {
			to.Linked = linked
		}
	}
	return nil
}

// moveContacts makes the channels, numbers and addresses of one member another's.
func (t *tx) moveContacts(ctx context.Context, to, from *person) error {
	for _, ch := range from.Channels {
		if err := t.moveChannel(ctx, to, from, ch); err != nil {
			return err
		}
	}
	for kind, lists := range map[string][2]*[]string{KeyPhone: {&to.Phones, &from.Phones}, KeyEmail: {&to.Emails, &from.Emails}} {
		for _, value := range *lists[1] {
			addOnce(lists[0], value)
			if err := t.transfer(ctx, to, from, kind, value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tx) moveChannel(ctx context.Context, to, from *person, ch commerce.MemberChannel) error {
	to.Channels = append(to.Channels, ch)
	t.write(key(tableUser, ch.Connection, ch.UserID), &pointer{Member: to.ID})
	return t.transfer(ctx, to, from, KeyLineID, ch.UserID)
}

func (t *tx) transfer(ctx context.Context, to, from *person, kind, value string) error {
	if err := t.disown(ctx, from.ID, kind, value); err != nil {
		return err
	}
	return t.own(ctx, to.ID, kind, value)
}

// Parts are what a split takes out of a member.
type Parts struct {
	// Channels name users of channels, Customers customers of carts.
	Channels  []host.Ref `json:"channels,omitempty"`
	Customers []host.Ref `json:"customers,omitempty"`
}

// Split takes channels and customers out of a member and makes a new member of
// them, whose id it returns. Tags, points, numbers and addresses stay.
func (m *Members) Split(ctx context.Context, cause host.Cause, id string, parts Parts) (made string, err error) {
	err = m.on(ctx, cause, id, func(t *tx, p *person) error {
		if len(parts.Channels)+len(parts.Customers) == 0 {
			return RefusedError{"nothing is to be taken out of the member", "会員から取り出すものを指定してください"}
		}
		if err := p.holds(parts); err != nil {
			return err
		}
		fresh, err := t.register(ctx)
		if err != nil {
			return err
		}
		made = fresh.ID
		return t.split(ctx, fresh, p, parts)
	})
	return made, err
}

func (p *person) holds(parts Parts) error {
	for _, ref := range parts.Customers {
		if !slices.Contains(p.Customers, ref) {
			return RefusedError{fmt.Sprintf("customer %s of %s is not the member's", ref.ID, ref.Connection), fmt.Sprintf("%[2]s の顧客 %[1]s は、この会員のものではありません", ref.ID, ref.Connection)}
		}
	}
	for _, ref := range parts.Channels {
		if p.channel(ref) < 0 {
			return RefusedError{fmt.Sprintf("user %s of %s is not the member", ref.ID, ref.Connection), fmt.Sprintf("%[2]s のユーザー %[1]s は、この会員ではありません", ref.ID, ref.Connection)}
		}
	}
	return nil
}

// channel is where the user stands in the member's list; -1 if not.
func (p *person) channel(user host.Ref) int {
	return slices.IndexFunc(p.Channels, func(c commerce.MemberChannel) bool {
		return c.Connection == user.Connection && c.UserID == user.ID
	})
}

func (t *tx) split(ctx context.Context, fresh, p *person, parts Parts) error {
	for _, ref := range parts.Channels {
		at := p.channel(ref)
		ch := p.Channels[at]
		p.Channels = slices.Delete(p.Channels, at, at+1)
		if err := t.moveChannel(ctx, fresh, p, ch); err != nil {
			return err
		}
	}
	for _, c := range p.Customers {
		if err := t.remember(ctx, fresh, c.Connection); err != nil {
			return err
		}
	}
	if err := t.moveCustomers(ctx, fresh, p, parts.Customers); err != nil {
		return err
	}
	t.save(p)
	t.save(fresh)
	t.note(p.ID, host.MemberSplit, fresh.ID, t.cause)
	t.note(fresh.ID, host.MemberSplit, p.ID, t.cause)
	t.touch(p.ID, partAll)
	t.touch(fresh.ID, partAll)
	return t.lookAgain(ctx, p)
}
