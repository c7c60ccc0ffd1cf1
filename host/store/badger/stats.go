package badger

import (
	"errors"
	"sync"
	"time"

	"github.com/musubi-run/musubi/host/store"
)

// Stats is what a store has done since it was opened. Every figure but the
// sizes only grows.
type Stats struct {
	// Groups were committed with one fsync each; Batches and Rows went into them.
	Groups, Batches, Rows uint64
	// Conflicts are batches refused for a condition, Refused those for lack of
	// space, Failed those whose outcome is unknown.
	Conflicts, Refused, Failed uint64
	// LargestGroup is the most batches that shared an fsync.
	LargestGroup int
	// Writing is the time spent in commits, all groups together; Slowest is one group's.
	Writing, Slowest time.Duration
	// TableBytes and ValueBytes are on the disk, as of a minute ago.
	TableBytes, ValueBytes int64
}

type counters struct {
	mu sync.Mutex
	Stats
}

// Stats returns a copy of the counters.
func (s *Store) Stats() Stats {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	out := s.stats.Stats
	if s.users.enter() {
		out.TableBytes, out.ValueBytes = s.db.Size()
		s.users.leave()
	}
	return out
}

func (c *counters) count(g *group, err error, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	written := 0
	for _, m := range g.members {
		switch verdict := outcome(m.verdict, err); {
		case verdict == nil:
			written++
		case errors.Is(verdict, store.ErrConflict):
			c.Conflicts++
		case errors.Is(verdict, store.ErrFull):
			c.Refused++
		default:
			c.Failed++
		}
	}
	if g.rows == 0 || err != nil {
		return
	}
	c.Groups++
	c.Batches += uint64(written)
	c.Rows += uint64(g.rows)
	c.LargestGroup = max(c.LargestGroup, written)
	c.Writing += took
	c.Slowest = max(c.Slowest, took)
}
