package app_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

const everyCustomer = `language: 1
flow: customers
on: {connection: shop, event: customer.updated}
steps:
  - fail: "${'customer ' + event.subject}"
`

// TestPeopleSteerAHost runs history through a flow that fails, cancels what
// came of it, and finds both in the audit log, a restart later too.
func TestPeopleSteerAHost(t *testing.T) {
	h := hosttest.Start(t, hosttest.Options{
		Rules:       map[string]string{"customers.yaml": everyCustomer},
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}},
	})
	for n := range 3 {
		fields := map[string]any{"email": fmt.Sprintf("hanako-%d@example.com", n)}
		if err := h.Sims["shop"].PutRecord(t.Context(), "customers", fmt.Sprint(700001+n), fields); err != nil {
			t.Fatal(err)
		}
	}
	history := api.Backfill{Connection: "shop", Trigger: "customer.updated", Since: time.Now().Add(-time.Hour)}
	fetched := backfilled(t, h, history)
	if fetched.Events < 3 || fetched.Since.Nanosecond() != 0 {
		t.Errorf("the backfill is %+v, want at least 3 events", fetched)
	}
	h.Settled(fetched.Events)
	again(t, h, fetched.Events)
	cancelled(t, h, fetched.Events)
	refused(t, h)

	h.Stop()
	h.Restart()
	wantActs(t, h, map[host.Act]int{host.ActBackfill: 1, host.ActRerun: fetched.Events, host.ActReload: 1, host.ActCancel: fetched.Events, host.ActResume: 1})
	if same := backfilled(t, h, history); same.Pages != fetched.Pages {
		t.Errorf("a backfill that was done began again: %+v", same)
	}
}

func backfilled(t *testing.T, h *hosttest.Host, job api.Backfill) (done api.Backfill) {
	t.Helper()
	begun, err := h.Client.As("花子").Backfill(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	h.Await("the backfill", func() bool {
		all, err := h.Client.Backfills(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range all {
			if b.Same(begun) {
				done = b
			}
		}
		return done.Done
	})
	return done
}

// again runs what failed once more, with the newest rules.
func again(t *testing.T, h *hosttest.Host, n int) {
	t.Helper()
	person := h.Client.As("花子")
	if _, err := person.ReloadRules(t.Context()); err != nil {
		t.Fatal(err)
	}
	act := api.BulkAct{Rerun: host.Rerun{How: host.RestartNewest}}
	if done, err := person.RerunMany(t.Context(), host.RunFilter{Flow: "customers"}, act); err != nil || done.Count != n || len(done.Failed) > 0 {
		t.Errorf("running again gives %+v, %v", done, err)
	}
	for _, run := range h.Settled(n) {
		if run.State != host.RunFailed {
			t.Errorf("run %s is %s", run.ID, run.State)
		}
	}
}

func cancelled(t *testing.T, h *hosttest.Host, n int) {
	t.Helper()
	done, err := h.Client.As("花子").CancelMany(t.Context(), host.RunFilter{Flow: "customers", State: host.RunFailed}, api.BulkAct{Rerun: host.Rerun{How: host.RestartStep}})
	if err != nil || done.Count != n || len(done.Failed) > 0 {
		t.Errorf("cancelling gives %+v, %v", done, err)
	}
	if runs := h.Runs(host.RunFilter{State: host.RunCancelled}); len(runs) != n {
		t.Errorf("%d runs are cancelled, want %d", len(runs), n)
	}
	if err := h.Client.As("花子").Resume(t.Context(), "shop"); err != nil {
		t.Error(err)
	}
}

func TestCursorsAreThoseOfPolls(t *testing.T) {
	h := hosttest.Start(t, hosttest.Options{
		Rules:       map[string]string{"customers.yaml": everyCustomer},
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}},
	})
	backfilled(t, h, api.Backfill{Connection: "shop", Trigger: "order.updated", Since: time.Now().Add(-time.Hour)})
	cursor := host.Cursor{Connection: "shop", Trigger: "order.updated", Value: json.RawMessage("null")}
	if err := h.Client.SetCursor(t.Context(), cursor); err != nil {
		t.Fatal(err)
	}
	cursors, err := h.Client.Cursors(t.Context())
	if err != nil || len(cursors) != 1 || cursors[0].Trigger != "order.updated" {
		t.Errorf("cursors are %+v, %v", cursors, err)
	}
}

// TestABackfillGoesOnAfterARestart stops the host while the shop answers nothing.
func TestABackfillGoesOnAfterARestart(t *testing.T) {
	h := hosttest.Start(t, hosttest.Options{
		Rules:       map[string]string{"customers.yaml": everyCustomer},
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}},
	})
	shop := h.Sims["shop"]
	if err := shop.Inject(t.Context(), simkit.Fault{Kind: simkit.FaultStatus, Status: 503, Times: simkit.Forever}); err != nil {
		t.Fatal(err)
	}
	job := api.Backfill{Connection: "shop", Trigger: "customer.created", Since: time.Now().Add(-time.Hour)}
	if begun, err := h.Client.Backfill(t.Context(), job); err != nil || begun.Done {
		t.Fatalf("begun as %+v, %v", begun, err)
	}
	h.Stop()
	if err := shop.ClearFaults(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.Restart()
	h.Await("the backfill to be done", func() bool {
		all, err := h.Client.Backfills(t.Context())
		return err == nil && len(all) == 1 && all[0].Done && all[0].Pages > 0
	})
}

// refused asks for what cannot be had.
func refused(t *testing.T, h *hosttest.Host) {
	t.Helper()
	for want, job := range map[string]api.Backfill{
		`there is no connection "shp": did you mean "shop"?`:                              {Connection: "shp", Trigger: "customer.updated"},
		`there is no trigger of shop "customer.updatd": did you mean "customer.updated"?`: {Connection: "shop", Trigger: "customer.updatd"},
	} {
		job.Since = time.Now().Add(-time.Hour)
		cursor := host.Cursor{Connection: job.Connection, Trigger: job.Trigger, Value: json.RawMessage("null")}
		person := h.Client.As("花子")
		if err := person.SetCursor(t.Context(), cursor); abi.KindOf(err) != abi.Invalid || err.Error() != want {
			t.Errorf("setting the cursor gives %v, want %s", err, want)
		}
		if _, err := person.Backfill(t.Context(), job); abi.KindOf(err) != abi.Invalid || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func wantActs(t *testing.T, h *hosttest.Host, want map[host.Act]int) {
	t.Helper()
	audits, err := h.Client.Audits(t.Context(), host.AuditFilter{})
	if err != nil {
		t.Fatal(err)
	}
	got, refused := map[host.Act]int{}, 0
	for _, a := range audits {
		if a.Refused != "" {
			refused++
			continue
		}
		got[a.Act]++
		if a.Who != "花子" || a.Address != "127.0.0.1" || a.Time.IsZero() {
			t.Errorf("an act is %+v", a)
		}
		if a.Act == host.ActBackfill && (a.On != "shop customer.updated" || !strings.HasPrefix(a.Detail, "since 20")) {
			t.Errorf("the backfill is kept as %+v", a)
		}
	}
	if refused != 4 {
		t.Errorf("%d acts that were refused are kept, want 4", refused)
	}
	for act, n := range want {
		if got[act] != n {
			t.Errorf("%s was done %d times, want %d", act, got[act], n)
		}
	}
}

// A shop refuses the token of its polls, or does not answer. People see since
// when, how often it was tried and why; a restart hides none of it, and what
// works again is no longer named.
func TestPollsThatBringNothingAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		fault  simkit.Fault
		reason abi.Kind
	}{
		"refused": {simkit.Fault{Kind: simkit.FaultStatus, Status: 401, Times: simkit.Forever}, abi.Auth},
		"down":    {simkit.Fault{Kind: simkit.FaultStatus, Status: 503, Times: simkit.Forever}, abi.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			h := hosttest.Start(t, hosttest.Options{
				Rules: map[string]string{"customers.yaml": everyCustomer},
				Connections: map[string]hosttest.Connection{"shop": {
					Connector: "ecforce", Quiet: true, Extra: map[string]any{"polls": map[string]any{"customer.updated": "10m"}},
				}},
			})
			h.Await("the first poll", func() bool { return poll(t, h).Updated != time.Time{} && poll(t, h).Trouble == nil })
			if err := h.Sims["shop"].Inject(t.Context(), c.fault); err != nil {
				t.Fatal(err)
			}
			now(t, h)
			h.Await("the trouble to be seen", func() bool { return poll(t, h).Trouble != nil })
			began := poll(t, h).Trouble
			if began.Tries < 1 || began.Error.Kind != c.reason || began.Since.IsZero() || !began.Again.After(began.Since) {
				t.Errorf("the trouble is %+v", began)
			}
			h.Stop()
			h.Restart()
			after := poll(t, h).Trouble
			if after == nil || !after.Since.Equal(began.Since) || after.Tries < began.Tries || after.Error.Kind != c.reason {
				t.Errorf("after a restart the trouble is %+v, was %+v", after, began)
			}
			all, err := h.Client.Connections(t.Context())
			if err != nil || len(all) != 1 || len(all[0].Polls) != 1 || all[0].Polls[0].Trigger != "customer.updated" {
				t.Errorf("the connections are %+v, %v", all, err)
			}
			if err := errors.Join(h.Sims["shop"].ClearFaults(t.Context()), h.Client.Resume(t.Context(), "shop")); err != nil {
				t.Fatal(err)
			}
			now(t, h)
			h.Await("the trouble to be over", func() bool { return poll(t, h).Trouble == nil })
		})
	}
}

// now has the shop polled at once.
func now(t *testing.T, h *hosttest.Host) {
	t.Helper()
	if err := h.Client.SetCursor(t.Context(), host.Cursor{Connection: "shop", Trigger: "customer.updated", Value: json.RawMessage("null")}); err != nil {
		t.Fatal(err)
	}
}

// poll is the shop's poll of customers.
func poll(t *testing.T, h *hosttest.Host) api.Cursor {
	t.Helper()
	cursors, err := h.Client.Cursors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cursors {
		if c.Trigger == "customer.updated" {
			return c
		}
	}
	return api.Cursor{}
}
