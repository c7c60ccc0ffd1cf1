package egress

import (
	"context"
	"math"
	"time"

	"golang.org/x/time/rate"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Requests in the background, those of a backfill and its runs, never stand in
// a queue before one of what happens now. They book nothing ahead: each waits
// until there is something to spare, one at a time, and then goes at once. So
// whoever comes after it waits for that one request at the most.
const (
	// morePatience is how many times longer than others such a request waits
	// before it is refused.
	morePatience = 4
	// keptShare is the part of a day's requests and of a window's that is kept for
	// what happens now, keptPoint that of the points: one in so many.
	keptShare = 10
	keptPoint = 4
)

// background is what the requests in the background of a connection share.
type background struct {
	// gate is held by the one that looks for its turn.
	gate chan struct{}
	// places are how many of them may be under way at once: all but one of the
	// connection's. nil without a limit.
	places chan struct{}
	// after is when there may be something to spare again, as far as gauges show.
	after time.Time
}

func newBackground(concurrency int) background {
	b := background{gate: make(chan struct{}, 1)}
	if concurrency > 0 {
		b.places = make(chan struct{}, max(1, concurrency-1))
	}
	return b
}

// yield gives a request in the background its place and its turn. A nil refusal
// means that both were taken: see leave.
func (l *limited) yield(ctx context.Context, cost int64) (*turn, *abi.Response) {
	patience := time.NewTimer(morePatience * l.maxWait)
	defer patience.Stop()
	if refusal := l.take(ctx, l.background.gate, patience.C); refusal != nil {
		return nil, refusal
	}
	defer func() { <-l.background.gate }()
	if refusal := l.take(ctx, l.background.places, patience.C); refusal != nil {
		return nil, refusal
	}
	t, refusal := l.bookSpare(ctx, cost, patience.C)
	if refusal == nil {
		if refusal = l.take(ctx, l.slots, patience.C); refusal == nil {
			return t, nil
		}
		l.giveBack(t)
	}
	giveUp(l.background.places)
	return nil, refusal
}

// take takes a token of a limit; one that is nil limits nothing.
func (l *limited) take(ctx context.Context, tokens chan struct{}, patience <-chan time.Time) *abi.Response {
	if tokens == nil {
		return nil
	}
	select {
	case tokens <- struct{}{}:
		return nil
	case <-patience:
		return yields(l.maxWait)
	case <-ctx.Done():
		return cutShort()
	}
}

func giveUp(tokens chan struct{}) {
	if tokens != nil {
		<-tokens
	}
}

// bookSpare waits until there is something to spare and takes it.
func (l *limited) bookSpare(ctx context.Context, cost int64, patience <-chan time.Time) (*turn, *abi.Response) {
	for {
		t, wait, refusal := l.trySpare(ctx, cost)
		if t != nil || refusal != nil {
			return t, refusal
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
			continue
		case <-patience:
			refusal = yields(wait)
		case <-ctx.Done():
			refusal = cutShort()
		}
		timer.Stop()
		return nil, refusal
	}
}

// trySpare books a turn if that makes nobody wait. Otherwise it says how long
// it is until it would not, if nobody comes first.
func (l *limited) trySpare(ctx context.Context, cost int64) (*turn, time.Duration, *abi.Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	wait := max(l.paused.Sub(now), l.background.after.Sub(now), spareTokens(l.bucket, now))
	if l.points != nil {
		wait = max(wait, l.points.spare(l.points.price(cost), now))
	}
	switch {
	case wait > morePatience*l.maxWait:
		return nil, 0, yields(wait)
	case wait > 0:
		return nil, wait, nil
	}
	if l.quota != nil {
		if refusal := l.quota.take(ctx, now, true); refusal != nil {
			return nil, 0, refusal
		}
	}
	t := &turn{background: true}
	l.reserve(t, cost, now)
	return t, 0, nil
}

// giveBack gives back the turn of a request that was not sent.
func (l *limited) giveBack(t *turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cancel(t)
}

// spareTokens is how long it is until half of a burst is left besides a request.
func spareTokens(bucket *rate.Limiter, now time.Time) time.Duration {
	if bucket == nil {
		return 0
	}
	missing := float64(1+bucket.Burst()/2) - bucket.TokensAt(now)
	return wholeMilliseconds(missing / float64(bucket.Limit()))
}

// spare is how long it is until a part of the bucket is left besides the price.
func (p *points) spare(price float64, now time.Time) time.Duration {
	p.refill(now)
	kept := min(p.capacity/keptPoint, p.capacity-price)
	return wholeMilliseconds((price + kept - p.level) / p.perSecond)
}

// wholeMilliseconds rounds up, so that who waits so long need not come again
// for what a fraction's rounding left over; what is as good as nothing is nothing.
func wholeMilliseconds(seconds float64) time.Duration {
	const nothing = 1e-6
	if seconds <= nothing {
		return 0
	}
	return time.Duration(math.Ceil(min(seconds, maxPause.Seconds())*1e3)) * time.Millisecond
}

func yields(wait time.Duration) *abi.Response {
	refusal := tooFast(max(wait, time.Second), "requests of what happens now go first")
	refusal.Err.Code = host.CodeYields
	return refusal
}
