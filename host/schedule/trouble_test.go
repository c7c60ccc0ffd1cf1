package schedule_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/schedule"
)

// troubles are those that are kept, by trigger.
func (b *bench) troubles() map[string]schedule.Trouble {
	b.Helper()
	cursors, err := b.ledger.Cursors(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	all := map[string]schedule.Trouble{}
	for _, c := range cursors {
		trigger, trouble, is, err := schedule.TroubleOf(c)
		if err != nil {
			b.Fatal(err)
		}
		if is {
			all[trigger] = trouble
		}
	}
	return all
}

// A poll that is switched off is in no trouble any more, and begins anew when it is back.
func TestTroubleGoesWithThePoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.refuse = time.Now().Add(24 * time.Hour)
		on := []schedule.Source{{Connection: "shop", Trigger: "order.created", Interval: 10 * time.Minute}}
		p := schedule.NewPoller(b.options())
		defer p.Stop()
		p.Watch(t.Context(), on)
		time.Sleep(time.Hour)
		if got := b.troubles()["order.created"]; got.Tries < 10 || time.Since(got.Since) < 50*time.Minute {
			t.Errorf("after an hour: %+v", got)
		}
		p.Watch(t.Context(), nil)
		if got := b.troubles(); len(got) != 0 {
			t.Errorf("switched off: %+v", got)
		}
		time.Sleep(time.Hour)
		p.Watch(t.Context(), on)
		time.Sleep(5 * time.Minute)
		if got := b.troubles()["order.created"]; got.Tries < 1 || time.Since(got.Since) > 5*time.Minute {
			t.Errorf("switched on again: %+v", got)
		}
	})
}

// A poll that waits for its connection was not tried, and says what it waits for.
func TestTroubleOfAPollThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := parked{newBench(t), time.Now().Add(30 * time.Minute)}
		o := shop.options()
		o.Connectors = shop
		p := schedule.NewPoller(o)
		defer p.Stop()
		p.Watch(t.Context(), []schedule.Source{{Connection: "shop", Trigger: "order.created", Interval: 10 * time.Minute}})
		time.Sleep(20 * time.Minute)
		if got := shop.troubles()["order.created"]; got.Tries != 0 || got.Error == nil || got.Error.Code != host.CodeHeld {
			t.Errorf("while the connection is parked: %+v", got)
		}
		time.Sleep(20 * time.Minute)
		if got := shop.troubles(); len(got) != 0 {
			t.Errorf("when it works again: %+v", got)
		}
	})
}
