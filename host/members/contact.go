package members

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// pointer is a row that leads to a member.
type pointer struct {
	Member string `json:"m"`
}

// contact takes in what a channel tells of a person. Whoever is heard of for
// the first time becomes a member. told is when it happened, zero where it is
// only known to be so.
func (t *tx) contact(ctx context.Context, connection string, c *commerce.Contact, told time.Time) error {
	if c.UserID == "" {
		return nil // a group, or somebody who did not agree to be known
	}
	p, err := t.friend(ctx, connection, c.UserID)
	if err != nil {
		return err
	}
	t.follow(p, connection, c, told)
	if day := birthdayOf(c.Birthday); p.Birthday == "" && day != "" {
		p.Birthday = day
		t.touch(p.ID, partProfile)
	}
	if err := t.reach(ctx, p, c.Phone, c.Email); err != nil {
		return err
	}
	t.save(p)
	return nil
}

// friend returns the member who is this user of the channel, a new one if there is none.
func (t *tx) friend(ctx context.Context, connection, user string) (*person, error) {
	at := key(tableUser, connection, user)
	known, err := read[pointer](ctx, t, at)
	if err != nil {
		return nil, err
	}
	if known != nil {
		p, err := t.person(ctx, known.Member)
		if p != nil || err != nil {
			return p, err
		}
	}
	p, err := t.register(ctx)
	if err != nil {
		return nil, err
	}
	t.write(at, &pointer{Member: p.ID})
	p.Channels = append(p.Channels, commerce.MemberChannel{Connection: connection, UserID: user})
	t.note(p.ID, host.MemberChannel, connection+" "+user, t.cause)
	t.touch(p.ID, partChannels)
	return p, t.own(ctx, p.ID, KeyLineID, user)
}

// register makes a new member.
func (t *tx) register(ctx context.Context) (*person, error) {
	p := &person{ID: t.m.NewID(), Registered: t.now}
	t.save(p)
	t.note(p.ID, host.MemberRegistered, "", t.cause)
	t.touch(p.ID, partAll)
	return p, t.count(ctx, p, 1, 0)
}

// follow keeps how the person stands on the channel. Channels repeat what was
// not answered, so that a block may be told after the end of it, and a follow
// after the block that came then.
func (t *tx) follow(p *person, connection string, c *commerce.Contact, told time.Time) {
	at := slices.IndexFunc(p.Channels, func(ch commerce.MemberChannel) bool {
		return ch.Connection == connection && ch.UserID == c.UserID
	})
	ch := &p.Channels[at]
	was := *ch
	ch.Name = cmp.Or(c.Name, ch.Name)
	late := !told.IsZero() && (told.Before(ch.FollowedAt) || told.Before(ch.UnfollowedAt))
	switch {
	case c.Following == nil:
	case !*c.Following:
		ch.UnfollowedAt = latest(ch.UnfollowedAt, told, t.now)
	case !ch.Following || !told.IsZero():
		ch.FollowedAt = latest(ch.FollowedAt, told, t.now)
	}
	if c.Following != nil && !late {
		ch.Following = *c.Following
	}
	if *ch != was {
		t.touch(p.ID, partChannels|partProfile)
	}
}

// latest is the later of what was known and what is told, which is now if nobody says when.
func latest(known, told, now time.Time) time.Time {
	if told.IsZero() {
		return now
	}
	if told.Before(known) {
		return known
	}
	return told.UTC()
}

// reach adds a telephone number and an address to the member's own.
func (t *tx) reach(ctx context.Context, p *person, phone, email string) error {
	if phone = phoneOf(phone); phone != "" && addOnce(&p.Phones, phone) {
		if err := t.contactChanged(ctx, p, phone); err != nil {
			return err
		}
		if err := t.own(ctx, p.ID, KeyPhone, phone); err != nil {
			return err
		}
	}
	if email = emailOf(email); email != "" && addOnce(&p.Emails, email) {
		if err := t.contactChanged(ctx, p, email); err != nil {
			return err
		}
		return t.own(ctx, p.ID, KeyEmail, email)
	}
	return nil
}

func (t *tx) contactChanged(ctx context.Context, p *person, what string) error {
	t.save(p)
	t.note(p.ID, host.MemberContact, what, t.cause)
	t.touch(p.ID, partProfile)
	return t.lookAgain(ctx, p)
}

// count changes the numbers of the month in which the member was registered.
func (t *tx) count(ctx context.Context, p *person, registered, linked int64) error {
	month := monthOf(p.Registered)
	at := key(tableMonth, month)
	row, err := read[host.MemberMonth](ctx, t, at)
	if err != nil {
		return err
	}
	if row == nil {
		row = &host.MemberMonth{Month: month}
	}
	row.Registered += registered
	row.Linked += linked
	t.write(at, row)
	return nil
}

func monthOf(at time.Time) string { return at.In(jp.Zone).Format("2006-01") }
