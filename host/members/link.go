package members

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
)

// verdict is what the link rules say of a customer.
type verdict struct {
	// member is whom the customer is; empty if nobody or not known.
	member, key string
	// pending says that the link waits for the first order.
	pending bool
	// review says why a person must decide.
	review *host.MemberReview
}

// match has a customer recognised by what is known now. A customer who is
// linked stays so; that another member matches as well is put up for review.
func (t *tx) match(ctx context.Context, b *buyer) error {
	if err := t.anonymise(ctx, b); err != nil {
		return err
	}
	v, err := t.judge(ctx, b)
	if err != nil {
		return err
	}
	t.await(b, v)
	if err := t.review(ctx, b, v.review); err != nil {
		return err
	}
	if v.member == "" || v.pending || b.Member != "" {
		return nil
	}
	p, err := t.person(ctx, v.member)
	if err != nil || p == nil {
		return err
	}
	return t.attach(ctx, p, b, v.key)
}

// judge asks the rules of the customer's cart, in their order; the first that
// has anything to say decides.
func (t *tx) judge(ctx context.Context, b *buyer) (verdict, error) {
	if b.Gone {
		return verdict{}, nil
	}
	for _, rule := range t.m.Book().linksOf(b.Connection) {
		if (b.Guest && !rule.Guests) || (rule.Wants != nil && !slices.Contains(b.Wanted, rule.Name)) {
			continue
		}
		v, err := t.judgeBy(ctx, b, &rule)
		if err != nil || v.member != "" || v.review != nil {
			return v, err
		}
	}
	return verdict{}, nil
}

// judgeBy looks each key up. All keys that lead anywhere must lead to the same
// single member, and no other customer of the cart may have the deciding key.
func (t *tx) judgeBy(ctx context.Context, b *buyer, rule *LinkRule) (verdict, error) {
	var found verdict
	for _, k := range rule.Keys {
		value := b.valueOf(k.Name)
		if value == "" {
			continue
		}
		members, parted, err := t.holders(ctx, b, rule, k.Name, value)
		if err != nil {
			return verdict{}, err
		}
		if len(members) == 0 {
			continue
		}
		others, err := t.rivalsFor(ctx, b, rule, k.Name, value)
		if err != nil {
			return verdict{}, err
		}
		if len(others) == 0 {
			if others, err = t.leftBehind(ctx, b, members, k.Name); err != nil {
				return verdict{}, err
			}
		}
		review := &host.MemberReview{Customer: b.ref(), Key: k.Name, Value: value, Members: members, Others: others, Since: t.now}
		switch {
		case b.Member != "" && !slices.Contains(members, b.Member):
			review.Reason = host.ReviewConflict
			return verdict{review: review}, nil
		case b.Member != "":
			return verdict{member: b.Member}, nil
		case found.member != "" && !slices.Contains(members, found.member):
			review.Reason, review.Members = host.ReviewConflict, append([]string{found.member}, members...)
			return verdict{review: review}, nil
		case found.member == "" && (len(members) > 1 || parted || len(others) > 0):
			review.Reason = host.ReviewAmbiguous
			return verdict{review: review}, nil
		case found.member == "" && k.Unsure:
			review.Reason = host.ReviewUnsure
			return verdict{review: review}, nil
		case found.member == "":
			found = verdict{member: members[0], key: k.Name, pending: rule.RequireOrder && b.Tally.Orders == 0}
		}
	}
	return found, nil
}

func (b *buyer) valueOf(key string) string {
	switch key {
	case KeyPhone:
		return b.Phone
	case KeyEmail:
		return b.Email
	case KeyLineID:
		return b.LineID
	default:
		return ""
	}
}

// leftBehind returns the customers of b's cart whom these members were recognised as
// by the same key and who have no such value of theirs any more: it may have
// passed on, from them to b.
func (t *tx) leftBehind(ctx context.Context, b *buyer, members []string, k string) (ids []string, err error) {
	for _, id := range members {
		p, err := t.person(ctx, id)
		if err != nil {
			return nil, err
		}
		customers, err := t.buyers(ctx, p)
		if err != nil {
			return nil, err
		}
		for _, c := range customers {
			same := c.Connection == b.Connection && c.ID != b.ID && c.Key == k
			if same && !c.Gone && !c.Guest && !slices.Contains(p.values(k), c.valueOf(k)) {
				ids = append(ids, c.ID)
			}
		}
	}
	return ids, nil
}

// values are the member's own of a key.
func (p *person) values(key string) []string {
	switch key {
	case KeyPhone:
		return p.Phones
	case KeyEmail:
		return p.Emails
	}
	users := make([]string, 0, len(p.Channels))
	for i := range p.Channels {
		users = append(users, p.Channels[i].UserID)
	}
	return users
}

// holders returns the members of the rule's channel who have a value. parted says
// that it may be a further one's: of whom a person said that the customer is not that
// one, or who was erased.
func (t *tx) holders(ctx context.Context, b *buyer, rule *LinkRule, k, value string) (members []string, parted bool, err error) {
	row, err := t.identity(ctx, k, value)
	if err != nil || row.Common {
		return nil, false, err
	}
	parted = slices.Contains(b.Apart, erasedMember)
	for _, id := range row.Members {
		p, err := t.person(ctx, id)
		if err != nil {
			return nil, false, err
		}
		if p == nil || !p.on(rule.Channel) {
			continue
		}
		apart, err := t.apart(ctx, b, p)
		if err != nil {
			return nil, false, err
		}
		if len(apart) == 0 {
			addOnce(&members, p.ID)
		}
		parted = parted || len(apart) > 0
	}
	return members, parted, nil
}

// rivalsFor returns the further customers of the cart who have a value.
func (t *tx) rivalsFor(ctx context.Context, b *buyer, rule *LinkRule, k, value string) (others []string, err error) {
	row, err := t.identity(ctx, k, value)
	if err != nil {
		return nil, err
	}
	for _, ref := range row.Customers {
		rival, err := t.rivals(ctx, b, ref, rule)
		if err != nil {
			return nil, err
		}
		if rival {
			others = append(others, ref.ID)
		}
	}
	return others, nil
}

// apart returns by which ids a person said that the customer is not p: p's own,
// and those of members who were merged into p.
func (t *tx) apart(ctx context.Context, b *buyer, p *person) (ids []string, err error) {
	for _, id := range b.Apart {
		was, err := t.person(ctx, id)
		if err != nil {
			return nil, err
		}
		if was != nil && was.ID == p.ID {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// erasedMember stands for members who were erased, among those from whom a
// customer was taken: it was somebody's, and nobody can tell whose.
const erasedMember = "erased"

// anonymise keeps of members who were erased meanwhile only that there were any.
func (t *tx) anonymise(ctx context.Context, b *buyer) error {
	for _, id := range slices.Clone(b.Apart) {
		p, err := t.person(ctx, id)
		if err != nil {
			return err
		}
		if p == nil && id != erasedMember {
			remove(&b.Apart, id)
			addOnce(&b.Apart, erasedMember)
			t.write(b.row(), b)
		}
	}
	return nil
}

// rivals says whether another customer may be meant by the same value: one of
// the same cart that the rule is about, and no guest.
func (t *tx) rivals(ctx context.Context, b *buyer, other host.Ref, rule *LinkRule) (bool, error) {
	if other.Connection != b.Connection || other.ID == b.ID || strings.HasPrefix(other.ID, guestPrefix) {
		return false, nil
	}
	if rule.Wants == nil {
		return true, nil
	}
	o, err := read[buyer](ctx, t, customerKey(other))
	return o != nil && slices.Contains(o.Wanted, rule.Name), err
}

// on says whether the member is known on the channel; an empty one is any.
func (p *person) on(channel string) bool {
	if channel == "" {
		return true
	}
	for i := range p.Channels {
		if p.Channels[i].Connection == channel {
			return true
		}
	}
	return false
}

// await keeps whether the customer waits for a first order.
func (t *tx) await(b *buyer, v verdict) {
	waits := ""
	if v.pending && b.Member == "" {
		waits = v.member
	}
	if waits == b.Pending {
		return
	}
	at := key(tablePending, b.Connection, b.ID)
	b.Pending = waits
	t.write(b.row(), b)
	if waits == "" {
		t.drop(at)
		return
	}
	t.write(at, &host.MemberPending{Customer: b.ref(), Member: waits, Since: t.now})
}

// review keeps what a person must decide about the customer, nil for nothing.
// The same question waits since it came up first.
func (t *tx) review(ctx context.Context, b *buyer, r *host.MemberReview) error {
	at := key(tableReview, b.Connection, b.ID)
	switch {
	case r != nil && b.Review:
		known, err := read[host.MemberReview](ctx, t, at)
		if err != nil {
			return err
		}
		if known != nil && known.Reason == r.Reason && known.Key == r.Key && known.Value == r.Value {
			r.Since = known.Since
		}
	case r == nil && !b.Review:
		return nil
	}
	if b.Review = r != nil; b.Review {
		t.write(at, r)
	} else {
		t.drop(at)
	}
	t.write(b.row(), b)
	return nil
}

// attach makes the customer the member's.
func (t *tx) attach(ctx context.Context, p *person, b *buyer, by string) error {
	b.Member, b.Key, b.Linked = p.ID, by, t.now
	t.write(b.row(), b)
	if err := t.linkMade(ctx, p, b, by); err != nil {
		return err
	}
	first := len(p.Customers) == 0
	addOnce(&p.Customers, b.ref())
	if p.Linked.IsZero() {
		p.Linked = t.now
	}
	t.save(p)
	t.note(p.ID, host.MemberLinked, b.name(), t.because(host.Cause{By: host.ByRule, Name: by}))
	t.touch(p.ID, partLinks)
	if first {
		return t.count(ctx, p, 0, 1)
	}
	return nil
}

// detach takes the customer away from its member.
func (t *tx) detach(ctx context.Context, p *person, b *buyer) error {
	if err := t.remember(ctx, p, b.Connection); err != nil {
		return err
	}
	remove(&p.Customers, b.ref())
	t.links = append(t.links, linkNews{EventUnlinked, p.ID, b.ref(), b.Key})
	b.Member, b.Key, b.Linked = "", "", time.Time{}
	t.write(b.row(), b)
	t.save(p)
	t.note(p.ID, host.MemberUnlinked, b.name(), t.cause)
	t.touch(p.ID, partLinks)
	if err := t.lookAgain(ctx, p); err != nil || len(p.Customers) > 0 {
		return err
	}
	p.Linked = time.Time{}
	return t.count(ctx, p, 0, -1)
}

// because is who did it: a person who asked for it, or the rule that found it.
func (t *tx) because(found host.Cause) host.Cause {
	if t.cause.By == host.ByPerson || t.cause.By == host.ByFlow {
		return t.cause
	}
	return found
}

func (t *tx) save(p *person) { t.write(key(tableMember, p.ID), p) }
