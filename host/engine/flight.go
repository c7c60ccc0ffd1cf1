package engine

import "sync"

// flight is the set of runs that are being executed, at most a fixed number.
type flight struct {
	slots chan struct{}

	mu   sync.Mutex
	runs map[string]bool // value: became ready again meanwhile
}

func newFlight(size int) *flight {
	return &flight{slots: make(chan struct{}, size), runs: make(map[string]bool, size)}
}

// board takes the run into the set, unless it is there already.
func (f *flight) board(run string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, there := f.runs[run]; there {
		return false
	}
	f.runs[run] = false
	return true
}

// note says whether the run is in the set, and if so notes that it became ready again.
func (f *flight) note(run string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, there := f.runs[run]; !there {
		return false
	}
	f.runs[run] = true
	return true
}

// has says whether the run is in the set.
func (f *flight) has(run string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, there := f.runs[run]
	return there
}

// size is how many runs are in the set.
func (f *flight) size() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.runs)
}

// leave takes the run out and says whether it became ready meanwhile.
func (f *flight) leave(run string) (again bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	again = f.runs[run]
	delete(f.runs, run)
	return again
}
