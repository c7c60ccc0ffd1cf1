package schedule_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/engine"
	"github.com/musubi-run/musubi/host/schedule"
	"github.com/musubi-run/musubi/sdk/abi"
)

// pollMany polls so many triggers of the shop for a while and returns when each was asked.
func (b *bench) pollMany(count int, d time.Duration) []time.Time {
	b.Helper()
	b.set(0)
	p := schedule.NewPoller(b.options())
	var sources []schedule.Source
	for i := range count {
		sources = append(sources, schedule.Source{Connection: "shop", Trigger: fmt.Sprintf("record%d.updated", i), Interval: 10 * time.Minute})
	}
	p.Watch(b.Context(), sources)
	time.Sleep(d)
	p.Stop()
	return b.polled
}

// busiest is how many of the times are in one second.
func busiest(times []time.Time) (most int) {
	seconds := map[int64]int{}
	for _, t := range times {
		seconds[t.Unix()]++
		most = max(most, seconds[t.Unix()])
	}
	return most
}

// A hundred polls do not fire in one second: neither at the first start, nor
// when they are due again, nor all together after the host was down.
func TestPollsAreSpreadInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		for _, when := range []string{"at the first start", "after the host was down"} {
			if first := b.pollMany(100, 5*time.Minute); len(first) != 100 || busiest(first) > 25 {
				t.Errorf("%s: %d polls, %d of them in one second", when, len(first), busiest(first))
			}
			if again := b.pollMany(100, 9*time.Minute); len(again) != 100 || busiest(again) > 25 {
				t.Errorf("%s, the next time: %d polls, %d of them in one second", when, len(again), busiest(again))
			}
			time.Sleep(12 * time.Minute)
		}
	})
}

// The same connection and trigger have the same place each time, and one alone does not wait.
func TestTheSpreadIsTheSameEachTime(t *testing.T) {
	var starts [2][]time.Duration
	for i := range starts {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			for _, at := range newBench(t).pollMany(20, time.Minute) {
				starts[i] = append(starts[i], at.Sub(began))
			}
			if alone := newBench(t).pollMany(1, time.Minute); alone[0].Sub(began) > time.Minute+100*time.Millisecond {
				t.Errorf("one poll alone waits %s", alone[0].Sub(began)-time.Minute)
			}
		})
	}
	if fmt.Sprint(starts[0]) != fmt.Sprint(starts[1]) {
		t.Errorf("%v, then %v", starts[0], starts[1])
	}
}

// parked is a shop whose connection the host knows not to work until a time.
type parked struct {
	*bench

	mended time.Time
}

func (p parked) Invoke(ctx context.Context, in host.Invocation) ([]byte, error) {
	if time.Now().Before(p.mended) {
		return nil, &abi.Error{Kind: abi.Unavailable, Code: host.CodeHeld, Message: "parked", RetryAfterMS: 600_000}
	}
	return p.bench.Invoke(ctx, in)
}

func TestPollGoesOnSoonAfterItsConnectionWorksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := parked{newBench(t), time.Now().Add(30 * time.Minute)}
		var log bytes.Buffer
		o := shop.options()
		o.Connectors, o.Logger = shop, slog.New(slog.NewTextHandler(&log, nil))
		p := schedule.NewPoller(o)
		p.Watch(t.Context(), []schedule.Source{{Connection: "shop", Trigger: "order.created", Interval: 10 * time.Minute}})
		time.Sleep(time.Hour)
		p.Stop()
		if late := shop.polled[0].Sub(shop.mended); late > 70*time.Second {
			t.Errorf("polled %s after the connection worked again", late)
		}
		if strings.Contains(log.String(), "failed") {
			t.Errorf("a poll that waits is logged as failed:\n%s", &log)
		}
	})
}

// circuited calls the shop as the host does: only while its connection works.
type circuited struct{ *engine.Engine }

func (c circuited) Invoke(ctx context.Context, in host.Invocation) ([]byte, error) {
	return c.Reach(ctx, in)
}

// A shop refuses the credential for two hours. It is tried now and then, and
// by one poll of ten only; once it is good all go on.
func TestPollsDoNotHammerAShopThatRefusesThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.refuse = time.Now().Add(2 * time.Hour)
		o := b.options()
		o.Connectors = circuited{b.engine}
		p := schedule.NewPoller(o)
		var sources []schedule.Source
		for i := range 10 {
			sources = append(sources, schedule.Source{Connection: "shop", Trigger: fmt.Sprintf("record%d.updated", i), Interval: 5 * time.Minute})
		}
		p.Watch(b.Context(), sources)
		time.Sleep(2 * time.Hour)
		if len(b.polled) > 20 {
			t.Errorf("%d polls with a refused credential", len(b.polled))
		}
		b.set(0)
		time.Sleep(15 * time.Minute)
		p.Stop()
		if len(b.polled) < 10 {
			t.Errorf("%d polls once it was good", len(b.polled))
		}
	})
}
