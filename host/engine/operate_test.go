package engine_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/abi"
)

// The old CRM refuses; the run goes on with the new one, from the failed step.
func TestRerunWithAnotherConnection(t *testing.T) {
	for name, flow := range map[string]string{"step by step": stepByStep, "short": short} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { rerunElsewhere(t, flow) })
		})
	}
}

func rerunElsewhere(t *testing.T, flow string) {
	t.Helper()
	p := newPlatform()
	p.fault = onCRM(abi.Invalid)
	r := boot(t, memory(t), p, flow)
	defer r.stop()
	r.deliver("1", 1)
	r.await(host.RunFailed, 1)
	id := r.runs(host.RunFilter{})[0].ID
	ctx := host.WithActor(t.Context(), host.Actor{Name: "hanako"})
	if err := r.Rerun(ctx, id, host.Rerun{How: host.RestartStep, Connections: map[string]string{"crm": "crm2"}}); err != nil {
		t.Fatal(err)
	}
	r.await(host.RunDone, 1)
	if p.count("crm2.record.create:action") != 1 || p.count("crm.record.create:action") != 0 || p.count("shop.customer.get:action") != 1 {
		t.Errorf("called %v", p.calls)
	}
	audits, err := r.ledger.Audits(t.Context(), host.AuditFilter{})
	if err != nil || len(audits) != 1 || audits[0].Detail != "step, crm=crm2" {
		t.Errorf("audit %+v, %v", audits, err)
	}
}

// A journal that is longer than a commit may delete is forgotten too.
func TestLongRunBeginsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.listed, p.paged = store.MaxRows+200, store.MaxRows+200
		p.fault = refuse(strconv.Itoa(p.listed - 1))
		r := boot(t, memory(t), p, strings.Replace(everyone, "on_error: continue", "on_error: stop", 1))
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunFailed, 1)
		p.mu.Lock()
		p.fault, p.order = refuse(), nil
		p.mu.Unlock()
		id := r.runs(host.RunFilter{})[0].ID
		if err := r.Rerun(t.Context(), id, host.Rerun{How: host.RestartBegin}); err != nil {
			t.Fatal(err)
		}
		r.await(host.RunDone, 1)
		r.wantEach(p.listed)
	})
}

// A run that goes again while its lane has moved on waits until the one under
// way is over.
func TestRerunWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.fault = onCRM(abi.Invalid)
		r := boot(t, memory(t), p, fmt.Sprintf(record, "skip"))
		defer r.stop()
		r.deliver("1", 0)
		r.await(host.RunFailed, 1)
		p.mu.Lock()
		p.fault, p.delay = refuse(), time.Second
		p.mu.Unlock()
		for n := range 3 {
			r.deliver("1", 1+n)
		}
		time.Sleep(p.delay / 2) // the first of them is under way
		id := r.runs(host.RunFilter{State: host.RunFailed})[0].ID
		if err := r.Rerun(t.Context(), id, host.Rerun{How: host.RestartStep}); err != nil {
			t.Fatal(err)
		}
		r.await(host.RunDone, 4)
		if want := []string{"1", "0", "2", "3"}; !slices.Equal(p.order, want) {
			t.Errorf("written in the order %v, want %v", p.order, want)
		}
	})
}

// A run that begins again emits its events again.
func TestRunThatEmitsBeginsAgain(t *testing.T) {
	const flow = `language: 1
flow: split
on: {connection: shop, event: customer.updated}
steps:
  - emit: customer.changed
    subject: x
    with: {id: "1"}
  - call: crm.record.create
    with: {object: Account, fields: {Mail: m, N: "1"}}
`
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.fault = refuse("1")
		r := boot(t, memory(t), p, flow)
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunFailed, 1)
		p.mu.Lock()
		p.fault = refuse()
		p.mu.Unlock()
		id := r.runs(host.RunFilter{})[0].ID
		if err := r.Rerun(t.Context(), id, host.Rerun{How: host.RestartBegin}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		events, err := r.ledger.Events(t.Context(), host.EventFilter{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		if run := r.runs(host.RunFilter{})[0]; run.State != host.RunDone || len(events) != 3 {
			t.Errorf("the run is %s: %v; there are %d events, want 3", run.State, run.Error, len(events))
		}
	})
}

// A run is cancelled while its step is under way and runs again at once: what
// was under way does not go on beside it.
func TestCancelAndRerunOfARunUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.delay = 10 * time.Second
		r := boot(t, memory(t), p, fmt.Sprintf(record, "block"))
		defer r.stop()
		r.deliver("1", 0)
		time.Sleep(time.Second)
		r.deliver("1", 1)
		time.Sleep(time.Second)
		id := r.runs(host.RunFilter{})[1].ID
		if err := r.Cancel(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if err := r.Rerun(t.Context(), id, host.Rerun{How: host.RestartStep}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		r.deliver("1", 2)
		time.Sleep(time.Hour)
		if want := []string{"0", "1", "2"}; !slices.Equal(p.order, want) || len(r.runs(host.RunFilter{State: host.RunDone})) != 3 {
			t.Errorf("written in the order %v, want %v", p.order, want)
		}
	})
}

// A run that holds its lane up stays until a person has decided, however old it is.
func TestRetentionLeavesWhatALaneWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.fault = onCRM(abi.Invalid)
		r := boot(t, memory(t), p, fmt.Sprintf(record, "block"))
		defer r.stop()
		r.deliver("1", 0)
		r.await(host.RunFailed, 1)
		r.deliver("1", 1)
		time.Sleep(time.Second)
		p.mu.Lock()
		p.fault = refuse()
		p.mu.Unlock()
		const afterAll = "J"
		if n, err := r.ledger.SweepRuns(t.Context(), afterAll); err != nil || n != 0 {
			t.Fatalf("%d runs were deleted: %v", n, err)
		}
		r.rerun(r.runs(host.RunFilter{State: host.RunFailed})[0].ID, host.RunDone)
		r.await(host.RunDone, 1)
		if n, err := r.ledger.SweepRuns(t.Context(), afterAll); err != nil || n != 2 {
			t.Errorf("%d runs were deleted: %v", n, err)
		}
	})
}

// A run is cancelled while its write is under way: the next of its lane begins
// when that is over, also if the host dies before.
func TestCancelOfARunUnderWayKeepsTheOrder(t *testing.T) {
	for name, dies := range map[string]bool{"the host lives": false, "the host dies": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				disk, p := memory(t), newPlatform()
				p.delay = 10 * time.Second
				r := boot(t, disk, p, fmt.Sprintf(record, "block"))
				r.deliver("1", 0)
				r.deliver("1", 1)
				time.Sleep(15 * time.Second) // the first one's record is being made
				id := r.runs(host.RunFilter{State: host.RunRunning})[0].ID
				if err := r.Cancel(t.Context(), id); err != nil {
					t.Fatal(err)
				}
				p.delay = time.Millisecond // what begins now is faster
				time.Sleep(time.Second)
				if begun := p.count("shop.customer.get:action"); begun != 1 {
					t.Errorf("%d runs of the lane have begun", begun)
				}
				if dies {
					abandon(r)
					r = boot(t, disk, p, fmt.Sprintf(record, "block"))
				}
				defer func() { r.stop() }()
				time.Sleep(time.Hour)
				if want := []string{"0", "1"}; !slices.Equal(p.order, want) || r.runs(host.RunFilter{})[1].State != host.RunCancelled {
					t.Errorf("written in the order %v, want %v", p.order, want)
				}
			})
		})
	}
}
