package egress

import (
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// points is the bucket of a platform that prices its requests, as far as the
// host knows. Requests are booked when they queue up, so the level falls below
// zero while some wait.
type points struct {
	capacity, perSecond float64
	level               float64
	at                  time.Time // when level was right
	// booked is what requests cost that wait or are under way. The platform
	// does not know of all of them when it says how much is left.
	booked float64
}

// newPoints returns a full bucket, nil if the platform has none.
func newPoints(p abi.Points, now time.Time) *points {
	if p.Capacity <= 0 || p.PerSecond <= 0 {
		return nil
	}
	return &points{capacity: p.Capacity, perSecond: p.PerSecond, level: p.Capacity, at: now}
}

// price is what a request takes out: no more than fits in, or it would wait for ever.
func (p *points) price(cost int64) float64 { return min(float64(max(cost, 1)), p.capacity) }

func (p *points) refill(now time.Time) {
	if gone := now.Sub(p.at); gone > 0 {
		p.level = min(p.capacity, p.level+gone.Seconds()*p.perSecond)
	}
	p.at = now
}

// book takes a request's price and returns how long the request has to wait.
func (p *points) book(price float64, now time.Time) time.Duration {
	p.refill(now)
	p.level -= price
	p.booked += price
	if p.level >= 0 {
		return 0
	}
	seconds := min(-p.level/p.perSecond, maxPause.Seconds())
	return time.Duration(seconds * float64(time.Second))
}

// cancel gives the price of a request back that was not sent.
func (p *points) cancel(price float64) {
	p.level = min(p.capacity, p.level+price)
	p.booked -= price
}

// correct takes the platform's word for what is left.
func (p *points) correct(a abi.Allowance, now time.Time) {
	if a.Capacity > 0 {
		p.capacity = a.Capacity
	}
	if a.PerSecond > 0 {
		p.perSecond = a.PerSecond
	}
	p.level, p.at = min(a.Available, p.capacity)-p.booked, now
}
