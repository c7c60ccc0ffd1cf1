package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// ExportMembers returns what hands out all members that a condition selects.
// That it begins is written down before the first of them is handed out, and
// how many it were afterwards, also when the reader went away.
func (d memberDesk) ExportMembers(where string) (func(ctx context.Context, visit func(*commerce.Member) error) error, error) {
	if _, err := d.segment(where); err != nil {
		return nil, err
	}
	return func(ctx context.Context, visit func(*commerce.Member) error) (err error) {
		if err := d.app.engine.Record(ctx, host.ActExport, "members", where); err != nil {
			return err
		}
		count := 0
		defer func() {
			told := fmt.Sprintf("%s (%d)", cmp.Or(where, "*"), count)
			err = errors.Join(err, d.app.engine.Record(context.WithoutCancel(ctx), host.ActExport, "members", told))
		}()
		for after := ""; ; {
			next, err := d.each(ctx, where, after, mostLookedAt, func(m *commerce.Member) error {
				count++
				return visit(m)
			})
			if after = next; next == "" || err != nil {
				return err
			}
		}
	}, nil
}

// EraseMember forgets a member, or a cart's customer, or says what would be
// forgotten. The audit log keeps ids and numbers only.
func (d memberDesk) EraseMember(ctx context.Context, e api.MemberErasure) (api.MemberErased, error) {
	erased, err := d.erasable(ctx, &e)
	if err != nil || e.Preview {
		return erased, err
	}
	erased.Name = ""
	on := erased.Member
	if e.Customer != nil {
		on = recorded(*e.Customer)
	}
	// The log first: a crash may leave an erasure half done, to be given again, but never one that nobody knows of.
	if err := d.app.engine.Record(ctx, host.ActErase, on, fmt.Sprintf("customers: %d, orders: %d", len(erased.Customers), erased.Orders)); err != nil {
		return erased, err
	}
	for _, customer := range erased.Customers {
		if err := d.app.members.EraseCustomer(ctx, personOf(ctx), customer); err != nil {
			return erased, err
		}
	}
	if e.Customer != nil {
		return erased, nil
	}
	return erased, d.app.members.Erase(ctx, personOf(ctx), e.Member)
}

// erasable is what an erasure is about.
func (d memberDesk) erasable(ctx context.Context, e *api.MemberErasure) (api.MemberErased, error) {
	var found api.MemberErased
	switch {
	case e.Customer != nil:
		found.Customers = []host.Ref{*e.Customer}
	case e.Member != "":
		m, err := d.app.members.Get(ctx, e.Member)
		if err != nil {
			return found, err
		}
		found.Member, found.Name = m.ID, m.Name
		for i := range m.Customers {
			if e.Customers {
				found.Customers = append(found.Customers, host.Ref{Connection: m.Customers[i].Connection, ID: m.Customers[i].ID})
			}
		}
	default:
		return found, &abi.Error{Kind: abi.Invalid, Message: "nobody is named: give member or customer"}
	}
	for _, customer := range found.Customers {
		orders, err := d.app.members.Bought(ctx, customer)
		if err != nil {
			return found, err
		}
		found.Orders += orders
	}
	return found, nil
}

// usualFormHours is how long a form's address works unless somebody says otherwise.
const usualFormHours = 72

// MemberForm makes a member's own address of a form, for a person to hand on.
func (d memberDesk) MemberForm(ctx context.Context, id string, ask api.MemberFormAsk) (api.MemberForm, error) {
	m, err := d.app.members.Get(ctx, id)
	if err != nil {
		return api.MemberForm{}, err
	}
	validFor := time.Duration(cmp.Or(ask.ValidHours, usualFormHours)) * time.Hour
	if validFor < 0 {
		return api.MemberForm{}, &abi.Error{Kind: abi.Invalid, Message: "valid_hours is negative"}
	}
	address, err := d.app.formLink(ask.Form, m.ID, validFor)
	if err != nil {
		return api.MemberForm{}, err
	}
	made := api.MemberForm{URL: address, Expires: d.app.opts.Now().Add(validFor)}
	return made, d.app.engine.Record(ctx, host.ActMember, m.ID, fmt.Sprintf("form %s, %d h", ask.Form, int64(validFor.Hours())))
}

// impersonal is the act without what it tells of a person: the audit log stays
// when the person is erased.
func impersonal(act api.MemberAct) api.MemberAct {
	if act.Describe != nil {
		said := *act.Describe
		for _, field := range []*string{&said.Name, &said.Kana, &said.Phone, &said.Email, &said.Sex, (*string)(&said.Birthday)} {
			if *field != "" {
				*field = "…"
			}
		}
		act.Describe = &said
	}
	if act.Forget != "" {
		act.Forget = "…"
	}
	for _, customer := range []**host.Ref{&act.Link, &act.Unlink} {
		if *customer != nil {
			said := members.Impersonal(**customer)
			*customer = &said
		}
	}
	if act.Split != nil {
		said := *act.Split
		said.Customers = slices.Clone(said.Customers)
		for i, customer := range said.Customers {
			said.Customers[i] = members.Impersonal(customer)
		}
		act.Split = &said
	}
	return act
}

// recorded is a cart's customer in the audit log.
func recorded(customer host.Ref) string {
	said := members.Impersonal(customer)
	return said.Connection + " " + said.ID
}
