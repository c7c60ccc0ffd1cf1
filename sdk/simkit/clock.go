package simkit

import (
	"sync"
	"time"
)

// Clock is a platform's clock: real time, until it is frozen.
type Clock struct {
	real   func() time.Time
	mu     sync.RWMutex
	frozen time.Time // zero while the clock runs
	offset time.Duration
}

// NewClock returns a running clock that shows what real shows.
func NewClock(real func() time.Time) *Clock {
	return &Clock{real: real}
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if !c.frozen.IsZero() {
		return c.frozen
	}
	return c.real().Add(c.offset)
}

// Freeze stops the clock at t.
func (c *Clock) Freeze(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = t
}

// Resume lets the clock run again, showing real time.
func (c *Clock) Resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen, c.offset = time.Time{}, 0
}

// Advance moves the clock forward, whether it is frozen or running.
func (c *Clock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen.IsZero() {
		c.offset += by
		return
	}
	c.frozen = c.frozen.Add(by)
}
