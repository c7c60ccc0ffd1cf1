package app

import (
	"crypto/rand"
	"io"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// ids gives identifiers that sort by the order in which they were given: a
// clock that is set back, or a restart, does not let a later event sort before
// an earlier one.
type ids struct {
	now func() time.Time

	mu      sync.Mutex
	last    uint64 // milliseconds
	entropy io.Reader
}

// newIDs returns ids that all sort behind the newest one given before, "" for none.
func newIDs(now func() time.Time, newest string) *ids {
	g := &ids{now: now, entropy: ulid.Monotonic(rand.Reader, 0)}
	if id, err := ulid.ParseStrict(newest); err == nil {
		g.last = id.Time() + 1
	}
	return g
}

func (g *ids) next() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = max(g.last, ulid.Timestamp(g.now()))
	for {
		id, err := ulid.New(g.last, g.entropy)
		if err == nil {
			return id.String()
		}
		g.last++ // this millisecond has no more ids
	}
}
