package engine_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/musubi-run/musubi/host"
)

const looksUp = `language: 1
flow: looks-up
on: {connection: shop, event: customer.updated}
steps:
  - id: before
    linked: {kind: customer, to: crm}
  - when: '!has(before.id)'
    upsert: crm
    object: Account
    link: customer
    match: {Mail: "${event.subject}@example.com"}
    set: {N: made}
  - id: after
    linked: {kind: customer, from: {connection: shop, id: "${event.subject}"}, to: crm}
  - if: '!has(after.id)'
    then: [{fail: the link that was just made is not found}]
  - id: back
    linked: {kind: customer, from: {connection: crm, id: "${after.id}"}, to: shop}
  - wait: {for: 1h}
  - call: crm.record.update
    with:
      object: ${after.?object.orValue('?')}
      id: ${after.id}
      fields: {N: "${has(before.id) ? 'known' : 'new'} ${back.?id.orValue('?')}"}
`

// A run finds the link that it made itself, from both sides, and what it found
// stays what it goes on with after it rested.
func TestALinkedStepIsJournaled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		r := boot(t, memory(t), p, looksUp)
		defer r.stop()
		r.deliver("7", 1)
		r.await(host.RunDone, 1)
		r.deliver("7", 2)
		r.await(host.RunDone, 1)
		if want := []string{"made", "new 7", "known 7"}; !slices.Equal(p.order, want) {
			t.Errorf("written %q, want %q", p.order, want)
		}
	})
}
