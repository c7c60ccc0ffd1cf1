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

// Each write at a platform comes back as an event. A sync in both directions
// settles after one round.
func TestSyncInBothDirectionsSettles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		r := boot(t, memory(t), p, fmt.Sprintf(bothWays, "same", "same"))
		defer r.stop()
		n := 1
		r.deliver("1", n)
		r.await(host.RunDone, 1)
		for _, echo := range []struct{ connection, id string }{{"crm", "A1"}, {"shop", "1"}, {"crm", "A1"}, {"shop", "1"}} {
			n++
			r.deliverTo(echo.connection, echo.id, n)
			r.await(host.RunDone, 1)
		}
		writes := p.count("crm.record.create:action") + p.count("crm.record.update:action") + p.count("shop.record.update:action")
		if writes != 2 {
			t.Errorf("%d writes, want one there and one back: %v", writes, p.calls)
		}
	})
}

const alike = "${string(event.data.n % 1000)}" // further repetitions of a change tell of the same values

// A record that is changed a hundred times in an hour is no loop: each change
// goes there and back, and comes to rest.
func TestManyChangesOfOneRecordAreNoLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		r := boot(t, memory(t), p, fmt.Sprintf(bothWays, alike, alike))
		defer r.stop()
		for n := 1; n <= 100; n++ {
			r.deliver("1", n)
			r.await(host.RunDone, 1)
			r.deliverTo("crm", "A1", 1000+n)
			r.await(host.RunDone, 1)
			r.deliver("1", 2000+n)
			r.await(host.RunDone, 1)
			time.Sleep(30 * time.Second)
		}
		if back := p.count("shop.record.update:action"); back != 100 {
			t.Errorf("%d writes back, want one for each change", back)
		}
	})
}

// Neither is an import into one direction, however fast, nor all of it done again by a person.
func TestAnImportIsNoLoopNorIsRunningItAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		r := boot(t, memory(t), p, fmt.Sprintf(bothWays, alike, alike))
		defer r.stop()
		mend := p.breakDown("crm", &abi.Error{Kind: abi.Invalid, Message: "refused"})
		for n := 1; n <= 100; n++ {
			r.deliver("1", n)
		}
		r.await(host.RunFailed, 1) // the others wait behind it
		mend()
		p.mu.Lock()
		p.delay = time.Second
		p.mu.Unlock()
		r.rerun(r.runs(host.RunFilter{State: host.RunFailed})[0].ID, host.RunDone)
		for n := 1; n <= 100; n++ {
			time.Sleep(time.Second)
			r.deliverTo("crm", "A1", 1000+n) // what was written comes back, and goes on to the shop
		}
		r.await(host.RunDone, 199)
		if writes := len(p.effects); writes != 200 {
			t.Errorf("%d writes, want 200", writes)
		}
	})
}

// Two flows that change each other's values for ever are cut, and the run says
// so. Done again after the rules were mended, it goes through.
func TestLoopOfChangingValuesIsCut(t *testing.T) {
	for name, flows := range map[string]string{
		"upserts": fmt.Sprintf(bothWays, "${string(event.data.n)}", "${string(event.data.n)}"),
		"calls":   bothWaysByCalls,
	} {
		t.Run(name, func(t *testing.T) { cutsTheLoop(t, flows) })
	}
}

// bothWaysByCalls writes without a link, and so without finding that nothing is to be written.
const bothWaysByCalls = `language: 1
flow: there
on: {connection: shop, event: customer.updated}
steps:
  - call: crm.record.update
    with: {object: Account, id: A1, fields: {N: "${string(event.data.n)}"}}
---
language: 1
flow: back
on: {connection: crm, event: customer.updated}
steps:
  - call: shop.record.update
    with: {object: Customer, id: "1", fields: {N: "${string(event.data.n)}"}}
`

func cutsTheLoop(t *testing.T, flows string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), newPlatform(), flows)
		defer r.stop()
		for n := 1; n < 100; n++ {
			if n%2 == 1 {
				r.deliver("1", n)
			} else {
				r.deliverTo("crm", "A1", n)
			}
			if state := <-r.ended; state == host.RunFailed {
				failed := r.runs(host.RunFilter{State: host.RunFailed})
				if len(failed) != 1 || failed[0].Error.Kind != abi.Conflict || failed[0].Error.Code != "loop" || n < 60 {
					t.Errorf("round %d failed for another reason: %+v", n, failed)
				}
				r.rerun(failed[0].ID, host.RunDone)
				return
			}
		}
		t.Error("99 rounds were run")
	})
}

// A link that a run made is there for its later steps.
func TestLaterStepsSeeTheLinksOfTheirRun(t *testing.T) {
	const first = `language: 1
flow: links
on: {connection: shop, event: customer.updated}
steps:
  - link: {kind: customer, from: {connection: shop, id: "${event.subject}"}, to: {connection: crm, id: A}}
`
	for name, second := range map[string]string{
		"the same":  `  - link: {kind: customer, from: {connection: shop, id: "${event.subject}"}, to: {connection: crm, id: A}}`,
		"another":   `  - link: {kind: customer, from: {connection: shop, id: "${event.subject}"}, to: {connection: crm, id: B}}`,
		"an upsert": `  - {upsert: crm, object: Account, link: customer, match: {Mail: m}, set: {N: "1"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform()
				r := boot(t, memory(t), p, first+second+"\n")
				defer r.stop()
				r.deliver("1", 0)
				time.Sleep(time.Hour)
				if run := r.runs(host.RunFilter{})[0]; run.State != host.RunDone {
					t.Errorf("the run is %s: %v", run.State, run.Error)
				}
				if n := p.count("crm.record.create:action"); n != 0 {
					t.Errorf("%d records were made beside the linked one", n)
				}
			})
		})
	}
}

// What no store takes fails its run, where a person sees it, instead of being tried for ever.
func TestRunThatCannotBeRecordedFails(t *testing.T) {
	const flow = `language: 1
flow: links
on: {connection: shop, event: customer.updated}
steps:
  - link: {kind: customer, from: {connection: shop, id: "${event.data.id}"}, to: {connection: crm, id: A}}
`
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), newPlatform(), flow)
		defer r.stop()
		r.deliver(strings.Repeat("x", 2*store.MaxKey), 0)
		time.Sleep(time.Hour)
		run := r.runs(host.RunFilter{})[0]
		if run.State != host.RunFailed || run.Error.Kind != abi.Internal {
			t.Errorf("the run is %s: %v", run.State, run.Error)
		}
	})
}
