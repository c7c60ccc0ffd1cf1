package schedule_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/schedule"
	"github.com/musubi-run/musubi/sdk/abi"
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

// refusing is a platform that refuses each poll until it is mended.
type refusing struct {
	*bench

	kind   abi.Kind
	mended time.Time
}

func (r refusing) Invoke(ctx context.Context, in host.Invocation) ([]byte, error) {
	if time.Now().Before(r.mended) {
		return nil, &abi.Error{Kind: r.kind, Message: "the scope read_orders is missing"}
	}
	return r.bench.Invoke(ctx, in)
}

// People are warned once of a poll that only a person can mend, as soon as
// anybody hears it; of outages the connection tells.
func TestPeopleAreWarnedOfAPollThatKeepsFailing(t *testing.T) {
	for kind, want := range map[abi.Kind]string{
		abi.Denied: "[order.created denied]", abi.Invalid: "[order.created invalid]", abi.Unavailable: "[]", abi.Auth: "[]",
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			o := b.options()
			o.Connectors = refusing{b, kind, time.Now().Add(5 * time.Hour)}
			warned := []string{}
			heard := time.Now().Add(time.Hour)
			o.Warn = func(_ context.Context, s schedule.Source, trouble schedule.Trouble) (bool, error) {
				if time.Now().Before(heard) {
					return false, nil
				}
				warned = append(warned, s.Trigger+" "+trouble.Error.Kind.String())
				return true, nil
			}
			for range 3 { // a restart tells nothing twice
				p := schedule.NewPoller(o)
				p.Watch(t.Context(), []schedule.Source{{Connection: "shop", Trigger: "order.created", Interval: 10 * time.Minute}})
				time.Sleep(time.Hour + 40*time.Minute)
				p.Stop()
			}
			if got := fmt.Sprint(warned); got != want {
				t.Errorf("%s: warned of %s, want %s", kind, got, want)
			}
		})
	}
}
