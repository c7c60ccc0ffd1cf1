package hosttest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// keepOrders is a flow whose runs are counted.
const keepOrders = `language: 1
flow: keep-orders
on: {connection: store, event: order.created}
steps:
  - stop: "${event.data.?number.orValue('')}"
`

// manyOrders are more than two pages of an export.
const manyOrders = 1100

// TestAShopsHistoryIsExportedOnce: years of orders come by one bulk export,
// whose file is read page by page. The host is killed after the first page, and
// goes on there: one export, and one run for each order.
func TestAShopsHistoryIsExportedOnce(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{
		Rules:       map[string]string{"keep.yaml": keepOrders},
		Connections: map[string]hosttest.Connection{"store": {Connector: "shopify", Quiet: true}},
		Process:     true,
	})
	want := fillShop(t, h)
	if err := h.Sims["store"].SetLimits(t.Context(), map[string]any{"restore_rate": 0, "bulk_polls": 0}); err != nil {
		t.Fatal(err)
	}
	inject(t, h, "store", simkit.Fault{
		Match: simkit.Match{Path: "/bulk-files/"}, Kind: simkit.FaultSlow, DelayMS: 2000, Skip: 1, Times: simkit.Forever,
	})
	begun := api.Backfill{Connection: "store", Trigger: "order.created", Since: time.Now().AddDate(-2, 0, 0)}
	if _, err := h.Client.Backfill(t.Context(), begun); err != nil {
		t.Fatal(err)
	}
	h.Await("the first orders", func() bool { return backfilled(t, h).Events > 0 })
	h.Kill()
	if err := h.Sims["store"].ClearFaults(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Restart()
	if so := backfilled(t, h); so.Done || so.Events >= len(want) {
		t.Fatalf("nothing was left to do: %+v", so)
	}
	h.Await("the backfill to be done", func() bool { return backfilled(t, h).Done && nothingOpen(h) })

	if started := asked(t, h, "bulkOperationRunQuery"); len(started) != 1 {
		t.Errorf("%d exports were started", len(started))
	}
	wantOneRunEach(t, h, want)
}

// TestBothSecretsSignWhileOneIsChanged: after its secret was changed, Shopify
// signs with the old one for a while.
func TestBothSecretsSignWhileOneIsChanged(t *testing.T) {
	t.Parallel()
	for secrets, status := range map[string]int{"new-secret\nsim-client-secret": http.StatusOK, "new-secret": http.StatusUnauthorized} {
		h := hosttest.Start(t, hosttest.Options{Connections: map[string]hosttest.Connection{
			"store": {Connector: "shopify", Quiet: true, Secrets: map[string]string{"webhook_secret": secrets}},
		}})
		if answer := h.Deliver("store", simkit.Delivery{Event: "orders/updated", ID: "5550001112223"}); answer.Status != status {
			t.Errorf("with %q the host answers %+v, want %d", secrets, answer, status)
		}
	}
}

// fillShop adds orders to those that the shop has, and returns the ids of all.
func fillShop(t *testing.T, h *hosttest.Host) []string {
	t.Helper()
	var work sync.WaitGroup
	for part := range 4 {
		work.Go(func() {
			for n := part; n < manyOrders; n += 4 {
				id := strconv.Itoa(5550008000000 + n)
				fields := map[string]any{"name": fmt.Sprint("#", 8000+n), "lineItems": []any{map[string]any{"variantId": "4440001", "quantity": 1}}}
				if err := h.Sims["store"].PutRecord(t.Context(), "orders", id, fields); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	var all []struct{ ID string }
	if err := h.Sims["store"].Records(t.Context(), "orders", &all); err != nil {
		t.Fatal(err)
	}
	ids := make([]string, 0, len(all))
	for _, o := range all {
		ids = append(ids, o.ID[strings.LastIndexByte(o.ID, '/')+1:])
	}
	return ids
}

// backfilled is how far the one backfill has come.
func backfilled(t *testing.T, h *hosttest.Host) api.Backfill {
	t.Helper()
	all, err := h.Client.Backfills(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	return all[0]
}

// asked are the requests whose path or body holds a text.
func asked(t *testing.T, h *hosttest.Host, text string) []simkit.Entry {
	t.Helper()
	entries, err := h.Sims["store"].Journal(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(entries, func(e simkit.Entry) bool { return !strings.Contains(e.Path+e.Request, text) })
}

// wantOneRunEach says that each order had its flow run once.
func wantOneRunEach(t *testing.T, h *hosttest.Host, orders []string) {
	t.Helper()
	var ran []string
	for before := ""; ; {
		page := h.Runs(host.RunFilter{Before: before, Limit: 500})
		if len(page) == 0 {
			break
		}
		before = page[len(page)-1].ID
		for _, r := range page {
			ran = append(ran, r.Subject)
		}
	}
	slices.Sort(ran)
	slices.Sort(orders)
	if !slices.Equal(ran, orders) {
		t.Errorf("%d runs for %d orders, %d of them different", len(ran), len(orders), len(slices.Compact(ran)))
	}
}
