package members

import (
	"context"
	"slices"

	"github.com/musubi-run/musubi/host"
)

// identity returns the row of a value, an empty one if nobody has it yet.
func (t *tx) identity(ctx context.Context, kind, value string) (*identity, error) {
	row, err := read[identity](ctx, t, key(tableIdentity, kind, value))
	if row == nil && err == nil {
		row = new(identity)
	}
	return row, err
}

// keepIdentity keeps the row. A value that too many have tells nobody apart any
// more, for good: its row no longer says who they are.
func (t *tx) keepIdentity(kind, value string, row *identity) {
	at := key(tableIdentity, kind, value)
	if row.crowded() {
		row.Common = true
	}
	if row.Common {
		row.Members, row.Customers = nil, nil
	}
	if row.empty() {
		t.drop(at)
		return
	}
	t.write(at, row)
}

// own gives the member a value that customers are recognised by.
func (t *tx) own(ctx context.Context, member, kind, value string) error {
	row, err := t.identity(ctx, kind, value)
	if err != nil {
		return err
	}
	addOnce(&row.Members, member)
	t.reconsider(row.Customers)
	t.keepIdentity(kind, value, row)
	return nil
}

// disown takes the value from the member again.
func (t *tx) disown(ctx context.Context, member, kind, value string) error {
	row, err := t.identity(ctx, kind, value)
	if err != nil {
		return err
	}
	remove(&row.Members, member)
	t.reconsider(row.Customers)
	t.keepIdentity(kind, value, row)
	return nil
}

// reconsider has customers matched before the change ends.
func (t *tx) reconsider(customers []host.Ref) {
	for _, ref := range customers {
		if !slices.Contains(t.suspects, ref) {
			t.suspects = append(t.suspects, ref)
		}
	}
}

// lookAgain has everybody matched again who has a value of the member's: who of
// them is the member depends on whose customers the others are.
func (t *tx) lookAgain(ctx context.Context, p *person) error {
	for _, kind := range []string{KeyPhone, KeyEmail, KeyLineID} {
		for _, value := range p.values(kind) {
			row, err := t.identity(ctx, kind, value)
			if err != nil {
				return err
			}
			t.reconsider(row.Customers)
		}
	}
	return nil
}

// lookAgainAt does so of a member's id, which may be empty.
func (t *tx) lookAgainAt(ctx context.Context, member string) error {
	if member == "" {
		return nil
	}
	p, err := t.person(ctx, member)
	if err != nil || p == nil {
		return err
	}
	return t.lookAgain(ctx, p)
}

// rematch matches everybody whose keys somebody else gained or lost.
func (t *tx) rematch(ctx context.Context) error {
	for len(t.suspects) > 0 {
		ref := t.suspects[0]
		t.suspects = t.suspects[1:]
		b, err := read[buyer](ctx, t, customerKey(ref))
		if err != nil {
			return err
		}
		if b == nil {
			continue
		}
		if err := t.match(ctx, b); err != nil {
			return err
		}
	}
	return nil
}
