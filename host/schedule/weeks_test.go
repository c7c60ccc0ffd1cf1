package schedule_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/engine"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/schedule"
	"github.com/musubi-run/musubi/host/store/mem"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

var tokyo = time.FixedZone("Asia/Tokyo", 9*60*60)

// bench is what schedules and polls work with: a store that outlives them, a
// clock that can be set, and a shop that has one new order a minute.
type bench struct {
	*testing.T

	ledger *ledger.Ledger
	engine *engine.Engine

	mu     sync.Mutex
	offset time.Duration
	polled []time.Time
	refuse time.Time // until when the credential is refused
}

func newBench(t *testing.T) *bench {
	t.Helper()
	s := mem.New(time.Now)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	l, err := ledger.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{T: t, ledger: l}
	var mu sync.Mutex
	n := 0
	b.engine = engine.New(engine.Options{
		Ledger: l, Connectors: b, Rules: engine.NewRulebook(l, nil), Observer: quiet{}, Logger: slog.New(slog.DiscardHandler), Now: b.now,
		NewID: func() string {
			mu.Lock()
			defer mu.Unlock()
			n++
			return fmt.Sprintf("I%09d", n)
		},
	})
	return b
}

type quiet struct{}

func (quiet) Delivery(string, string, int)                      {}
func (quiet) RunEnded(string, host.RunState, time.Duration)     {}
func (quiet) CallEnded(string, string, abi.Kind, time.Duration) {}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Add(b.offset)
}

// set sets the clock, and forgets the polls so far.
func (b *bench) set(offset time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.offset, b.polled = offset, nil
}

func (b *bench) options() schedule.Options {
	return schedule.Options{Connectors: b, Cursors: b.ledger, Intake: b.engine, Logger: slog.New(slog.DiscardHandler), Now: b.now}
}

func (b *bench) clockwork() *schedule.Clockwork { return schedule.NewClockwork(b.options()) }

// Invoke is the shop's poll: the orders since the cursor, one of every minute.
func (b *bench) Invoke(_ context.Context, in host.Invocation) ([]byte, error) {
	var poll abi.PollInput
	if err := json.Unmarshal(in.Input, &poll); err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.polled = append(b.polled, time.Now())
	b.mu.Unlock()
	if time.Now().Before(b.refuse) {
		return nil, &abi.Error{Kind: abi.Auth, Message: "refused"}
	}
	from := poll.Since
	if poll.Cursor != nil {
		if err := json.Unmarshal(poll.Cursor, &from); err != nil {
			return nil, err
		}
	}
	page := abi.PollPage{Events: []abi.Event{}}
	for ; !from.After(time.Now()); from = from.Add(time.Minute) {
		if len(page.Events) == 25 {
			page.More = true
			break
		}
		page.Events = append(page.Events, abi.Event{Type: "order.created", Subject: "1", Dedupe: from.String(), Data: []byte("{}")})
	}
	page.Cursor, _ = json.Marshal(from) //nolint:errcheck,errchkjson // a time
	return json.Marshal(page)
}

// watch fires the plan for a while.
func (b *bench) watch(p schedule.Plan, d time.Duration) {
	b.Helper()
	c := b.clockwork()
	c.Watch(b.Context(), []schedule.Plan{p})
	time.Sleep(d)
	c.Stop()
}

// fired returns how often each due time was announced.
func (b *bench) fired() map[string]int {
	b.Helper()
	events, err := b.ledger.Events(b.Context(), host.EventFilter{Limit: 1 << 20})
	if err != nil {
		b.Fatal(err)
	}
	times := map[string]int{}
	for _, e := range events {
		times[e.Time.In(tokyo).Format("01-02 15:04")]++
	}
	return times
}

// The clock begins at midnight of 2000-01-01 UTC, 9:00 in Tokyo.

func TestDailyScheduleOverWeeksAndRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		p := schedule.Plan{Flow: "daily", Times: "30 9 * * *", Zone: tokyo, CatchUp: rules.CatchUpOnce, Jitter: 20 * time.Minute}
		for range 40 { // a restart every twelve hours and some
			b.watch(p, 12*time.Hour+7*time.Minute)
		}
		fired := b.fired()
		if days := slices.Sorted(maps.Keys(fired)); len(days) != 21 || days[0] != "01-01 09:30" || days[20] != "01-21 09:30" {
			t.Errorf("fired on %v", days)
		}
		for at, n := range fired {
			if n != 1 {
				t.Errorf("%s was fired %d times", at, n)
			}
		}
	})
}

func TestIntervalKeepsItsBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		p := schedule.Plan{Flow: "beat", Times: "every 45m", Zone: tokyo, CatchUp: rules.CatchUpAll}
		for range 7 {
			b.watch(p, 24*time.Hour)
		}
		b.watch(p, time.Minute)
		if n := len(b.fired()); n != 7*24*60/45 {
			t.Errorf("fired %d times in a week, want %d", n, 7*24*60/45)
		}
	})
}

// A host was down for three days and a half.
func TestCatchUpAfterDowntime(t *testing.T) {
	for policy, want := range map[rules.CatchUp][]string{
		rules.CatchUpSkip: {"01-01 12:00", "01-05 12:00"},
		rules.CatchUpOnce: {"01-01 12:00", "01-04 12:00", "01-05 12:00"},
		rules.CatchUpAll:  {"01-01 12:00", "01-02 12:00", "01-03 12:00", "01-04 12:00", "01-05 12:00"},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			p := schedule.Plan{Flow: "noon", Times: "0 12 * * *", Zone: tokyo, CatchUp: policy}
			b.watch(p, 6*time.Hour)
			time.Sleep(84 * time.Hour)
			b.watch(p, 24*time.Hour)
			if got := slices.Sorted(maps.Keys(b.fired())); !slices.Equal(got, want) {
				t.Errorf("%s fired at %v, want %v", policy, got, want)
			}
		})
	}
}

// A flow is switched off for ten days, by a reload or while the host is down. What
// was due then is not caught up with when it is switched on again.
func TestScheduleThatWasSwitchedOffBeginsAnew(t *testing.T) {
	for name, restart := range map[string]bool{"by a reload": false, "while the host is down": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				on := []schedule.Plan{{Flow: "noon", Times: "0 12 * * *", Zone: tokyo, CatchUp: rules.CatchUpAll}}
				c := b.clockwork()
				c.Watch(t.Context(), on)
				time.Sleep(30 * time.Hour)
				if restart {
					c.Stop()
					c = b.clockwork()
				}
				c.Watch(t.Context(), nil)
				time.Sleep(10 * 24 * time.Hour)
				c.Watch(t.Context(), on)
				time.Sleep(24 * time.Hour)
				c.Stop()
				if got, want := slices.Sorted(maps.Keys(b.fired())), []string{"01-01 12:00", "01-02 12:00", "01-13 12:00"}; !slices.Equal(got, want) {
					t.Errorf("fired at %v, want %v", got, want)
				}
			})
		})
	}
}

// A host that has no rules at all for a while, because their folder was not
// there, catches up when it has them.
func TestScheduleGoesOnAfterATimeWithoutAnyRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		on := []schedule.Plan{{Flow: "noon", Times: "0 12 * * *", Zone: tokyo, CatchUp: rules.CatchUpAll}}
		c := b.clockwork()
		c.Watch(t.Context(), on)
		time.Sleep(30 * time.Hour)
		c.Stop()
		c = b.clockwork()
		c.Idle()
		time.Sleep(2 * 24 * time.Hour)
		c.Watch(t.Context(), on)
		time.Sleep(time.Hour)
		c.Stop()
		if got, want := slices.Sorted(maps.Keys(b.fired())), []string{"01-01 12:00", "01-02 12:00", "01-03 12:00", "01-04 12:00"}; !slices.Equal(got, want) {
			t.Errorf("fired at %v, want %v", got, want)
		}
	})
}

// A clock that is set an hour ahead and back fires nothing twice and leaves nothing out.
func TestScheduleWhenTheClockIsSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		c := b.clockwork()
		c.Watch(t.Context(), []schedule.Plan{{Flow: "hourly", Times: "0 * * * *", Zone: tokyo, CatchUp: rules.CatchUpAll}})
		for _, jump := range []time.Duration{0, time.Hour, -time.Hour, time.Hour, 0} {
			time.Sleep(3*time.Hour + 20*time.Minute)
			b.set(jump)
		}
		time.Sleep(3 * time.Hour)
		c.Stop()
		fired := b.fired()
		for hour := range 19 { // 10:00 on the 1st is the first one
			at := time.Date(2000, 1, 1, 10+hour, 0, 0, 0, tokyo).Format("01-02 15:04")
			if fired[at] != 1 {
				t.Errorf("%s was fired %d times", at, fired[at])
			}
		}
		if len(fired) != 19 {
			t.Errorf("%d due times were fired, want 19: %v", len(fired), slices.Sorted(maps.Keys(fired)))
		}
	})
}

// A schedule whose times are changed is due by the new ones from then on, long
// before the next time by the old ones.
func TestChangedScheduleIsDueByItsNewTimesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t) // it is 9:00 on the 1st, a Saturday
		c := b.clockwork()
		plan := schedule.Plan{Flow: "report", Times: "0 12 * * 1", Zone: tokyo}
		c.Watch(t.Context(), []schedule.Plan{plan})
		time.Sleep(time.Hour)
		plan.Times = "30 14 * * *"
		c.Watch(t.Context(), []schedule.Plan{plan})
		time.Sleep(5*time.Hour + 30*time.Minute)
		plan.Times = "0 * * * *"
		c.Watch(t.Context(), []schedule.Plan{plan})
		time.Sleep(3 * time.Hour)
		c.Stop()
		want := []string{"01-01 14:30", "01-01 16:00", "01-01 17:00", "01-01 18:00"}
		if got := slices.Sorted(maps.Keys(b.fired())); !slices.Equal(got, want) {
			t.Errorf("fired at %v, want %v", got, want)
		}
	})
}

// The clock is a year ahead for a while. When it is right again, so are schedules.
func TestScheduleAfterAClockThatWasFarAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		c := b.clockwork()
		c.Watch(t.Context(), []schedule.Plan{{Flow: "hourly", Times: "0 * * * *", Zone: tokyo, CatchUp: rules.CatchUpOnce}})
		for _, jump := range []time.Duration{0, 365 * 24 * time.Hour, 0} {
			b.set(jump)
			time.Sleep(3*time.Hour + 20*time.Minute)
		}
		c.Stop()
		fired := b.fired()
		for _, at := range []string{"01-01 10:00", "01-01 12:00", "01-01 16:00", "01-01 18:00"} {
			if fired[at] != 1 {
				t.Errorf("%s was fired %d times: %v", at, fired[at], slices.Sorted(maps.Keys(fired)))
			}
		}
	})
}

// A poll finds every order once in two weeks of restarts, and each time it is due.
func TestPollOverWeeksAndRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.poll(14, 24*time.Hour, schedule.Source{Connection: "shop", Trigger: "order.created", Interval: 10 * time.Minute})
		count, err := b.ledger.Events(t.Context(), host.EventFilter{Limit: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if want := 14 * 24 * 60; len(count) < want-10 || len(count) > want+20 {
			t.Errorf("%d orders were found, want about %d", len(count), want)
		}
		if want := 14 * 24 * 6; len(b.polled) < want || len(b.polled) > want+20 {
			t.Errorf("the shop was asked %d times, want about %d", len(b.polled), want)
		}
	})
}

// A connection is set up with a credential that is refused for some hours, and
// the host is started again meanwhile: what happened since the first try is found.
func TestFirstPollThatFailsLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.refuse = time.Now().Add(5 * time.Hour)
		b.poll(3, 2*time.Hour, schedule.Source{Connection: "shop", Trigger: "order.created", Interval: 10 * time.Minute})
		count, err := b.ledger.Events(t.Context(), host.EventFilter{Limit: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if want := 6 * 60; len(count) < want-10 || len(count) > want+20 {
			t.Errorf("%d orders were found, want about %d", len(count), want)
		}
	})
}

func (b *bench) poll(times int, each time.Duration, s schedule.Source) {
	for range times {
		p := schedule.NewPoller(b.options())
		p.Watch(b.Context(), []schedule.Source{s})
		time.Sleep(each)
		p.Stop()
	}
}

// A clock that is set back an hour does not make a poll wait for it.
func TestPollWhenTheClockIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		p := schedule.NewPoller(b.options())
		p.Watch(b.Context(), []schedule.Source{{Connection: "shop", Trigger: "order.created", Interval: 10 * time.Minute}})
		time.Sleep(time.Hour)
		b.set(-time.Hour)
		time.Sleep(time.Hour)
		p.Stop()
		if len(b.polled) < 5 {
			t.Errorf("in the hour after, the shop was asked %d times", len(b.polled))
		}
	})
}
