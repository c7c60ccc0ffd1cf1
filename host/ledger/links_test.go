package ledger_test

import (
	"context"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
)

func customerLink(shop, crm string) *host.Link {
	return &host.Link{
		Kind: "customer", From: host.Ref{Connection: "shop", ID: shop},
		To: host.Ref{Connection: "crm", Object: "Account", ID: crm}, Created: noon,
	}
}

func putLink(l *ledger.Ledger, t interface{ Context() context.Context }, link *host.Link) error {
	seen, err := l.LinksBetween(t.Context(), link.Kind, link.From, link.To)
	if err != nil {
		return err
	}
	var c ledger.Change
	c.PutLink(link, seen)
	return l.Commit(t.Context(), &c)
}

func TestLinkIsFoundFromBothSides(t *testing.T) {
	l, _ := open(t)
	link := customerLink("30511", "001A")
	if err := putLink(l, t, link); err != nil {
		t.Fatal(err)
	}
	there, err := l.Linked(t.Context(), "customer", link.From, "crm")
	if err != nil || there.To.ID != "001A" {
		t.Errorf("from the shop: %v, %v", there, err)
	}
	back, err := l.Linked(t.Context(), "customer", link.To, "shop")
	if err != nil || back.From.ID != "30511" {
		t.Errorf("from the CRM: %v, %v", back, err)
	}
	all, err := l.Links(t.Context(), host.LinkFilter{Kind: "customer"})
	if err != nil || len(all) != 1 {
		t.Errorf("Links() = %v, %v, want one", all, err)
	}
}

func TestLinkConflictsWhenItWasMadeOtherwiseMeanwhile(t *testing.T) {
	l, _ := open(t)
	mine := customerLink("30511", "001A")
	seen, err := l.LinksBetween(t.Context(), mine.Kind, mine.From, mine.To)
	if err != nil {
		t.Fatal(err)
	}
	if err := putLink(l, t, customerLink("30511", "001B")); err != nil {
		t.Fatal(err)
	}
	err = tryCommit(t, l, func(c *ledger.Change) { c.PutLink(mine, seen) })
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("linking over a newer link: %v, want a conflict", err)
	}
}

// A link that is written again demands only one of its two rows.
func TestLinkIsNotRenewedAfterItsOtherSideWasLinkedAnew(t *testing.T) {
	l, _ := open(t)
	mine := customerLink("30511", "001A")
	if err := putLink(l, t, mine); err != nil {
		t.Fatal(err)
	}
	seen, err := l.LinksBetween(t.Context(), mine.Kind, mine.From, mine.To)
	if err != nil {
		t.Fatal(err)
	}
	if err := putLink(l, t, customerLink("30512", "001A")); err != nil {
		t.Fatal(err)
	}
	err = tryCommit(t, l, func(c *ledger.Change) { c.PutLink(mine, seen) })
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("renewing a link that is gone: %v, want a conflict", err)
	}
}

// Whatever is linked in whatever order, both directions agree and every
// record has at most one counterpart.
func TestLinksStayUniqueInBothDirections(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		l, _ := open(t)
		id := rapid.SampledFrom([]string{"1", "2", "3"})
		for range rapid.IntRange(1, 12).Draw(r, "links") {
			if err := putLink(l, t, customerLink(id.Draw(r, "shop"), id.Draw(r, "crm"))); err != nil {
				r.Fatal(err)
			}
		}
		all, err := l.Links(t.Context(), host.LinkFilter{})
		if err != nil {
			r.Fatal(err)
		}
		shops, crms := map[string]bool{}, map[string]bool{}
		for _, link := range all {
			if shops[link.From.ID] || crms[link.To.ID] {
				r.Fatalf("%v shares a side with another link", link)
			}
			shops[link.From.ID], crms[link.To.ID] = true, true
			back, err := l.Linked(t.Context(), "customer", link.To, "shop")
			if err != nil || back.From != link.From {
				r.Fatalf("%v is %v, %v from the other side", link, back, err)
			}
		}
	})
}
