package engine

import "sync"

// frontier remembers from where on a queue in the store may hold work that
// nobody has looked at. Rows that were consumed lie before it, so a scan never
// wades through what was deleted; a row that is added before it lowers it.
type frontier struct {
	wake chan struct{}

	mu   sync.Mutex
	from string
	none bool // nothing is known to wait
}

func newFrontier() *frontier {
	return &frontier{wake: make(chan struct{}, 1), none: true}
}

// lower tells that a row at `from` or later may wait. It never blocks.
func (f *frontier) lower(from string) {
	f.mu.Lock()
	if f.none || from < f.from {
		f.from, f.none = from, false
	}
	f.mu.Unlock()
	f.rouse()
}

// rouse wakes whoever waits for work of this queue.
func (f *frontier) rouse() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// take returns where to look from and forgets it; ok is false if there is
// nothing to look for.
func (f *frontier) take() (from string, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	from, ok = f.from, !f.none
	f.from, f.none = "", true
	return from, ok
}
