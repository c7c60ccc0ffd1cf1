package egress

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// counter answers with a status and counts; while gate is set it waits there.
type counter struct {
	mu      sync.Mutex
	sent    []time.Time
	status  int
	headers []abi.Header
	gate    chan struct{}
}

func (c *counter) send(context.Context, *hop) *abi.Response {
	c.mu.Lock()
	c.sent = append(c.sent, time.Now())
	c.mu.Unlock()
	if c.gate != nil {
		<-c.gate
	}
	return &abi.Response{Status: c.status, Headers: c.headers}
}

func newTestLimited(t *testing.T, next sender, limits abi.Limits, wait time.Duration) *limited {
	t.Helper()
	o := Options{Manifest: &abi.Manifest{Limits: limits}, Limits: Limits{MaxWait: wait}, Clock: time.Now}.withDefaults()
	l, err := newLimited(next, &o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestRequestsAreSpacedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &counter{status: 200}
		l := newTestLimited(t, next, abi.Limits{PerSecond: 2, Burst: 1}, time.Minute)
		began := time.Now()
		for range 5 {
			l.send(t.Context(), &hop{})
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("5 requests at 2/s took %s", took)
		}
	})
}

func TestLongQueueIsRefusedWithTheDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &counter{status: 200}
		l := newTestLimited(t, next, abi.Limits{PerSecond: 1, Burst: 1}, 3*time.Second)
		var refused []int64
		var mu sync.Mutex
		var calls sync.WaitGroup
		for range 10 {
			calls.Go(func() {
				if r := l.send(t.Context(), &hop{}); r.Err != nil {
					mu.Lock()
					defer mu.Unlock()
					refused = append(refused, r.Err.RetryAfterMS)
				}
			})
		}
		calls.Wait()
		if len(next.sent) != 4 || len(refused) != 6 || refused[0] != 4000 {
			t.Errorf("%d were sent, refused with %v", len(next.sent), refused)
		}
	})
}

func TestRetryAfterPausesTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &counter{status: http.StatusTooManyRequests, headers: []abi.Header{{Name: "Retry-After", Value: "4"}}}
		l := newTestLimited(t, next, abi.Limits{}, 2*time.Second)
		if r := l.send(t.Context(), &hop{}); r.Err != nil || r.Status != http.StatusTooManyRequests {
			t.Fatalf("the plugin does not see the answer: %+v", r)
		}
		r := l.send(t.Context(), &hop{})
		if r.Err == nil || r.Err.Kind != abi.RateLimited || r.Err.RetryAfterMS != 4000 {
			t.Fatalf("got %+v", r)
		}
		time.Sleep(2 * time.Second)
		next.status = 200
		began := time.Now()
		if r := l.send(t.Context(), &hop{}); r.Err != nil || time.Since(began) != 2*time.Second {
			t.Errorf("after %s: %+v", time.Since(began), r)
		}
	})
}

func TestConcurrencyIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &counter{status: 200, gate: make(chan struct{})}
		l := newTestLimited(t, next, abi.Limits{Concurrency: 2}, time.Second)
		var calls sync.WaitGroup
		for range 2 {
			calls.Go(func() { l.send(t.Context(), &hop{}) })
		}
		synctest.Wait()
		if r := l.send(t.Context(), &hop{}); r.Err == nil || r.Err.Kind != abi.RateLimited {
			t.Errorf("a third at once: %+v", r)
		}
		close(next.gate)
		calls.Wait()
		if r := l.send(t.Context(), &hop{}); r.Err != nil {
			t.Errorf("after they ended: %v", r.Err)
		}
	})
}

func TestWaitEndsWithTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &counter{status: 200}
		l := newTestLimited(t, next, abi.Limits{PerSecond: 1, Burst: 1}, time.Minute)
		l.send(t.Context(), &hop{})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if r := l.send(ctx, &hop{}); r.Err == nil || r.Err.Kind != abi.Unavailable {
			t.Errorf("got %+v", r)
		}
		l.send(t.Context(), &hop{})
		if gap := next.sent[1].Sub(next.sent[0]); gap != time.Second {
			t.Errorf("the turn of the call that ended was lost: the next went after %s", gap)
		}
	})
}

func TestRetryAfterForms(t *testing.T) {
	now := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"3": 3 * time.Second, "1.5": 1500 * time.Millisecond, "": 0, "soon": 0, "-1": 0, "NaN": 0,
		"Wed, 01 Apr 2026 00:00:10 GMT": 10 * time.Second, "Tue, 31 Mar 2026 00:00:00 GMT": 0,
		"1e300": maxPause, "Wed, 01 Apr 2099 00:00:00 GMT": maxPause,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

func TestRequestsArePricedInPoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newTestLimited(t, &counter{status: 200}, abi.Limits{Points: abi.Points{Capacity: 100, PerSecond: 10}}, time.Minute)
		for i, want := range []time.Duration{0, 0, 2 * time.Second, 9 * time.Second, 10 * time.Second} {
			began := time.Now()
			l.send(t.Context(), &hop{cost: []int64{40, 60, 20, 90, 100_000}[i]}) // the last is more than ever fits
			if took := time.Since(began); took != want {
				t.Errorf("request %d waited %s, want %s", i, took, want)
			}
		}
		r := l.send(t.Context(), &hop{cost: 100})
		if r.Err != nil {
			t.Errorf("ten seconds are less than a minute: %v", r.Err)
		}
	})
}

func TestPointsThatComeTooLateAreRefusedWithTheDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newTestLimited(t, &counter{status: 200}, abi.Limits{Points: abi.Points{Capacity: 100, PerSecond: 10}}, time.Second)
		l.send(t.Context(), &hop{cost: 100})
		for range 2 { // the refused one takes nothing out
			if r := l.send(t.Context(), &hop{cost: 50}); r.Err == nil || r.Err.RetryAfter() != 5*time.Second {
				t.Errorf("got %+v", r.Err)
			}
		}
	})
}

func TestThePlatformsWordOnPointsCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &counter{status: 200, gate: make(chan struct{})}
		l := newTestLimited(t, next, abi.Limits{Points: abi.Points{Capacity: 100, PerSecond: 10}}, time.Minute)
		var call sync.WaitGroup
		call.Go(func() { l.send(t.Context(), &hop{cost: 30}) })
		synctest.Wait()
		l.allow(abi.Allowance{Available: 50, Capacity: 200, PerSecond: 20}) // 30 of these 50 are under way
		close(next.gate)
		call.Wait()
		began := time.Now()
		l.send(t.Context(), &hop{cost: 40})
		if took := time.Since(began); took != time.Second {
			t.Errorf("20 points more at 20 a second took %s", took)
		}
	})
}

func TestAPluginMayBringTheFirstWordOnPoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newTestLimited(t, &counter{status: 200}, abi.Limits{}, time.Minute)
		l.allow(abi.Allowance{Available: 5})
		l.send(t.Context(), &hop{cost: 50})
		l.allow(abi.Allowance{Available: 0, Capacity: 10, PerSecond: 1})
		began := time.Now()
		l.send(t.Context(), &hop{cost: 3})
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("3 points took %s", took)
		}
	})
}

// TestADateToWaitForCountsFromThePlatformsTime: this machine's clock is five minutes ahead, or behind.
func TestADateToWaitForCountsFromThePlatformsTime(t *testing.T) {
	for _, off := range []time.Duration{5 * time.Minute, -5 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			theirs := time.Now().Add(off).UTC()
			l := newTestLimited(t, &counter{status: 429, headers: []abi.Header{
				{Name: "Date", Value: theirs.Format(http.TimeFormat)}, {Name: "Retry-After", Value: theirs.Add(time.Minute).Format(http.TimeFormat)},
			}}, abi.Limits{}, time.Second)
			l.send(t.Context(), &hop{})
			if r := l.send(t.Context(), &hop{}); r.Err == nil || r.Err.RetryAfter() != time.Minute {
				t.Errorf("with a clock that is off by %s: %+v", off, r.Err)
			}
		})
	}
}
