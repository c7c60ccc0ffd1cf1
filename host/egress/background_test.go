package egress

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// slow answers after a while.
type slow time.Duration

func (s slow) send(context.Context, *hop) *abi.Response {
	time.Sleep(time.Duration(s))
	return &abi.Response{Status: 200}
}

// backfill sends so many requests in the background, from many goroutines, and
// again those that were refused; done waits until all were sent.
func backfill(t *testing.T, l *limited, requests int, cost int64) (done func()) {
	t.Helper()
	ctx := host.Background(t.Context())
	var calls sync.WaitGroup
	for range requests {
		calls.Go(func() {
			for {
				r := l.send(ctx, &hop{cost: cost})
				if r.Err == nil {
					return
				}
				if r.Err.Code != host.CodeYields {
					t.Errorf("refused: %+v", r.Err)
					return
				}
				time.Sleep(r.Err.RetryAfter())
			}
		})
	}
	return calls.Wait
}

// While a backfill of a hundred requests is under way, requests of what happens
// now wait for one of its requests at the most, whatever the platform limits;
// and the backfill takes no longer than the platform wants it to.
func TestLiveRequestsWaitForOneRequestOfABackfillAtTheMost(t *testing.T) {
	for name, c := range map[string]struct {
		limits        abi.Limits
		takes         time.Duration // one request
		cost          int64
		one, backfill time.Duration // the longest that one request, and all of them, may take
	}{
		"one a second":           {abi.Limits{PerSecond: 1, Burst: 1}, 0, 0, time.Second, 130 * time.Second},
		"bursts":                 {abi.Limits{PerSecond: 10, Burst: 20}, 0, 0, 0, 26 * time.Second},
		"one at once":            {abi.Limits{Concurrency: 1}, time.Second, 0, time.Second, 140 * time.Second},
		"four at once":           {abi.Limits{Concurrency: 4}, time.Second, 0, 0, 45 * time.Second},
		"points":                 {abi.Limits{Points: abi.Points{Capacity: 100, PerSecond: 10}}, 0, 20, 0, 250 * time.Second},
		"a request is all of it": {abi.Limits{Points: abi.Points{Capacity: 20, PerSecond: 10}}, 0, 20, 2 * time.Second, 260 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newTestLimited(t, slow(c.takes), c.limits, 5*time.Second)
				began := time.Now()
				done := backfill(t, l, 100, c.cost)
				for range 10 {
					time.Sleep(2500 * time.Millisecond)
					asked := time.Now()
					if r := l.send(t.Context(), &hop{cost: c.cost}); r.Err != nil || time.Since(asked) > c.one+c.takes+time.Millisecond {
						t.Errorf("waited %s: %v", time.Since(asked)-c.takes, r.Err)
					}
				}
				done()
				if took := time.Since(began); took > c.backfill {
					t.Errorf("the backfill took %s", took)
				}
			})
		})
	}
}

// A burst of live events is not slowed down by what a backfill has used.
func TestABackfillLeavesRoomForABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newTestLimited(t, slow(0), abi.Limits{PerSecond: 10, Burst: 20}, 5*time.Second)
		done := backfill(t, l, 100, 0)
		time.Sleep(3 * time.Second)
		began := time.Now()
		for range 10 {
			l.send(t.Context(), &hop{})
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("ten requests waited %s", took)
		}
		done()
	})
}

func TestABackfillLeavesATenthOfTheDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := countDays(t, abi.Limits{PerDay: 100}, nil)
		ctx, sent := host.Background(t.Context()), 0
		r := &abi.Response{}
		for ; r.Err == nil; sent++ {
			r = l.send(ctx, &hop{})
		}
		if sent-1 != 90 || r.Err.Code != host.CodeYields || r.Err.RetryAfter() != 24*time.Hour {
			t.Errorf("%d of 100 were sent, then %+v", sent-1, r.Err)
		}
		spend(t, l, 10)
		if r := l.send(t.Context(), &hop{}); r.Err == nil || r.Err.Code != "per_day" {
			t.Errorf("the day's 101st: %+v", r.Err)
		}
	})
}

func TestABackfillLeavesATenthOfAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &counter{status: 200}
		limits := abi.Limits{Gauges: []abi.Gauge{{Header: "Left", Limit: "Of", Reset: "Reset"}}}
		l := newTestLimited(t, next, limits, 5*time.Second)
		for _, left := range []int{11, 10} {
			next.headers = []abi.Header{{Name: "Left", Value: strconv.Itoa(left)}, {Name: "Of", Value: "100"}, {Name: "Reset", Value: "90"}}
			if r := l.send(host.Background(t.Context()), &hop{}); r.Err != nil {
				t.Fatalf("with more than %d left: %v", left, r.Err)
			}
		}
		if r := l.send(host.Background(t.Context()), &hop{}); r.Err == nil || r.Err.Code != host.CodeYields || r.Err.RetryAfter() != 90*time.Second {
			t.Errorf("with a tenth left: %+v", r.Err)
		}
		if r := l.send(t.Context(), &hop{}); r.Err != nil {
			t.Errorf("what happens now: %v", r.Err)
		}
	})
}

// A call that ends while it waits gives back all that it had taken.
func TestABackfillsCallThatEndsGivesItsPlaceBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newTestLimited(t, slow(time.Minute), abi.Limits{PerSecond: 1, Burst: 1, Concurrency: 1}, 5*time.Second)
		var first sync.WaitGroup
		first.Go(func() { l.send(t.Context(), &hop{}) })
		synctest.Wait()
		for range 3 {
			ctx, cancel := context.WithTimeout(host.Background(t.Context()), 3*time.Second)
			if r := l.send(ctx, &hop{}); r.Err == nil || r.Err.Kind != abi.Unavailable {
				t.Errorf("got %+v", r)
			}
			cancel()
		}
		first.Wait()
		if r := l.send(host.Background(t.Context()), &hop{}); r.Err != nil {
			t.Errorf("afterwards: %v", r.Err)
		}
	})
}
