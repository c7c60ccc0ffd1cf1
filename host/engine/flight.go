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

// board takes a run that was announced into the set, unless it is there already:
// then it is noted that it became ready again.
func (f *flight) board(run string) bool { return f.enter(run, true) }

// find takes a run whose row was found into the set, unless it is there already:
// a run that is executed has such a row, too, and that says nothing.
func (f *flight) find(run string) bool { return f.enter(run, false) }

func (f *flight) enter(run string, again bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if noted, there := f.runs[run]; there {
		f.runs[run] = noted || again
		return false
	}
	f.runs[run] = false
	return true
}

// leave takes the run out and says whether it became ready meanwhile.
func (f *flight) leave(run string) (again bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	again = f.runs[run]
	delete(f.runs, run)
	return again
}
