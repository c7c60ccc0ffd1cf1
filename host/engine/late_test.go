package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/sdk/abi"
)

// elsewhere starts on nothing that the shop announces here.
const elsewhere = `language: 1
flow: elsewhere
on: {connection: crm, event: customer.updated}
steps:
  - stop: done
`

// numbered writes each change of a customer below the hundredth, in order.
const numbered = `language: 1
flow: numbered
on: {connection: shop, event: customer.updated}
when: event.data.n < 100
key: event.data.id + '!'
steps:
  - call: crm.record.update
    with: {object: Account, id: A1, fields: {N: "${string(event.data.n)}"}}
`

// missed runs the flow for what it missed, as a person does, and says for how many events.
func (r *rig) missed(flow string) (count int) {
	r.t.Helper()
	events, err := r.ledger.Events(r.t.Context(), host.EventFilter{Oldest: true, Limit: 1000})
	if err != nil {
		r.t.Fatal(err)
	}
	ctx := host.WithActor(r.t.Context(), host.Actor{Name: "hanako"})
	for i := range events {
		is, err := r.Missed(ctx, flow, &events[i])
		if err != nil {
			r.t.Fatal(err)
		}
		if !is {
			if err := r.RunMissed(ctx, flow, events[i].ID); abi.KindOf(err) != abi.Conflict {
				r.t.Errorf("an event that was not missed: %v", err)
			}
			continue
		}
		count++
		if err := r.RunMissed(ctx, flow, events[i].ID); err != nil {
			r.t.Fatal(err)
		}
	}
	return count
}

// Events come before a flow is written. Later it runs for them: those that it
// takes, in order, behind live events, once however often it is asked for.
func TestFlowRunsForEventsThatCameBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		r := boot(t, memory(t), p, elsewhere)
		defer r.stop()
		for n := range 5 {
			r.deliver("1", n)
		}
		r.deliver("2", 100)        // the condition does not hold
		r.receive(`{"id":"3"}`)    // the condition has no value
		r.deliverTo("crm", "1", 1) // of another connection
		r.await(host.RunDone, 1)   // elsewhere's
		r.reload(numbered)         // Monday: the flow is there
		r.deliver("1", 50)         // one that it has by itself
		r.await(host.RunDone, 1)
		if count := r.missed("numbered"); count != 6 {
			t.Errorf("%d events were run, want 6", count)
		}
		r.await(host.RunDone, 5)
		if got := fmt.Sprint(p.order); got != "[50 0 1 2 3 4]" {
			t.Errorf("written in the order %s", got)
		}
		if count := r.missed("numbered"); count != 0 {
			t.Errorf("%d events were run a second time", count)
		}
		for _, run := range r.runs(host.RunFilter{Flow: "numbered", Subject: "1", State: host.RunDone})[:5] {
			if run.Priority != host.PriorityBackfill || run.Lane != ledger.LaneName("numbered", "1!") {
				t.Errorf("run with priority %d in the lane %q", run.Priority, run.Lane)
			}
		}
		if failed := r.runs(host.RunFilter{State: host.RunFailed}); len(failed) != 1 || failed[0].FailedStep != "when" {
			t.Errorf("failed runs: %v", failed)
		}
		acts, err := r.ledger.Audits(t.Context(), host.AuditFilter{})
		done := slices.DeleteFunc(acts, func(a host.Audit) bool { return a.Act != host.ActRun || a.Detail != "numbered" || a.Who != "hanako" })
		if err != nil || len(done) != 6 {
			t.Errorf("%d acts are kept, %v", len(done), err)
		}
	})
}

// What waits to be matched is not missed: it is matched with the flow soon. A
// flow that is switched off, or not there, missed nothing.
func TestFlowMissesOnlyWhatWasMatchedWithoutIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t, memory(t), newPlatform(), numbered)
		r.deliver("1", 1)
		for _, flow := range []string{"numbered", "elsewhere"} {
			if count := r.missed(flow); count != 0 {
				t.Errorf("%s: %d events were run before they were matched", flow, count)
			}
		}
		r.Start(t.Context())
		defer r.stop()
		r.await(host.RunDone, 1)
		r.reload(numbered[:len("language: 1\n")] + "enabled: false\n" + numbered[len("language: 1\n"):])
		r.deliver("1", 2)
		time.Sleep(time.Second)
		if count := r.missed("numbered"); count != 0 {
			t.Errorf("%d events were run with a flow that is switched off", count)
		}
		r.reload(numbered)
		if count := r.missed("numbered"); count != 1 {
			t.Errorf("%d events were run, want 1", count)
		}
		r.await(host.RunDone, 1)
	})
}

// A host that is killed after the run was begun, and before it ran, does it
// after its next start, once.
func TestMissedRunOutlivesTheHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := newPlatform(), memory(t)
		r := boot(t, s, p, elsewhere)
		r.deliver("1", 7)
		time.Sleep(time.Second)
		r.stop()
		r = build(t, s, p, numbered)
		if count := r.missed("numbered"); count != 1 {
			t.Fatalf("%d events were run, want 1", count)
		}
		r = boot(t, s, p, numbered)
		defer r.stop()
		r.await(host.RunDone, 1)
		if count := r.missed("numbered"); count != 0 || fmt.Sprint(p.order) != "[7]" {
			t.Errorf("%d events more, written %v", count, p.order)
		}
	})
}

// Runs that are old enough are deleted, and their events may stay. Nobody knows
// any more which flows had those.
func TestWhatWasForgottenIsNotMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), newPlatform(), numbered)
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunDone, 1)
		if n, err := r.ledger.SweepRuns(t.Context(), r.runs(host.RunFilter{})[0].ID+"\x01"); n != 1 || err != nil {
			t.Fatalf("%d runs were deleted, %v", n, err)
		}
		if count := r.missed("numbered"); count != 0 {
			t.Errorf("%d events were run a second time", count)
		}
	})
}
