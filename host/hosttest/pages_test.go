package hosttest_test

import (
	"fmt"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// every makes a lead of every product, page by page.
const every = `
language: 1
flow: every
on: {connection: crm, event: record.notified}
steps:
  - id: products
    foreach: {pages: crm.query.run, with: {soql: "SELECT Name FROM Product2 WHERE Name LIKE '品%'", max_records: 200}}
    as: product
    concurrency: 4
    steps:
      - call: crm.record.create
        with:
          object: Lead
          fields: {LastName: "${string(product.Name)}", Company: "${event.subject}"}
`

const everyProducts = 450

// A host that is killed in the middle of a long list goes on with the items that are left.
func TestKilledHostGoesOnWithinPages(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{
		Rules:       map[string]string{"every.yaml": every},
		Connections: map[string]hosttest.Connection{"crm": {Connector: "salesforce", Quiet: true}},
		Process:     true,
	})
	for n := range everyProducts {
		if err := h.Sims["crm"].PutRecord(t.Context(), "Product2", fmt.Sprintf("01txx0000%06d", n), map[string]any{"Name": fmt.Sprintf("品%03d", n)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Sims["crm"].PutRecord(t.Context(), "Account", account, map[string]any{"Name": "花子商店"}); err != nil {
		t.Fatal(err)
	}
	if answer := h.Deliver("crm", simkit.Delivery{Event: "Account", ID: account}); answer.Status != 200 {
		t.Fatalf("the host answered %+v", answer)
	}
	for _, written := range []int{100, 300} {
		h.Await("some leads", func() bool { return len(leads(t, h)) >= written })
		h.Kill()
		h.Restart()
	}
	if run := h.Settled(1)[0]; run.State != host.RunDone {
		t.Fatalf("run %s: %s at %s: %v", run.ID, run.State, run.FailedStep, run.Error)
	}
	seen := map[string]int{}
	for _, l := range leads(t, h) {
		seen[l.LastName]++
	}
	for n := range everyProducts {
		if name := fmt.Sprintf("品%03d", n); seen[name] != 1 {
			t.Errorf("%s became %d leads", name, seen[name])
		}
	}
	if steps := h.Steps(h.Runs(host.RunFilter{})[0].ID); len(steps) != 1 {
		t.Errorf("%d records are left in the journal", len(steps))
	}
}
