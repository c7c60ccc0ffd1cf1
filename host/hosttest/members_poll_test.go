package hosttest_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// followOrders is a flow whose runs are counted.
const followOrders = `language: 1
flow: follow-orders
on: {connection: shop, event: order.updated}
steps:
  - stop: "${true}"
`

// TestAPollTellsWhatAThinWebhookLeftOut: the shop's webhooks say who and when,
// its polls have the same events with everything. The flow runs once; the
// member is recognised, and has what was bought, once.
func TestAPollTellsWhatAThinWebhookLeftOut(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{
		Rules:       map[string]string{"follow.yaml": followOrders, "friends-and-buyers.yaml": peopleRules["friends-and-buyers.yaml"]},
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Template: "ids"}, "line": {Connector: "line", Quiet: true}},
	})
	h.Deliver("line", simkit.Delivery{Event: "follow", ID: friend})
	alter(t, h, "customers", buyer, map[string]any{"line_id": friend})
	alter(t, h, "orders", sent, map[string]any{"memo01": "ギフト"})
	h.Settled(1)
	for range 2 {
		pollAgain(t, h, "customer.updated")
		pollAgain(t, h, "order.updated")
	}
	h.Await("what the member bought", func() bool { return memberOf(t, h, friend).Totals.Orders > 0 })
	member := memberOf(t, h, friend)
	if len(member.Customers) != 1 || member.Totals.Orders != 1 || member.Totals.Amount == 0 || len(member.Products) == 0 {
		t.Errorf("the member is %+v", member)
	}
	detail, err := h.Client.Member(t.Context(), member.ID)
	if err != nil || len(detail.Purchases) != 1 || len(detail.Purchases[0].Items) == 0 {
		t.Errorf("%+v, %v", detail.Purchases, err)
	}
	if runs := h.Runs(host.RunFilter{}); len(runs) != 1 {
		t.Errorf("the flow ran %d times", len(runs))
	}
	events, err := h.Client.Events(t.Context(), host.EventFilter{Connection: "shop", Subject: sent})
	if err != nil || len(events) != 2 || events[0].Completes != events[1].ID {
		t.Errorf("the events are %+v, %v", events, err)
	}
}

// alter changes a record as the shop's staff do.
func alter(t *testing.T, h *hosttest.Host, table, id string, fields map[string]any) {
	t.Helper()
	if err := h.Sims["shop"].PutRecord(t.Context(), table, id, fields); err != nil {
		t.Fatal(err)
	}
}

// pollAgain has the shop polled for the last hour, and waits until that is done.
func pollAgain(t *testing.T, h *hosttest.Host, trigger string) {
	t.Helper()
	hourAgo := fmt.Appendf(nil, `{"mark":%q}`, time.Now().Add(-time.Hour).Format(time.RFC3339))
	if err := h.Client.SetCursor(t.Context(), host.Cursor{Connection: "shop", Trigger: trigger, Value: hourAgo}); err != nil {
		t.Fatal(err)
	}
	h.Await("the poll of "+trigger, func() bool {
		all, err := h.Client.Cursors(t.Context())
		return err == nil && slices.ContainsFunc(all, func(c api.Cursor) bool {
			return c.Trigger == trigger && !bytes.Equal(c.Value, hourAgo) && !c.Next.IsZero()
		})
	})
}

func memberOf(t *testing.T, h *hosttest.Host, user string) commerce.Member {
	t.Helper()
	found, err := h.Client.FindMembers(t.Context(), api.MemberSearch{Connection: "line", User: user})
	if err != nil || len(found) != 1 {
		t.Fatalf("found %+v, %v", found, err)
	}
	return found[0]
}
