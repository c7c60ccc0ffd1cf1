package engine_test

import (
	"testing"
	"testing/synctest"

	"github.com/musubi-run/musubi/host"
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
