package engine

import (
	"testing"
	"time"

	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestRetryDelaysGrowToTheLongest(t *testing.T) {
	down := &abi.Error{Kind: abi.Unavailable}
	for attempt, want := range map[int]time.Duration{
		1: 2 * time.Second, 2: 8 * time.Second, 3: 32 * time.Second, 4: 128 * time.Second,
		5: 512 * time.Second, 6: 30 * time.Minute, 60: 30 * time.Minute,
	} {
		if got, again := DefaultRetry.next(down, attempt, time.Hour, 0.5); !again || got != want {
			t.Errorf("attempt %d: again %t after %s, want %s", attempt, again, got, want)
		}
	}
}

func TestRetryEnds(t *testing.T) {
	for name, c := range map[string]struct {
		policy  RetryPolicy
		err     abi.Error
		attempt int
		failing time.Duration
	}{
		"what cannot succeed":   {DefaultRetry, abi.Error{Kind: abi.Invalid}, 1, 0},
		"after three days":      {DefaultRetry, abi.Error{Kind: abi.Unavailable}, 200, 73 * time.Hour},
		"after a flow's tries":  {DefaultRetry.with(rules.Retry{Attempts: 3}), abi.Error{Kind: abi.Unavailable}, 3, 0},
		"after a flow's budget": {DefaultRetry.with(rules.Retry{For: time.Hour}), abi.Error{Kind: abi.RateLimited}, 2, 61 * time.Minute},
	} {
		if delay, again := c.policy.next(&c.err, c.attempt, c.failing, 0.5); again {
			t.Errorf("%s: tried again after %s", name, delay)
		}
	}
}

func TestRetryAfterOfThePlatformWins(t *testing.T) {
	asked := &abi.Error{Kind: abi.RateLimited, RetryAfterMS: 90_000}
	for jitter, want := range map[float64]time.Duration{0: 90 * time.Second, 0.5: 94500 * time.Millisecond} {
		if got, again := DefaultRetry.next(asked, 1, 0, jitter); !again || got != want {
			t.Errorf("jitter %v: again %t after %s, want %s", jitter, again, got, want)
		}
	}
}

func TestRetryJitterSpreadsByAFifth(t *testing.T) {
	down := &abi.Error{Kind: abi.Unavailable}
	low, _ := DefaultRetry.next(down, 1, 0, 0)
	high, _ := DefaultRetry.next(down, 1, 0, 0.999)
	if low != 1600*time.Millisecond || high <= 2*time.Second || high > 2400*time.Millisecond {
		t.Errorf("first delay between %s and %s", low, high)
	}
}
