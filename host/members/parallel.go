package members

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// worthwhile is from how many things on several processors take part.
const worthwhile = 8

// inParallel calls do for each of n things that have nothing to do with one
// another, on all processors if there are many, and returns the first error.
func inParallel(n int, do func(i int) error) error {
	workers := min(runtime.GOMAXPROCS(0), n/worthwhile+1)
	if workers == 1 {
		for i := range n {
			if err := do(i); err != nil {
				return err
			}
		}
		return nil
	}
	var next atomic.Int64
	var group sync.WaitGroup
	faults := make([]error, workers)
	for w := range workers {
		group.Go(func() {
			for faults[w] == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				faults[w] = do(i)
			}
		})
	}
	group.Wait()
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	return nil
}
