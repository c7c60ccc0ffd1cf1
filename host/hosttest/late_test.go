package hosttest_test

import (
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// A backfill of what was accepted before there was a flow starts nothing. The
// flow is run for it, once, also when the host is killed in between.
func TestAFlowIsRunForWhatCameBeforeIt(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{
		Process: true, Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}},
	})
	for n := range 3 {
		putCustomer(t, h, 700_000+n)
		h.Deliver("shop", simkit.Delivery{Event: "customer_updated", ID: []string{"700000", "700001", "700002"}[n]})
	}
	h.SetRules(map[string]string{"look.yaml": look})
	h.Await("the flow to be in force", func() bool {
		rules, err := h.Client.Rules(t.Context())
		return err == nil && len(rules.Flows) == 1
	})
	since := host.EventFilter{Since: time.Now().Add(-time.Hour)}
	missed := func(preview bool) int {
		page, err := h.Client.RunMissed(t.Context(), "look", since, api.BulkAct{Preview: preview})
		if err != nil || len(page.Failed) > 0 {
			t.Fatal(page.Failed, err)
		}
		return page.Count
	}
	if n := missed(true); n != 3 || len(h.Runs(host.RunFilter{})) != 0 {
		t.Fatalf("%d events were counted, runs: %v", n, h.Runs(host.RunFilter{}))
	}
	missed(false)
	h.Kill()
	h.Restart()
	if n := missed(false); n != 0 {
		t.Errorf("%d events were run twice", n)
	}
	for _, run := range h.Settled(3) {
		if run.State != host.RunDone || run.Priority != host.PriorityBackfill {
			t.Errorf("run %s is %s: %v", run.ID, run.State, run.Error)
		}
	}
	if _, err := h.Client.RunMissed(t.Context(), "lok", since, api.BulkAct{}); err == nil {
		t.Error("a flow that is not there was run")
	}
}
