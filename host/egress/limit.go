package egress

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// limited keeps a connection to what its platform allows: requests per second,
// at once and per day, and points. When the platform says "later", or that
// nothing is left, the whole connection pauses. A request waits for its turn up
// to a bound; beyond it the request is refused with the delay, so that the
// caller can plan.
type limited struct {
	next    sender
	clock   func() time.Time
	maxWait time.Duration
	slots   chan struct{} // nil without a limit
	bucket  *rate.Limiter // nil without a limit
	gauges  []abi.Gauge

	mu         sync.Mutex
	paused     time.Time // nothing goes out before
	background background
	quota      *quota  // nil without a limit
	points     *points // nil without a limit
}

// MergeRate returns the manifest's limits with those of the connection in their place.
func MergeRate(standard, own abi.Limits) abi.Limits {
	if own.PerSecond > 0 {
		standard.PerSecond, standard.Burst = own.PerSecond, own.Burst
	}
	if own.Burst > 0 {
		standard.Burst = own.Burst
	}
	standard.Concurrency = orDefault(own.Concurrency, standard.Concurrency)
	standard.PerDay = orDefault(own.PerDay, standard.PerDay)
	if own.DayStart != "" {
		standard.DayStart = own.DayStart
	}
	if own.Points.Capacity > 0 {
		standard.Points = own.Points
	}
	return standard
}

func newLimited(next sender, o *Options) (*limited, error) {
	quota, err := newQuota(o)
	if err != nil {
		return nil, err
	}
	l := &limited{
		next: next, clock: o.Clock, maxWait: o.Limits.MaxWait, gauges: o.Rate.Gauges,
		quota: quota, points: newPoints(o.Rate.Points, o.Clock()), background: newBackground(o.Rate.Concurrency),
	}
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
	return l, nil
}

func (l *limited) send(ctx context.Context, h *hop) *abi.Response {
	turn, refusal := l.queue(ctx, h.cost)
	if refusal != nil {
		return refusal
	}
	defer l.leave(turn)
	response := l.next.send(ctx, h)
	l.learn(turn, response)
	return response
}

// queue waits for the request's place and its turn.
func (l *limited) queue(ctx context.Context, cost int64) (*turn, *abi.Response) {
	if host.IsBackground(ctx) {
		return l.yield(ctx, cost)
	}
	if refusal := l.enter(ctx); refusal != nil {
		return nil, refusal
	}
	turn, refusal := l.book(ctx, cost)
	if refusal == nil {
		refusal = l.await(ctx, turn)
	}
	if refusal != nil {
		giveUp(l.slots)
		return nil, refusal
	}
	return turn, nil
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
		return cutShort()
	}
}

func cutShort() *abi.Response {
	return failed(abi.Unavailable, "the call ended before its request could be sent")
}

// leave gives the place of a request back that was sent.
func (l *limited) leave(t *turn) {
	giveUp(l.slots)
	if t.background {
		giveUp(l.background.places)
	}
}

// turn is a request's place in the queue.
type turn struct {
	background bool

	delay   time.Duration
	booking *rate.Reservation // nil without a limit per second
	points  *points           // nil without points
	price   float64
}

// book gives a request its turn, or refuses it with the delay.
func (l *limited) book(ctx context.Context, cost int64) (*turn, *abi.Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	t := &turn{delay: max(0, l.paused.Sub(now))}
	if t.delay > l.maxWait {
		return nil, tooFast(t.delay, "the platform asked to wait")
	}
	if l.quota != nil {
		if refusal := l.quota.take(ctx, now, false); refusal != nil {
			return nil, refusal
		}
	}
	l.reserve(t, cost, now)
	if t.delay > l.maxWait {
		l.cancel(t)
		return nil, tooFast(t.delay, "more requests are waiting than the platform takes")
	}
	return t, nil
}

// reserve takes a turn's token and points. The caller holds mu.
func (l *limited) reserve(t *turn, cost int64, now time.Time) {
	if l.bucket != nil {
		t.booking = l.bucket.ReserveN(now, 1)
		t.delay = max(t.delay, t.booking.DelayFrom(now))
	}
	if l.points != nil {
		t.points, t.price = l.points, l.points.price(cost)
		t.delay = max(t.delay, l.points.book(t.price, now))
	}
}

// cancel gives back the turn of a request that was not sent. The caller holds mu.
func (l *limited) cancel(t *turn) {
	if l.quota != nil {
		l.quota.cancel(t.background)
	}
	if t.booking != nil {
		t.booking.CancelAt(l.clock())
	}
	if t.points != nil {
		t.points.cancel(t.price)
	}
}

// await waits for the request's turn.
func (l *limited) await(ctx context.Context, t *turn) *abi.Response {
	if t.delay <= 0 {
		return nil
	}
	timer := time.NewTimer(t.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		l.giveBack(t)
		return cutShort()
	}
}

// learn ends a turn. It takes from the answer how much the platform will still
// take, and pauses the connection when that is nothing or the platform asks for it.
func (l *limited) learn(t *turn, response *abi.Response) {
	now := l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.points != nil {
		t.points.booked -= t.price
	}
	if response.Status == http.StatusTooManyRequests || response.Status == http.StatusServiceUnavailable {
		l.pause(now, askedToWait(response.Headers, now))
	}
	for i := range l.gauges {
		l.read(&l.gauges[i], response.Headers, now)
	}
}

// read takes what one gauge shows. The caller holds mu.
func (l *limited) read(g *abi.Gauge, headers []abi.Header, now time.Time) {
	r, ok := readGauge(g, headers)
	switch {
	case !ok:
	case g.Points && l.points != nil:
		l.points.correct(abi.Allowance{Available: r.remaining - float64(g.Reserve), Capacity: r.limit}, now)
	case g.Points:
	case r.remaining <= float64(g.Reserve):
		l.pause(now, pause(g, headers, now))
	case r.remaining <= float64(g.Reserve)+r.limit/keptShare:
		l.background.after = later(l.background.after, now.Add(pause(g, headers, now)))
	}
}

// pause lets nothing out for a while. The caller holds mu.
func (l *limited) pause(now time.Time, wait time.Duration) { l.paused = later(l.paused, now.Add(wait)) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// allow takes what the plugin has read about the platform's points.
func (l *limited) allow(a abi.Allowance) {
	now := l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.points == nil {
		l.points = newPoints(abi.Points{Capacity: a.Capacity, PerSecond: a.PerSecond}, now)
	}
	if l.points != nil {
		l.points.correct(a, now)
	}
}

// close gives back what was set aside.
func (l *limited) close(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.quota == nil {
		return nil
	}
	return l.quota.close(ctx)
}

// maxPause bounds how long a platform can put a connection to sleep.
const maxPause = 24 * time.Hour

// askedToWait reads Retry-After. A date counts from the platform's own time if
// the answer tells it: this machine's clock may be another.
func askedToWait(headers []abi.Header, now time.Time) time.Duration {
	if theirs, err := http.ParseTime(abi.HeaderValue(headers, "Date")); err == nil {
		now = theirs
	}
	return retryAfter(strings.TrimSpace(abi.HeaderValue(headers, "Retry-After")), now)
}

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
