package hosttest

import (
	"bytes"
	"sync"
	"testing"
)

// journal keeps the host's log and prints it if the test fails.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func newJournal(tb testing.TB) *journal {
	tb.Helper()
	j := &journal{}
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("the host's log:\n%s", j.read())
		}
	})
	return j
}

// Write appends to the log.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) read() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}
