package engine

import (
	"slices"
	"sync"
)

// lineup is the queue of ready runs of one priority: a frontier of rows that
// nobody has looked at, and the names of runs that were just made ready here:
// they need not be searched for.
type lineup struct {
	*frontier

	mu    sync.Mutex
	known []string
}

func newLineup() *lineup { return &lineup{frontier: newFrontier()} }

// add tells that the run is ready. It never blocks; what is too much to be
// known by name is left to the frontier.
func (l *lineup) add(run string) {
	l.mu.Lock()
	full := len(l.known) >= feedBatch
	if !full {
		l.known = append(l.known, run)
	}
	l.mu.Unlock()
	if full {
		l.lower(run)
		return
	}
	l.rouse()
}

// named forgets the known runs and returns them, the oldest first, at most
// limit. If some are left it has to be called again.
func (l *lineup) named(limit int) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.Sort(l.known)
	n := min(limit, len(l.known))
	runs := slices.Clone(l.known[:n])
	if l.known = append(l.known[:0], l.known[n:]...); len(l.known) > 0 {
		l.rouse()
	}
	return runs
}

// UnderWay is how many runs are being executed.
func (e *Engine) UnderWay() int { return e.flight.size() }
