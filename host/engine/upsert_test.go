package engine_test

import (
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

const fromElsewhere = `language: 1
flow: from-elsewhere
on: {connection: crm, event: customer.updated}
steps:
  - upsert: crm
    object: Account
    link: customer
    from: {connection: shop, id: "30511"}
    match: {Mail: hanako@example.com}
    set: {Mail: hanako@example.com, N: a}
`

// An upsert may keep the link of a record that the event is not about, at a
// connection that the event is not of: as a schedule's flow must.
func TestAnUpsertLinksTheRecordThatItNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), newPlatform(), fromElsewhere)
		defer r.stop()
		r.deliverTo("crm", "9", 1)
		r.await(host.RunDone, 1)
		link, err := r.ledger.Linked(t.Context(), "customer", host.Ref{Connection: "shop", ID: "30511"}, "crm")
		if err != nil || link.To.ID != "A1" || link.From.Connection != "shop" {
			t.Errorf("%+v, %v", link, err)
		}
	})
}

const sameRecord = `language: 1
flow: %s
on: {connection: shop, event: customer.updated}
steps:
  - upsert: crm
    object: Product
    link: %[1]s
    match: {Mail: tea}
    set: {Mail: tea, N: "${event.data.id}"}
`

// Two orders that come at once name the same product, which the CRM does not
// have yet: each run looks before it creates, and so would find nothing.
func TestRunsThatCreateTheSameRecordCreateItOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.delay = time.Second
		r := boot(t, memory(t), p, fmt.Sprintf(sameRecord, "products")+"---\n"+fmt.Sprintf(sameRecord, "items"))
		defer r.stop()
		for n := range 3 {
			r.deliver(strconv.Itoa(n), 1)
		}
		r.await(host.RunDone, 6)
		if len(p.records) != 1 || p.count("crm.record.create:action") != 1 || p.count("crm.record.update:action") != 5 {
			t.Errorf("records %v, calls %q", p.records, p.calls)
		}
	})
}

// A record that was created a moment ago need not be listed yet.
func TestARecordThatIsNotListedYetIsNotCreatedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		r := boot(t, memory(t), p, fmt.Sprintf(sameRecord, "products"))
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunDone, 1)
		p.mu.Lock()
		p.records = map[string]map[string]string{}
		p.mu.Unlock()
		r.deliver("2", 1)
		r.await(host.RunDone, 1)
		if n := p.count("crm.record.create:action"); n != 1 {
			t.Errorf("created %d times", n)
		}
		time.Sleep(time.Hour) // it was not: somebody deleted it
		r.deliver("3", 1)
		r.await(host.RunDone, 1)
		if n := p.count("crm.record.create:action"); n != 2 {
			t.Errorf("created %d times", n)
		}
	})
}

// Somebody else creates the record between our look and our creation, and the
// platform refuses a second one.
func TestARecordThatSomebodyElseCreatedMeanwhileIsUpdated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.fault = func(in host.Invocation) error {
			if in.Name != "record.create" {
				return nil
			}
			if len(p.records) == 0 {
				p.records["B1"] = map[string]string{"Mail": "tea"}
			}
			return &abi.Error{Kind: abi.Conflict, Message: "there is one already"}
		}
		r := boot(t, memory(t), p, fmt.Sprintf(sameRecord, "products"))
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunDone, 1)
		link, err := r.ledger.Linked(t.Context(), "products", host.Ref{Connection: "shop", ID: "1"}, "crm")
		if err != nil || link.To.ID != "B1" || p.count("crm.record.update:action") != 1 {
			t.Errorf("%+v, %v, calls %q", link, err, p.calls)
		}
	})
}

// A conflict with something else than the record that is meant is the step's error.
func TestAConflictWithAnotherRecordFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.fault = func(in host.Invocation) error {
			if in.Name == "record.create" {
				return &abi.Error{Kind: abi.Conflict, Message: "the code is taken"}
			}
			return nil
		}
		r := boot(t, memory(t), p, fmt.Sprintf(sameRecord, "products"))
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunFailed, 1)
		if failed := r.runs(host.RunFilter{}); failed[0].Error.Message != "the code is taken" {
			t.Errorf("%+v", failed[0].Error)
		}
	})
}
