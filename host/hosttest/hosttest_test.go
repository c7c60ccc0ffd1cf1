package hosttest_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/sdk/simkit"
)

func TestMain(m *testing.M) { hosttest.Main(m) }

// thank makes a lead of every account that the platform tells of.
const thank = `
language: 1
flow: thank
on: {connection: crm, event: record.notified}
steps:
  - call: crm.record.create
    with:
      object: Lead
      fields: {LastName: "${event.data.fields.Name}", Company: "${event.subject}"}
`

const account = "001xx0000700001AAA"

func start(t *testing.T, process bool) *hosttest.Host {
	t.Helper()
	h := hosttest.Start(t, hosttest.Options{
		Rules:       map[string]string{"thank.yaml": thank},
		Connections: map[string]hosttest.Connection{"crm": {Connector: "salesforce", Quiet: true}},
		Process:     process,
	})
	if err := h.Sims["crm"].PutRecord(t.Context(), "Account", account, map[string]any{"Name": "花子商店"}); err != nil {
		t.Fatal(err)
	}
	return h
}

// tell has the platform tell of the account, and waits until n runs have ended.
func tell(t *testing.T, h *hosttest.Host, n int) {
	t.Helper()
	if answer := h.Deliver("crm", simkit.Delivery{Event: "Account", ID: account}); answer.Status != 200 {
		t.Fatalf("the host answered %+v", answer)
	}
	for _, run := range h.Settled(n) {
		if run.State != host.RunDone {
			t.Errorf("run %s: %s: %v", run.ID, run.State, run.Error)
		}
	}
}

func wantLeads(t *testing.T, h *hosttest.Host, n int) {
	t.Helper()
	if all := leads(t, h); len(all) != n {
		t.Errorf("%d leads, want %d: %+v", len(all), n, all)
	}
}

func TestHostInside(t *testing.T) {
	t.Parallel()
	h := start(t, false)
	tell(t, h, 1)
	wantLeads(t, h, 1)
	h.Restart()
	tell(t, h, 2)
	wantLeads(t, h, 2)
}

func TestHostProcessSurvivesKill(t *testing.T) {
	t.Parallel()
	h := start(t, true)
	tell(t, h, 1)
	h.Kill()
	h.Restart()
	if runs := h.Runs(host.RunFilter{}); len(runs) != 1 {
		t.Errorf("after a kill there are %d runs, want 1", len(runs))
	}
	tell(t, h, 2)
	wantLeads(t, h, 2)
}

func TestHostLeavesNothingBehind(t *testing.T) {
	h := start(t, false)
	tell(t, h, 1)
	h.Stop()
	before := goleak.IgnoreCurrent()
	h.Restart()
	tell(t, h, 2)
	h.Stop()
	goleak.VerifyNone(t, before,
		goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), // the test's own, to the sim
		goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"),
		// Fiber's cleaner of idle workers sleeps for ten seconds before it sees the end.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}
