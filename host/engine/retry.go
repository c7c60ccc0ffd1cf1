package engine

import (
	"time"

	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// RetryPolicy says how a step that failed for a passing reason is tried again.
type RetryPolicy struct {
	// First is the delay before the second attempt; each further one is Factor times longer, up to Longest.
	First   time.Duration
	Factor  float64
	Longest time.Duration
	// For is how long after the first failure a step may still be tried.
	For time.Duration
	// Attempts is how many tries there are at the most; 0 means any number.
	Attempts int
}

// DefaultRetry outlasts a weekend: attempts after 2 s, 8 s, 32 s, 2 min, 9 min
// and then every half hour, for three days.
var DefaultRetry = RetryPolicy{
	First: 2 * time.Second, Factor: 4, Longest: 30 * time.Minute, For: 72 * time.Hour,
}

// with returns the policy with what a flow says otherwise.
func (p RetryPolicy) with(r rules.Retry) RetryPolicy {
	if r.For > 0 {
		p.For = r.For
	}
	if r.Attempts > 0 {
		p.Attempts = r.Attempts
	}
	return p
}

// next says whether a step that failed attempt times, first `failing` ago, is
// tried again, and after which delay. What the platform asked for wins over
// our own schedule; jitter in [0, 1) spreads the rest by a fifth either way.
func (p RetryPolicy) next(err *abi.Error, attempt int, failing time.Duration, jitter float64) (time.Duration, bool) {
	if !tried(err.Kind) || failing > p.For || (p.Attempts > 0 && attempt >= p.Attempts) {
		return 0, false
	}
	if asked := err.RetryAfter(); asked > 0 {
		return asked + time.Duration(jitter*float64(asked)/10), true
	}
	delay := float64(p.First)
	for range attempt - 1 {
		if delay *= p.Factor; delay >= float64(p.Longest) {
			delay = float64(p.Longest)
			break
		}
	}
	return time.Duration(delay * (0.8 + 0.4*jitter)), true
}

// tried says whether a step that failed for this kind of reason is tried
// again by itself. A refused credential is: the connection is parked, and the
// run waits for it like every other.
func tried(k abi.Kind) bool { return k.Retryable() || k == abi.Auth }
