package engine_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/musubi-run/musubi/host"
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

// Two flows that change each other's values for ever are cut, and the run says so.
func TestLoopOfChangingValuesIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), newPlatform(), fmt.Sprintf(bothWays, "${string(event.data.n)}", "${string(event.data.n)}"))
		defer r.stop()
		for n := 1; n < 100; n++ {
			if n%2 == 1 {
				r.deliver("1", n)
			} else {
				r.deliverTo("crm", "A1", n)
			}
			if state := <-r.ended; state == host.RunFailed {
				failed := r.runs(host.RunFilter{State: host.RunFailed})
				if len(failed) != 1 || failed[0].Error.Kind != abi.Conflict || failed[0].Error.Code != "loop" {
					t.Errorf("failed for another reason: %+v", failed)
				}
				return
			}
		}
		t.Error("99 rounds were run")
	})
}
