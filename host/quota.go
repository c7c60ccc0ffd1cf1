package host

// DayCount is how many requests of a day a connection has sent. Days are
// numbered.
type DayCount struct {
	Day  int64 `json:"day"`
	Sent int   `json:"sent"`
}

// Take adds want to the requests of the day, but no more than fit under limit,
// and returns the new count and how many were added. A want below 0 gives back.
// A day before the one that was counted last counts as that: clocks jump.
func (c DayCount) Take(day int64, want, limit int) (after DayCount, taken int) {
	if day > c.Day {
		c = DayCount{Day: day}
	}
	taken = max(min(want, limit-c.Sent), -c.Sent)
	if want > 0 {
		taken = max(taken, 0)
	}
	c.Sent += taken
	return c, taken
}
