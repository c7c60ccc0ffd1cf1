package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
)

// Two flows that announce each other's event, by mistake.
const announcesForEver = `language: 1
flow: first
on: {connection: shop, event: customer.updated}
steps:
  - emit: customer.changed
    subject: "${event.subject}"
    with: {id: "${event.subject}"}
---
language: 1
flow: second
on: {connection: shop, event: customer.changed}
steps:
  - emit: customer.updated
    subject: "${event.subject}"
    with: {id: "${event.subject}", n: 1}
`

// Events that lead to each other for ever are a loop, too: it is cut, and told of.
func TestLoopOfAnnouncementsIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), newPlatform(), announcesForEver)
		defer r.stop()
		r.deliver("1", 1)
		for range 1000 {
			if state := <-r.ended; state == host.RunFailed {
				failed := r.runs(host.RunFilter{State: host.RunFailed})
				if failed[0].Error.Code != host.CodeLoop {
					t.Errorf("failed: %+v", failed[0].Error)
				}
				return
			}
		}
		t.Error("1000 runs were done")
	})
}

// A flow that begins itself again each day is none, nor are many events that
// lead to one each.
const everyDay = `language: 1
flow: daily
on: {connection: shop, event: customer.updated}
steps:
  - wait: {for: 1d}
  - emit: customer.updated
    subject: "${event.subject}"
    with: {id: "${event.subject}", n: 1}
`

func TestAFlowThatBeginsItselfAgainEachDayIsNoLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), newPlatform(), everyDay)
		defer r.stop()
		r.deliver("1", 1)
		time.Sleep(100*24*time.Hour + time.Hour)
		if done := len(r.runs(host.RunFilter{State: host.RunDone})); done != 100 {
			t.Errorf("%d runs are done after 100 days: %+v", done, r.runs(host.RunFilter{State: host.RunFailed}))
		}
	})
}
