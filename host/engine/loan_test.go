package engine

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestACallThatTakesLongLendsItsRunsSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &Engine{loans: newLoans(), tending: newFrontier()}
		slots := make(chan struct{}, 1)
		slots <- struct{}{}
		slot := &berth{slots: slots}
		ctx := withBerth(t.Context(), slot)

		over := e.lend(ctx, "crm")
		time.Sleep(lendAfter - time.Millisecond)
		over()
		time.Sleep(time.Second)
		if _, free := e.loans.room("crm"); !free || len(slots) != 1 {
			t.Error("a short call has lent its slot")
		}

		over = e.lend(ctx, "crm")
		time.Sleep(lendAfter + time.Millisecond)
		if room, _ := e.loans.room("crm"); room != maxLent-1 || len(slots) != 0 {
			t.Errorf("room for %d, %d slots are taken", room, len(slots))
		}
		over()
		if _, free := e.loans.room("crm"); !free || slot.give() {
			t.Error("the slot was given back twice, or the loan not at all")
		}
	})
}

func TestAConnectionThatIsSlowForManyTakesNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &Engine{loans: newLoans(), tending: newFrontier()}
		e.tending.take()
		slots := make(chan struct{}, maxLent)
		var ends []func()
		for range maxLent {
			slots <- struct{}{}
			ends = append(ends, e.lend(withBerth(t.Context(), &berth{slots: slots}), "crm"))
		}
		time.Sleep(time.Second)
		if room, _ := e.loans.room("crm"); room != 0 || len(slots) != 0 {
			t.Errorf("room for %d more, %d slots are taken", room, len(slots))
		}
		if room, free := e.loans.room("shop"); room != maxLent || !free {
			t.Error("another connection has less room")
		}
		for i, end := range ends {
			end()
			if _, woken := e.tending.take(); woken != (i == maxLent/2-1) {
				t.Errorf("after %d calls ended: woken %v", i+1, woken)
			}
		}
	})
}
