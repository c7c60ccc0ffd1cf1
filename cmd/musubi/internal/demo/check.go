package demo

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/host"
)

// check reads the CRM and the link table back: one record per customer with
// the customer's present address, each linked to its customer, and no other.
func (d *demo) check(ctx context.Context, s *stage) error {
	d.say("\nChecked, read back from the CRM and the link table:\n", "\n確認(CRMとリンク表を読み直した結果):\n")
	var accounts []account
	if err := s.crm.Records(ctx, "Account", &accounts); err != nil {
		return fmt.Errorf("reading the CRM's accounts: %w", err)
	}
	links, err := s.host.Operator().Links(ctx, host.LinkFilter{})
	if err != nil {
		return err
	}
	byMail := make(map[string][]account)
	for _, a := range accounts {
		byMail[a.Mail] = append(byMail[a.Mail], a)
	}
	linked := make(map[string]string)
	for _, l := range links {
		linked[l.From.ID] = l.To.ID
	}
	var faults []error
	for _, id := range []string{firstCustomer, knownCustomer, thirdCustomer} {
		faults = append(faults, d.checkCustomer(ctx, s, id, byMail, linked))
	}
	if len(links) != 3 {
		faults = append(faults, fmt.Errorf("there are %d links, not 3", len(links)))
	}
	if len(accounts) != 3 {
		faults = append(faults, fmt.Errorf("the CRM has %d accounts, not 3", len(accounts)))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("the result is not right: %w", err)
	}
	d.say("  3 customers, 3 accounts, 3 links: exactly right\n", "  顧客3件・取引先3件・リンク3件: 完全に一致\n")
	return nil
}

func (d *demo) checkCustomer(ctx context.Context, s *stage, id string, byMail map[string][]account, linked map[string]string) error {
	c, err := d.customer(ctx, s, id)
	if err != nil {
		return err
	}
	found := byMail[c.Email]
	if len(found) != 1 {
		return fmt.Errorf("customer %s (%s) has %d accounts, not one", id, c.Email, len(found))
	}
	if linked[id] != found[0].ID {
		return fmt.Errorf("customer %s is linked with %q, its account is %s", id, linked[id], found[0].ID)
	}
	d.say("  %s %s = %s %s\n", "  %s %s = %s %s\n", id, c.Email, found[0].ID, found[0].Name)
	return nil
}
