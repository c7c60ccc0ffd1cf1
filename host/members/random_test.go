package members_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/commerce"
)

var (
	randomCustomers = []string{"1", "2", "3", "4"}
	randomPhones    = []string{"", "09011112221", "09011112221", "09011112222"}
)

// upset has something happen by which customers come, change, go, become one another or are told apart.
func (r *rig) upset(t *rapid.T) {
	if rapid.IntRange(0, 2).Draw(t, "by a person") == 0 {
		r.intervene(t)
		return
	}
	user, customer := rapid.SampledFrom(users).Draw(t, "user"), rapid.SampledFrom(randomCustomers).Draw(t, "customer")
	phone := rapid.SampledFrom(randomPhones).Draw(t, "phone")
	at := start.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "at")) * time.Hour)
	switch rapid.IntRange(0, 7).Draw(t, "told") {
	case 0:
		r.tellAt("line", at, commerce.Contact{UserID: user, Following: new(rapid.Bool().Draw(t, "following"))})
	case 1:
		r.tell("line", commerce.Contact{UserID: user, Phone: phone})
	case 2, 3:
		c := commerce.Customer{ID: customer, Phone: phone, LineID: rapid.SampledFrom([]string{"", "U1", "U2"}).Draw(t, "line"), UpdatedAt: at}
		c.Cleared = rapid.SampledFrom([][]string{nil, {members.KeyPhone}, {members.KeyLineID}}).Draw(t, "cleared")
		r.tell("shop", c)
	case 4:
		r.tellAt("shop", at, commerce.Customer{ID: customer, Deleted: true})
	case 5:
		r.tellAt("shop", at, commerce.Customer{ID: customer, Deleted: true, MergedInto: rapid.SampledFrom(randomCustomers).Draw(t, "into")})
	case 6:
		r.tell("shop", subscriptionOf(t, customer))
	default:
		o := orderOf(t, customer)
		o.IsPurchase = rapid.SampledFrom([]*bool{nil, new(false), new(true)}).Draw(t, "purchase")
		o.Refunded, o.UpdatedAt = commerce.Yen(int64(rapid.IntRange(0, 2).Draw(t, "refunded"))*500), at
		if rapid.Bool().Draw(t, "guest") {
			o.CustomerID, o.Phone = "", phone
		}
		r.tell(rapid.SampledFrom([]string{"shop", "mall"}).Draw(t, "cart"), o)
	}
}

// intervene has a person change something.
func (r *rig) intervene(t *rapid.T) {
	ctx := context.Background()
	ref := host.Ref{Connection: "shop", ID: rapid.SampledFrom(randomCustomers).Draw(t, "customer")}
	one, two := r.known("U1"), r.known("U2")
	var err error
	switch what := rapid.IntRange(0, 5).Draw(t, "what"); {
	case what == 0:
		err = r.members.Unlink(ctx, person, ref)
	case what == 1:
		err = r.members.EraseCustomer(ctx, person, ref)
	case what == 2:
		err = r.members.Dismiss(ctx, person, ref)
	case one == nil || two == nil:
	case what == 3:
		err = r.members.Link(ctx, person, two.ID, ref)
	case what == 4:
		err = r.members.Forget(ctx, person, two.ID, rapid.SampledFrom(randomPhones).Draw(t, "phone"))
	case one.ID != two.ID:
		err = r.members.Merge(ctx, person, one.ID, two.ID)
	}
	if err != nil && !errors.Is(err, host.ErrNotFound) {
		t.Fatal(err)
	}
}

// rows are the rows under these prefixes, with slashes for zero bytes.
func (r *rig) rows(prefixes ...string) map[string]string {
	r.t.Helper()
	all := map[string]string{}
	for _, prefix := range prefixes {
		err := r.store.Scan(r.t.Context(), store.Range{Prefix: prefix}, func(k string, raw []byte) error {
			all[strings.ReplaceAll(k, "\x00", "/")] = strings.ReplaceAll(string(raw), `,"ta":{}`, "")
			return nil
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	return all
}

// standing is what is decided of customers.
var standing = []string{"mbm\x00", "mbc\x00", "mbi\x00", "mbo\x00", "mbb\x00", "mbs\x00", "mbr\x00", "mbp\x00"}

// Whatever happens, all is as it would be if everybody were looked at again.
func TestNobodyNeedsToBeLookedAtAgain(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t, variousRules()...)
		for range rapid.IntRange(1, 25).Draw(rt, "events") {
			r.upset(rt)
			before := r.rows(standing...)
			for k := range r.rows("mbc\x00") {
				part := strings.Split(k, "/")
				r.tell(part[1], commerce.Customer{ID: part[2]})
			}
			if diff := cmp.Diff(before, r.rows(standing...)); diff != "" {
				rt.Fatalf("looked at again, customers are different (-before +after):\n%s", diff)
			}
			for _, m := range r.all() {
				r.recountTotals(rt, m)
			}
		}
		r.eraseAll(rt)
	})
}

// eraseAll erases everybody; nothing of anybody may remain.
func (r *rig) eraseAll(t *rapid.T) {
	ctx := context.Background()
	for k := range r.rows("mbc\x00") {
		part := strings.Split(k, "/")
		if err := r.members.EraseCustomer(ctx, person, host.Ref{Connection: part[1], ID: part[2]}); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range r.all() {
		if err := r.members.Erase(ctx, person, m.ID); err != nil {
			t.Fatal(err)
		}
	}
	rest := append(slices.Clone(standing), "mbu\x00", "mbh\x00", "mbt\x00")
	if diff := cmp.Diff(map[string]string{}, r.rows(rest...)); diff != "" {
		t.Fatalf("there remains:\n%s", diff)
	}
}
