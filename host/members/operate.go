package members

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// on changes one member; host.ErrNotFound if there is none.
func (m *Members) on(ctx context.Context, cause host.Cause, id string, do func(*tx, *person) error) error {
	return m.change(ctx, cause, func(t *tx) error {
		p, err := t.person(ctx, id)
		if err != nil {
			return err
		}
		if p == nil {
			return host.ErrNotFound
		}
		return do(t, p)
	})
}

// Tag gives members a tag, all in one commit, and returns how many did not have
// it. A member who is not there is passed over.
func (m *Members) Tag(ctx context.Context, cause host.Cause, ids []string, name string) (changed int, err error) {
	return m.each(ctx, cause, ids, func(t *tx, p *person, view *commerce.Member) bool {
		remove(&p.Refused, name)
		remove(&p.Waived, name)
		if p.tagged(name) != nil {
			return false
		}
		p.give(name, t.now, cause)
		t.retag(p, view, EventTagAdded, host.MemberTagged, name, cause)
		return true
	})
}

// Untag takes a tag away. Where a person does it no rule gives it again; where a
// flow does, its rule gives it again once it has not held in between.
func (m *Members) Untag(ctx context.Context, cause host.Cause, ids []string, name string) (changed int, err error) {
	return m.each(ctx, cause, ids, func(t *tx, p *person, view *commerce.Member) bool {
		if !p.untag(name) {
			return false
		}
		switch {
		case cause.By == host.ByPerson:
			addOnce(&p.Refused, name)
		case t.ruled(view, name):
			addOnce(&p.Waived, name)
		}
		t.retag(p, view, EventTagRemoved, host.MemberUntagged, name, cause)
		return true
	})
}

// ruled says whether a rule would give the member the tag now.
func (t *tx) ruled(member *commerce.Member, tag string) bool {
	book := t.m.Book()
	at := slices.IndexFunc(book.Tags, func(r TagRule) bool { return r.Tag == tag })
	if at < 0 {
		return false
	}
	holds, err := book.Tags[at].Holds(book.View(member), t.now)
	return holds && err == nil
}

// Friend returns the member who is a user of a channel, a new one if nobody has
// heard of the user yet.
func (m *Members) Friend(ctx context.Context, cause host.Cause, connection, user string) (id string, err error) {
	if connection == "" || user == "" {
		return "", RefusedError{"nobody is named: give member, or connection and user_id", "会員が指定されていません。member、または connection と user_id を指定してください"}
	}
	err = m.change(ctx, cause, func(t *tx) error {
		p, err := t.friend(ctx, connection, user)
		if p != nil {
			id = p.ID
		}
		return err
	})
	return id, err
}

// bulk is how many members are changed in one commit.
const bulk = 256

func (m *Members) each(ctx context.Context, cause host.Cause, ids []string, do func(*tx, *person, *commerce.Member) bool) (changed int, err error) {
	for some := range slices.Chunk(ids, bulk) {
		count := 0
		err := m.change(ctx, cause, func(t *tx) error {
			count, err = t.eachOf(ctx, some, do)
			return err
		})
		if err != nil {
			return changed, err
		}
		changed += count
	}
	return changed, nil
}

func (t *tx) eachOf(ctx context.Context, ids []string, do func(*tx, *person, *commerce.Member) bool) (changed int, err error) {
	for _, id := range ids {
		p, err := t.person(ctx, id)
		if err != nil {
			return 0, err
		}
		if p == nil {
			continue
		}
		view, err := t.view(ctx, p)
		if err != nil {
			return 0, err
		}
		if do(t, p, view) {
			changed++
		}
	}
	return changed, nil
}

// Flag puts a flag of a member up, or down.
func (m *Members) Flag(ctx context.Context, cause host.Cause, id, flag string, up bool) error {
	return m.on(ctx, cause, id, func(t *tx, p *person) error {
		changed, what := remove(&p.Flags, flag), host.MemberUnflagged
		if up {
			changed, what = !changed, host.MemberFlagged
			p.Flags = append(p.Flags, flag)
			slices.Sort(p.Flags)
		}
		if changed {
			t.save(p)
			t.note(p.ID, what, flag, cause)
			t.touch(p.ID, partFlags)
		}
		return nil
	})
}

// onceFor is how long a repetition of the same step is recognised.
const onceFor = 90 * 24 * time.Hour

// AddPoints adds points, or takes them if n is negative, and returns the
// balance. Nothing is added twice for the same key, if it is not empty.
func (m *Members) AddPoints(ctx context.Context, cause host.Cause, id string, n int64, once string) (balance int64, err error) {
	err = m.on(ctx, cause, id, func(t *tx, p *person) error {
		balance = p.Points
		if repeated, err := t.repeated(ctx, once); repeated || err != nil {
			return err
		}
		p.Points += n
		balance = p.Points
		t.save(p)
		t.note(p.ID, host.MemberPoints, fmt.Sprintf("%+d", n), cause)
		t.touch(p.ID, partPoints)
		return nil
	})
	return balance, err
}

func (t *tx) repeated(ctx context.Context, once string) (bool, error) {
	if once == "" {
		return false, nil
	}
	at := key(tableState, "once", once)
	done, err := read[mark](ctx, t, at)
	if done != nil || err != nil {
		return done != nil, err
	}
	t.keepFor(at, &mark{}, onceFor)
	return false, nil
}

// Details are what a form or a person tells of a member. Empty fields tell nothing.
type Details struct {
	Name, Kana, Phone, Email, Sex string
	Birthday                      commerce.Birthday
}

// Describe keeps what a person said about a member. A telephone number or an
// address that is none is an error of kind Invalid.
func (m *Members) Describe(ctx context.Context, cause host.Cause, id string, d Details) error {
	if err := d.check(); err != nil {
		return err
	}
	return m.on(ctx, cause, id, func(t *tx, p *person) error {
		was := *p
		overwrite(&p.Name, d.Name)
		overwrite(&p.Kana, d.Kana)
		overwrite(&p.Sex, d.Sex)
		p.Birthday = newBirthday(d.Birthday, p.Birthday)
		if p.Name != was.Name || p.Kana != was.Kana || p.Sex != was.Sex || p.Birthday != was.Birthday {
			t.save(p)
			t.touch(p.ID, partProfile)
		}
		return t.reach(ctx, p, d.Phone, d.Email)
	})
}

func (d *Details) check() error {
	switch {
	case d.Phone != "" && phoneOf(d.Phone) == "":
		return RefusedError{fmt.Sprintf("%q is not a telephone number", d.Phone), fmt.Sprintf("「%s」は電話番号として読めません", d.Phone)}
	case d.Email != "" && emailOf(d.Email) == "":
		return RefusedError{fmt.Sprintf("%q is not an e-mail address", d.Email), fmt.Sprintf("「%s」はメールアドレスとして読めません", d.Email)}
	case d.Birthday != "" && !isBirthday(string(d.Birthday)):
		return RefusedError{fmt.Sprintf("%q is not a date such as 1990-04-02 or --04-02", d.Birthday), fmt.Sprintf("「%s」は 1990-04-02 や --04-02 のような日付ではありません", d.Birthday)}
	default:
		return nil
	}
}

func isBirthday(text string) bool {
	if day, yearless := strings.CutPrefix(text, "--"); yearless {
		text = "2000-" + day // a leap year
	}
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// birthdayOf is what a platform tells for a birthday, empty if that is none:
// carts write 0000-00-00 and the like where nobody told one.
func birthdayOf[T ~string](told T) commerce.Birthday {
	if !isBirthday(string(told)) {
		return ""
	}
	return commerce.Birthday(told)
}

// newBirthday is the birthday once told, empty if nobody does, is known. Who tells a
// day without its year does not take the year away.
func newBirthday(told, known commerce.Birthday) commerce.Birthday {
	day, yearless := strings.CutPrefix(string(told), "-")
	if told == "" || (yearless && strings.HasSuffix(string(known), day)) {
		return known
	}
	return told
}

func overwrite[T ~string](field *T, value T) {
	if value != "" {
		*field = value
	}
}

// Forget takes a telephone number or an e-mail address from a member.
func (m *Members) Forget(ctx context.Context, cause host.Cause, id, value string) error {
	return m.on(ctx, cause, id, func(t *tx, p *person) error {
		for kind, list := range map[string]*[]string{KeyPhone: &p.Phones, KeyEmail: &p.Emails} {
			for _, form := range []string{value, phoneOf(value), emailOf(value)} {
				if !remove(list, form) {
					continue
				}
				if err := t.contactChanged(ctx, p, "-"+form); err != nil {
					return err
				}
				if err := t.disown(ctx, p.ID, kind, form); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
