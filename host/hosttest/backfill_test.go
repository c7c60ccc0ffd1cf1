package hosttest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// look reads the customer that an event is about at the shop: one request.
const look = `
language: 1
flow: look
on: {connection: shop, event: customer.updated}
steps:
  - call: shop.customer.get
    with: {id: "${event.subject}"}
`

const (
	historic  = 60
	perSecond = 5
)

// A shop takes five requests a second, one at once, and a backfill wants sixty
// customers looked at. Events that happen meanwhile come before them.
func TestLiveEventsDoNotWaitForABackfill(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{
		Rules: map[string]string{"look.yaml": look},
		Connections: map[string]hosttest.Connection{"shop": {
			Connector: "ecforce", Quiet: true, Limits: map[string]any{"per_second": perSecond, "burst": 1, "concurrency": 1},
		}},
	})
	for n := range historic {
		putCustomer(t, h, 700_000+n)
	}
	if _, err := h.Client.Backfill(t.Context(), api.Backfill{Connection: "shop", Trigger: "customer.updated", Since: time.Now().Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	h.Await("runs of the backfill", func() bool { return len(priority(h, host.PriorityBackfill, host.RunDone)) >= 3 })
	for n := range 5 {
		putCustomer(t, h, 800_000+n)
		h.Deliver("shop", simkit.Delivery{Event: "customer_updated", ID: fmt.Sprint(800_000 + n)})
		h.Await("the live run to be done", func() bool { return len(priority(h, host.PriorityLive, host.RunDone)) == n+1 })
	}
	if len(priority(h, host.PriorityBackfill, host.RunDone)) >= historic {
		t.Error("the live runs waited for the backfill, or it was over too early to be in the way")
	}
	h.Await("the backfill to be worked off", func() bool { return len(priority(h, host.PriorityBackfill, host.RunDone)) >= historic })
	if attempts := slices.ContainsFunc(h.Runs(host.RunFilter{Limit: 200}), func(r host.Run) bool { return r.State != host.RunDone }); attempts {
		t.Error("a run is not done")
	}
}

func putCustomer(t *testing.T, h *hosttest.Host, id int) {
	t.Helper()
	fields := map[string]any{"email": fmt.Sprintf("c%d@example.com", id)}
	if err := h.Sims["shop"].PutRecord(t.Context(), "customers", fmt.Sprint(id), fields); err != nil {
		t.Fatal(err)
	}
}

func priority(h *hosttest.Host, priority int, state host.RunState) []host.Run {
	return slices.DeleteFunc(h.Runs(host.RunFilter{Flow: "look", State: state, Limit: 200}), func(r host.Run) bool { return r.Priority != priority })
}
