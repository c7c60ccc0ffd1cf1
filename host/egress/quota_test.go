package egress

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// countDays returns a connection whose days have so many requests.
func countDays(t *testing.T, limits abi.Limits, quotas Quotas) *limited {
	t.Helper()
	o := Options{Connection: "shop", Manifest: &abi.Manifest{}, Rate: limits, Clock: time.Now, Quotas: quotas}.withDefaults()
	l, err := newLimited(&counter{status: 200}, &o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// spend sends n requests, of which none is refused.
func spend(t *testing.T, l *limited, n int) {
	t.Helper()
	for range n {
		if r := l.send(t.Context(), &hop{}); r.Err != nil {
			t.Fatal(r.Err)
		}
	}
}

func TestTheDaysRequestsAreCounted(t *testing.T) {
	for start, untilNext := range map[string]time.Duration{ // the bubble's clock begins at midnight UTC
		"": 24 * time.Hour, "00:00Z": 24 * time.Hour, "00:00+09:00": 15 * time.Hour, "09:00+09:00": 24 * time.Hour, "17:30-08:00": 90 * time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			l := countDays(t, abi.Limits{PerDay: 2, DayStart: start}, nil)
			spend(t, l, 2)
			r := l.send(t.Context(), &hop{})
			if r.Err == nil || r.Err.Code != "per_day" || r.Err.RetryAfter() != untilNext {
				t.Fatalf("day of %q: got %+v", start, r.Err)
			}
			time.Sleep(untilNext)
			spend(t, l, 2)
		})
	}
}

func TestTheDaysCountSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quotas := newMemoryQuotas()
		limits := abi.Limits{PerDay: 1000}
		first := countDays(t, limits, quotas)
		spend(t, first, 995)
		if err := first.close(t.Context()); err != nil {
			t.Fatal(err)
		}
		second := countDays(t, limits, quotas)
		spend(t, second, 5)
		if r := second.send(t.Context(), &hop{}); abi.KindOf(r.Err) != abi.RateLimited {
			t.Errorf("one more than the day has: %+v", r.Err)
		}
	})
}

// A host that is killed gives nothing back: what it had set aside counts as sent.
func TestAfterACrashTooFewAreSentAndNeverTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quotas := newMemoryQuotas()
		limits := abi.Limits{PerDay: 1000}
		spend(t, countDays(t, limits, quotas), 1)
		sent := 1
		for l := countDays(t, limits, quotas); l.send(t.Context(), &hop{}).Err == nil; sent++ {
		}
		if sent > 1000 || sent < 990 {
			t.Errorf("%d of 1000 were sent", sent)
		}
	})
}

type brokenQuotas struct{}

func (brokenQuotas) Take(context.Context, string, int64, int, int) (int, error) {
	return 0, errors.New("the disk is gone")
}

func TestWithoutACountNothingIsSent(t *testing.T) {
	r := countDays(t, abi.Limits{PerDay: 9}, brokenQuotas{}).send(t.Context(), &hop{})
	if abi.KindOf(r.Err) != abi.Unavailable {
		t.Errorf("got %+v", r.Err)
	}
}
