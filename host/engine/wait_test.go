package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
)

const rests = `language: 1
flow: rests
on: {connection: shop, event: customer.updated}
steps:
  - id: first
    wait: {for: 3h}
  - id: second
    wait: {for: "${first.at - now}"}
  - call: crm.record.create
    with: {object: Account, fields: {Mail: m, N: "${second.at == now + duration('6h') ? '6h' : 'other'}"}}
`

// What a wait says is journaled: a restart in the second one does not change the first.
func TestAWaitSaysWhenTheRunWentOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk, p := memory(t), newPlatform()
		r := boot(t, disk, p, rests)
		r.deliver("1", 1)
		time.Sleep(4 * time.Hour)
		r.stop()
		time.Sleep(time.Hour)
		r = boot(t, disk, p, rests)
		defer r.stop()
		r.await(host.RunDone, 1)
		if len(p.order) != 1 || p.order[0] != "6h" {
			t.Errorf("written %q, want 6h: three hours and as long again", p.order)
		}
	})
}
