package members

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// describe keeps what the cart says of a customer. What it leaves out stays; what
// it says is empty goes, but not what an order told: that is another record.
func (t *tx) describe(ctx context.Context, b *buyer, c *commerce.Customer) error {
	was := *b
	b.Number = cmp.Or(c.Number, b.Number)
	b.Name = cmp.Or(strings.TrimSpace(c.FullName), strings.TrimSpace(c.LastName+" "+c.FirstName), b.Name)
	b.Kana = cmp.Or(strings.TrimSpace(c.Kana), strings.TrimSpace(c.LastKana+" "+c.FirstKana), b.Kana)
	b.Sex = cmp.Or(c.Sex, b.Sex)
	b.Birthday = newBirthday(birthdayOf(c.Birthday), b.Birthday)
	b.URL = cmp.Or(c.AdminURL, b.URL)
	if c.UpdatedAt.After(b.Updated) {
		b.Updated = c.UpdatedAt.UTC()
	}
	phone, email := b.says(KeyPhone, phoneOf(c.Phone), b.Phone, c), b.says(KeyEmail, emailOf(c.Email), b.Email, c)
	line := cmp.Or(c.LineID, b.LineID)
	if slices.Contains(c.Cleared, KeyLineID) {
		line = c.LineID
	}
	if err := t.identify(ctx, b, was, phone, email, line); err != nil {
		return err
	}
	return t.retract(ctx, b, was.LineID)
}

// says is the value of a kind once the customer's own record told it.
func (b *buyer) says(kind, told, known string, c *commerce.Customer) string {
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
// word: people change theirs, and stay who they are. A link that goes on by
// another key is neither undone nor made.
func (t *tx) retract(ctx context.Context, b *buyer, was string) error {
	if b.Member == "" || b.Key != KeyLineID || b.LineID == was {
		return nil
	}
	p, err := t.person(ctx, b.Member)
	if err != nil || p == nil || slices.Contains(p.values(KeyLineID), b.LineID) {
		return err
	}
	b.Member = ""
	v, err := t.judge(ctx, b)
	b.Member = p.ID
	if err != nil {
		return err
	}
	if v.member == p.ID && !v.pending {
		b.Key = v.key
		t.write(b.row(), b)
		return nil
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
