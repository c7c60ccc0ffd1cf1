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

func newTestLimited(next sender, limits abi.Limits, wait time.Duration) *limited {
	return newLimited(next, &Options{Rate: limits, Limits: Limits{MaxWait: wait}, Clock: time.Now})
}

func TestRequestsAreSpacedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &counter{status: 200}
		l := newTestLimited(next, abi.Limits{PerSecond: 2, Burst: 1}, time.Minute)
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
		l := newTestLimited(next, abi.Limits{PerSecond: 1, Burst: 1}, 3*time.Second)
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
		l := newTestLimited(next, abi.Limits{}, 2*time.Second)
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
		l := newTestLimited(next, abi.Limits{Concurrency: 2}, time.Second)
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

func TestDaysRequestsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newTestLimited(&counter{status: 200}, abi.Limits{PerDay: 2}, time.Second)
		for range 2 {
			l.send(t.Context(), &hop{})
		}
		r := l.send(t.Context(), &hop{})
		if r.Err == nil || r.Err.RetryAfter() != 24*time.Hour { // the bubble's clock begins at midnight UTC
			t.Fatalf("got %+v", r.Err)
		}
		time.Sleep(24 * time.Hour)
		if r := l.send(t.Context(), &hop{}); r.Err != nil {
			t.Errorf("the next day: %v", r.Err)
		}
	})
}

func TestWaitEndsWithTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := &counter{status: 200}
		l := newTestLimited(next, abi.Limits{PerSecond: 1, Burst: 1}, time.Minute)
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
