package egress

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/musubi-run/musubi/sdk/abi"
)

// limited keeps a connection to what its platform allows: requests per second,
// at once and per day. When the platform says "later" the whole connection
// pauses. A request waits for its turn up to a bound; beyond it the request is
// refused with the delay, so that the caller can plan.
type limited struct {
	next    sender
	clock   func() time.Time
	maxWait time.Duration
	slots   chan struct{} // nil without a limit
	bucket  *rate.Limiter // nil without a limit
	perDay  int

	mu     sync.Mutex
	paused time.Time // nothing goes out before
	day    int64     // days since 1970, UTC
	today  int
}

// mergeRate returns the manifest's limits with those of the connection in their place.
func mergeRate(standard, own abi.Limits) abi.Limits {
	if own.PerSecond > 0 {
		standard.PerSecond, standard.Burst = own.PerSecond, own.Burst
	}
	if own.Burst > 0 {
		standard.Burst = own.Burst
	}
	standard.Concurrency = orDefault(own.Concurrency, standard.Concurrency)
	standard.PerDay = orDefault(own.PerDay, standard.PerDay)
	return standard
}

func newLimited(next sender, o *Options) *limited {
	l := &limited{next: next, clock: o.Clock, maxWait: o.Limits.MaxWait, perDay: o.Rate.PerDay}
	if n := o.Rate.Concurrency; n > 0 {
		l.slots = make(chan struct{}, n)
	}
	if r := o.Rate.PerSecond; r > 0 {
		burst := o.Rate.Burst
		if burst <= 0 {
			burst = max(1, int(math.Ceil(r)))
		}
		l.bucket = rate.NewLimiter(rate.Limit(r), burst)
	}
	return l
}

func (l *limited) send(ctx context.Context, h *hop) *abi.Response {
	if refusal := l.enter(ctx); refusal != nil {
		return refusal
	}
	defer l.leave()
	if refusal := l.await(ctx); refusal != nil {
		return refusal
	}
	response := l.next.send(ctx, h)
	l.learn(response)
	return response
}

// enter takes one of the places at once.
func (l *limited) enter(ctx context.Context) *abi.Response {
	if l.slots == nil {
		return nil
	}
	select {
	case l.slots <- struct{}{}:
		return nil
	default:
	}
	patience := time.NewTimer(l.maxWait)
	defer patience.Stop()
	select {
	case l.slots <- struct{}{}:
		return nil
	case <-patience.C:
		return tooFast(l.maxWait, "all %d requests at once that the platform allows are under way", cap(l.slots))
	case <-ctx.Done():
		return failed(abi.Unavailable, "the call ended before its request could be sent")
	}
}

func (l *limited) leave() {
	if l.slots != nil {
		<-l.slots
	}
}

// await waits for the request's turn.
func (l *limited) await(ctx context.Context) *abi.Response {
	delay, reservation, refusal := l.reserve()
	if refusal != nil || delay <= 0 {
		return refusal
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		if reservation != nil {
			reservation.CancelAt(l.clock())
		}
		return failed(abi.Unavailable, "the call ended before its request could be sent")
	}
}

// reserve books the request's turn and returns how far off it is.
func (l *limited) reserve() (delay time.Duration, booked *rate.Reservation, refusal *abi.Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	delay = max(0, l.paused.Sub(now))
	if delay > l.maxWait {
		return 0, nil, tooFast(delay, "the platform asked to wait")
	}
	if refusal := l.countDay(now); refusal != nil {
		return 0, nil, refusal
	}
	if l.bucket == nil {
		return delay, nil, nil
	}
	booked = l.bucket.ReserveN(now, 1)
	turn := booked.DelayFrom(now)
	if turn > l.maxWait {
		booked.CancelAt(now)
		l.today--
		return 0, nil, tooFast(turn, "more requests are waiting than the platform takes")
	}
	return max(delay, turn), booked, nil
}

// countDay counts a request of today, by UTC.
func (l *limited) countDay(now time.Time) *abi.Response {
	const daySeconds = 24 * 60 * 60
	if day := now.Unix() / daySeconds; day != l.day {
		l.day, l.today = day, 0
	}
	if l.perDay > 0 && l.today >= l.perDay {
		midnight := time.Unix((l.day+1)*daySeconds, 0)
		return tooFast(midnight.Sub(now), "all %d requests of today were sent", l.perDay)
	}
	l.today++
	return nil
}

// learn pauses the connection when the platform asks for it.
func (l *limited) learn(response *abi.Response) {
	if response.Status != http.StatusTooManyRequests && response.Status != http.StatusServiceUnavailable {
		return
	}
	now := l.clock()
	wait := retryAfter(abi.HeaderValue(response.Headers, "Retry-After"), now)
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := now.Add(wait); wait > 0 && until.After(l.paused) {
		l.paused = until
	}
}

// maxPause bounds how long a platform can put a connection to sleep.
const maxPause = 24 * time.Hour

// retryAfter reads seconds, whole or not, or an HTTP date; 0 if it is neither.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		if !(seconds > 0) {
			return 0
		}
		return time.Duration(min(seconds, maxPause.Seconds()) * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, at.Sub(now)), maxPause)
	}
	return 0
}

func tooFast(wait time.Duration, format string, args ...any) *abi.Response {
	response := failed(abi.RateLimited, format, args...)
	response.Err.RetryAfterMS = wait.Milliseconds()
	return response
}
