package app_test

import (
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// TestWhoWaitsBehindAFailedRunIsTold has two flows fail at the same customer's
// first event: one holds its customer's next event up, the other goes on.
func TestWhoWaitsBehindAFailedRunIsTold(t *testing.T) {
	t.Parallel()
	flow := "on: {connection: shop, event: customer.updated}\nsteps: [{if: \"event.subject == '1'\", then: [{fail: broken}]}]\n"
	h := hosttest.Start(t, hosttest.Options{
		Rules: map[string]string{
			"strict.yaml": "language: 1\nflow: strict\nkey: event.connection\n" + flow,
			"lax.yaml":    "language: 1\nflow: lax\nkey: event.connection\non_failure: skip\n" + flow,
		},
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}},
	})
	h.Deliver("shop", simkit.Delivery{Event: "customer_updated", ID: "1", Body: `{"event":"customer_updated","id":1}`})
	h.Await("both flows to fail", func() bool { return len(h.Runs(host.RunFilter{State: host.RunFailed})) == 2 })
	h.Deliver("shop", simkit.Delivery{Event: "customer_updated", ID: "2", Body: `{"event":"customer_updated","id":2}`})
	h.Await("the lax flow to go on", func() bool { return len(h.Runs(host.RunFilter{State: host.RunDone})) == 1 })
	var ids []string
	for _, run := range h.Runs(host.RunFilter{}) {
		ids = append(ids, run.ID)
	}
	failed, queued := h.Runs(host.RunFilter{Flow: "strict", State: host.RunFailed})[0].ID, h.Runs(host.RunFilter{State: host.RunQueued})[0].ID
	got, err := h.Client.Lineup(t.Context(), append(ids, "no such run"))
	if err != nil || len(got.Behind) != 1 || got.Behind[queued] != failed || len(got.Holding) != 1 || got.Holding[failed] != queued {
		t.Fatalf("got %v, %v; run %s waits behind %s", got, err, queued, failed)
	}
	if err := h.Client.Cancel(t.Context(), failed); err != nil {
		t.Fatal(err)
	}
	h.Await("the run behind to be done", func() bool { return len(h.Runs(host.RunFilter{State: host.RunDone})) == 2 })
	if got, err := h.Client.Lineup(t.Context(), ids); err != nil || len(got.Behind)+len(got.Holding) > 0 {
		t.Errorf("nobody waits: %v, %v", got, err)
	}
}
