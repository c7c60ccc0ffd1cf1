package simkit

import (
	"math"
	"sync"
	"time"
)

// Bucket is a token bucket per key (a token, an address): how platforms limit
// requests per second. A rate of 0 is no limit.
type Bucket struct {
	now   func() time.Time
	mu    sync.Mutex
	rate  float64
	burst float64
	fill  map[string]level
}

type level struct {
	tokens float64
	at     time.Time
}

// NewBucket returns full buckets of burst tokens that refill by rate a second on
// the given clock. Pass real time, or the platform's clock if its tests move it.
func NewBucket(now func() time.Time, rate, burst float64) *Bucket {
	return &Bucket{now: now, rate: rate, burst: burst, fill: map[string]level{}}
}

// Set changes rate and burst; every bucket is full again.
func (b *Bucket) Set(rate, burst float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rate, b.burst = rate, burst
	clear(b.fill)
}

// Take takes cost tokens of key's bucket. It returns 0 if they were there, else
// takes nothing and returns how long they will take to come.
func (b *Bucket) Take(key string, cost float64) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rate <= 0 {
		return 0
	}
	tokens, now := b.tokens(key), b.now()
	if missing := cost - tokens; missing > 0 {
		return time.Duration(math.Ceil(missing / b.rate * float64(time.Second)))
	}
	b.fill[key] = level{tokens: tokens - cost, at: now}
	return 0
}

// Available returns how many tokens key's bucket holds.
func (b *Bucket) Available(key string) float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tokens(key)
}

func (b *Bucket) tokens(key string) float64 {
	l, seen := b.fill[key]
	if !seen {
		return b.burst
	}
	return min(b.burst, l.tokens+b.rate*b.now().Sub(l.at).Seconds())
}

// Quota counts uses per key in fixed windows: a daily or hourly allowance.
// A maximum of 0 is no limit.
type Quota struct {
	now    func() time.Time
	window time.Duration
	mu     sync.Mutex
	most   int
	uses   map[string]usage
}

type usage struct {
	count int
	since time.Time
}

// NewQuota allows most uses per window and key.
func NewQuota(now func() time.Time, most int, window time.Duration) *Quota {
	return &Quota{now: now, window: window, most: most, uses: map[string]usage{}}
}

// Set changes the allowance; what was used stays used.
func (q *Quota) Set(most int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.most = most
}

// Use counts one use and returns how many the window has now; ok is false, and
// nothing counted, if they are used up.
func (q *Quota) Use(key string) (used int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	u := q.uses[key]
	if u.since.IsZero() || now.Sub(u.since) >= q.window {
		u = usage{since: now}
	}
	if q.most > 0 && u.count >= q.most {
		return u.count, false
	}
	u.count++
	q.uses[key] = u
	return u.count, true
}

// Max returns the allowance.
func (q *Quota) Max() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.most
}

// Gate bounds how many requests of one key are under way at once. A maximum of
// 0 is no limit.
type Gate struct {
	mu     sync.Mutex
	most   int
	inside map[string]int
}

// NewGate lets most requests in per key.
func NewGate(most int) *Gate {
	return &Gate{most: most, inside: map[string]int{}}
}

// Set changes the maximum for those who come.
func (g *Gate) Set(most int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.most = most
}

// Enter says whether a request may go on; if so, it must Leave.
func (g *Gate) Enter(key string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.most > 0 && g.inside[key] >= g.most {
		return false
	}
	g.inside[key]++
	return true
}

// Leave ends a request that entered.
func (g *Gate) Leave(key string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside[key]--; g.inside[key] <= 0 {
		delete(g.inside, key)
	}
}
