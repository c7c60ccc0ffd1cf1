package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/abi"
)

// everyone makes a record of every customer of the shop, however many.
const everyone = `language: 1
flow: everyone
on: {connection: shop, event: customer.updated}
steps:
  - id: all
    foreach: {pages: shop.customer.list}
    as: customer
    concurrency: 2
    on_error: continue
    steps:
      - id: full
        call: shop.customer.get
        with: {id: "${customer.id}"}
      - id: made
        call: crm.record.create
        with: {object: Account, fields: {Mail: "${full.email}", N: "${customer.id}"}}
`

// wantEach demands that each customer was written once.
func (r *rig) wantEach(count int) {
	r.t.Helper()
	r.platform.mu.Lock()
	defer r.platform.mu.Unlock()
	seen := make(map[string]int)
	for _, n := range r.platform.order {
		seen[n]++
	}
	for n := range count {
		if got := seen[fmt.Sprint(n)]; got != 1 {
			r.t.Errorf("customer %d was written %d times", n, got)
		}
	}
	if len(r.platform.order) != count {
		r.t.Errorf("%d writes, want %d", len(r.platform.order), count)
	}
}

func (r *rig) steps(run string) []host.StepRecord {
	r.t.Helper()
	steps, err := r.ledger.Steps(r.t.Context(), run)
	if err != nil {
		r.t.Fatal(err)
	}
	return steps
}

func TestPagesAreWalkedAndForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.listed = 100
		r := boot(t, memory(t), p, everyone)
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunDone, 1)
		r.wantEach(100)
		steps := r.steps(r.runs(host.RunFilter{})[0].ID)
		if len(steps) != 1 || steps[0].Path != "all" || steps[0].State != host.StepDone {
			t.Errorf("the journal of 100 items holds %d records, the first: %+v", len(steps), steps[0])
		}
	})
}

// The journal never holds more than the page under way, whatever went before.
func TestJournalDoesNotGrowWithTheList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.listed = 60
		r := boot(t, memory(t), p, everyone)
		defer r.stop()
		most := 0
		p.fault = func(in host.Invocation) error {
			if in.Name == "customer.list" {
				most = max(most, len(r.steps(r.runs(host.RunFilter{})[0].ID)))
			}
			return nil
		}
		r.deliver("1", 1)
		r.await(host.RunDone, 1)
		if most > 2 {
			t.Errorf("the journal held %d records between two pages", most)
		}
	})
}

func TestFailedItemsOfPagesAreDoneAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.listed = 20
		p.fault = refuse("4", "5", "17")
		r := boot(t, memory(t), p, everyone)
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunFailed, 1)
		run := r.runs(host.RunFilter{})[0]
		if want := "3 of 20 items failed, the first: "; run.FailedStep != "all" || !strings.HasPrefix(run.Error.Message, want) {
			t.Errorf("failed at %s: %v, want %q", run.FailedStep, run.Error, want)
		}
		p.mu.Lock()
		p.fault = refuse("5")
		p.mu.Unlock()
		r.rerun(run.ID, host.RunFailed)
		if run = r.runs(host.RunFilter{})[0]; !strings.HasPrefix(run.Error.Message, "1 of 20 items failed") {
			t.Errorf("after the second attempt: %v", run.Error)
		}
		p.mu.Lock()
		p.fault = refuse()
		p.mu.Unlock()
		r.rerun(run.ID, host.RunDone)
		r.wantEach(20)
		if lists := p.count("shop.customer.list:action"); lists != 7 {
			t.Errorf("%d pages were fetched, want 7", lists)
		}
	})
}

func (r *rig) rerun(run string, want host.RunState) {
	r.t.Helper()
	if err := r.Rerun(r.t.Context(), run, host.Rerun{How: host.RestartStep}); err != nil {
		r.t.Fatal(err)
	}
	r.await(want, 1)
}

// refuse has the CRM refuse records about these customers.
func refuse(customers ...string) func(host.Invocation) error {
	return func(in host.Invocation) error {
		for _, c := range customers {
			if in.Name == "record.create" && strings.Contains(string(in.Input), `"N":"`+c+`"`) {
				return &abi.Error{Kind: abi.Invalid, Message: "no " + c}
			}
		}
		return nil
	}
}

// A passing fault halts the walk for a while and loses nothing, also beside an
// item that is refused for good.
func TestPagesGoOnAfterAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.listed = 30
		failures := 0
		refused := refuse("3")
		p.fault = func(in host.Invocation) error {
			if in.Name == "record.create" && strings.Contains(string(in.Input), `"N":"4"`) && failures < 3 {
				failures++
				return &abi.Error{Kind: abi.Unavailable, Message: "later"}
			}
			return refused(in)
		}
		r := boot(t, memory(t), p, everyone)
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunFailed, 1)
		if run := r.runs(host.RunFilter{})[0]; !strings.HasPrefix(run.Error.Message, "1 of 30 items failed") {
			t.Errorf("the run says: %v", run.Error)
		}
		if len(p.order) != 29 {
			t.Errorf("%d customers were written, want 29", len(p.order))
		}
	})
}

func TestCrashWithinPages(t *testing.T) {
	for _, written := range []bool{false, true} {
		crashed := true
		for n := 1; crashed; n++ {
			synctest.Test(t, func(t *testing.T) { crashed = crashInPages(t, n, written) })
		}
	}
}

// crashInPages walks three pages, lets the host die at its nth commit and start
// again. It returns false if there were fewer commits.
func crashInPages(t *testing.T, n int, written bool) bool {
	disk, p := memory(t), newPlatform()
	p.listed = 8
	dying := &mortal{Store: disk, written: written}
	dying.left.Store(int64(setUpCommits + n))
	first := boot(t, dying, p, everyone)
	_, err := first.Receive(t.Context(), host.Delivery{Connection: "shop", Body: []byte(`{"id":"1","n":1}`)})
	synctest.Wait()
	time.Sleep(time.Second)
	abandon(first)

	second := boot(t, disk, p, everyone)
	defer second.stop()
	if err != nil {
		second.deliver("1", 1)
	}
	time.Sleep(time.Hour)
	runs := second.runs(host.RunFilter{})
	if len(runs) != 1 || runs[0].State != host.RunDone {
		t.Fatalf("death at commit %d: %+v", n, runs)
	}
	second.wantEach(8)
	if steps := second.steps(runs[0].ID); len(steps) != 1 {
		t.Errorf("death at commit %d left %d records in the journal", n, len(steps))
	}
	return dying.left.Load() <= 0
}

// changed goes over what a poll of the shop finds.
const changed = `language: 1
flow: changed
on: {connection: shop, event: customer.updated}
steps:
  - foreach: {pages: shop.customer.changed, since: "${event.time.plusDays(-1)}"}
    as: customer
    steps:
      - call: crm.record.create
        with: {object: Account, fields: {Mail: "${customer.id}", N: "${customer.id}"}}
`

func TestPagesOfAPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.listed = 10
		r := boot(t, memory(t), p, changed)
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunDone, 1)
		r.wantEach(10)
		if polls := p.count("shop.customer.changed:poll"); polls != 4 {
			t.Errorf("%d pages were polled, want 4", polls)
		}
	})
}

// While the platform prepares what is to be listed the run rests, and is in no trouble.
func TestPagesThatArePreparedAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.listed, p.exports = 10, 3
		r := boot(t, memory(t), p, changed)
		defer r.stop()
		began := time.Now()
		r.deliver("1", 1)
		r.await(host.RunWaiting, 1)
		if run := r.runs(host.RunFilter{})[0]; run.Error != nil || run.Due.Sub(began) != 30*time.Second {
			t.Errorf("while it is prepared the run is %+v", run)
		}
		r.await(host.RunDone, 1)
		if took := time.Since(began); took != 90*time.Second {
			t.Errorf("it took %s", took)
		}
		r.wantEach(10)
	})
}

// Results that only read are written before they are more than a commit takes.
func TestLongPageFitsIntoCommits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.listed, p.paged = 2*store.MaxRows, store.MaxRows+500
		r := boot(t, memory(t), p, readEveryone)
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunDone, 1)
		if reads := p.count("shop.customer.get:action"); reads != p.listed {
			t.Errorf("%d customers were read, want %d", reads, p.listed)
		}
	})
}

const readEveryone = `language: 1
flow: everyone
on: {connection: shop, event: customer.updated}
steps:
  - foreach: {pages: shop.customer.list}
    as: customer
    steps:
      - call: shop.customer.get
        with: {id: "${customer.id}"}
`

// While failed items are done again one of them meets a passing fault: the run
// rests, and then goes on with those that are left.
func TestRedoOfItemsGoesOnAfterARest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.listed = 20
		p.fault = refuse("4", "17")
		r := boot(t, memory(t), p, everyone)
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunFailed, 1)
		met := 0
		p.mu.Lock()
		p.fault = func(in host.Invocation) error {
			if refuse("17")(in) == nil {
				return nil
			}
			if met++; met > 1 {
				return nil
			}
			return &abi.Error{Kind: abi.Unavailable, Message: "later"}
		}
		p.mu.Unlock()
		if err := r.Rerun(t.Context(), r.runs(host.RunFilter{})[0].ID, host.Rerun{How: host.RestartStep}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if run := r.runs(host.RunFilter{})[0]; run.State != host.RunDone {
			t.Errorf("the run is %s: %v", run.State, run.Error)
		}
		r.wantEach(20)
	})
}

// What a run has to write is committed in pieces that a store takes, emitted events included.
func TestManyLargeEventsAreEmitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.listed, p.paged = 100, 100
		r := boot(t, memory(t), p, fmt.Sprintf(emitting, strings.Repeat("x", 10_000)))
		defer r.stop()
		r.deliver("1", 1)
		time.Sleep(time.Hour)
		events, err := r.ledger.Events(t.Context(), host.EventFilter{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if run := r.runs(host.RunFilter{})[0]; run.State != host.RunDone || len(events) != 101 {
			t.Errorf("the run is %s: %v; there are %d events, want 101", run.State, run.Error, len(events))
		}
	})
}

const emitting = `language: 1
flow: emitting
on: {connection: shop, event: customer.updated}
steps:
  - foreach: {pages: shop.customer.list}
    as: c
    steps:
      - emit: customer.changed
        subject: "${c.id}"
        with: {id: "${c.id}-%s"}
`
