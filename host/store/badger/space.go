package badger

import (
	"fmt"
	"syscall"

	"github.com/musubi-run/musubi/host/store"
)

// Badger maps its files into memory before they have blocks on the disk, so
// writing to them when it is full is a SIGBUS, the end of the process. It is
// therefore never brought that far: commits stop while there is still space for
// all that Badger may do by itself.
const (
	// ownNeed is what memtables that become tables and one group of commits take.
	ownNeed = flushNeed + maxGroupBytes + 16<<20
	// flushNeed is what Close takes to write the memtables out.
	flushNeed = (memTables + 1) * memTableSize
	// maxRewrite is the most that compactions copy before they delete.
	maxRewrite = 512 << 20
	// deleteSpace is kept for batches that only delete, and thereby make space.
	deleteSpace = 32 << 20
)

// space is what the disk had left when it was asked.
type space struct {
	// full is why no row can be set, exhausted why none can be deleted either; nil if they can.
	full, exhausted error
	// stuck says that not even what is in memory can be written out.
	stuck bool
}

// noSpace is of a disk that takes nothing at all.
func noSpace(err error) space { return space{full: err, exhausted: err, stuck: true} }

// judge says what may still be done with free bytes. A compaction copies at
// most all tables.
func (s *Store) judge(free int64) space {
	need := ownNeed + min(s.tables.Load(), maxRewrite)
	if free >= need+deleteSpace {
		return space{}
	}
	err := fmt.Errorf("%w: %s has %d MB free and needs %d MB in reserve: %w",
		store.ErrFull, s.dir, free>>20, (need+deleteSpace)>>20, syscall.ENOSPC)
	if free >= need {
		return space{full: err}
	}
	return space{full: err, exhausted: err, stuck: free < flushNeed}
}

// measureTables looks how large the tables have become.
func (s *Store) measureTables() {
	var size int64
	for _, level := range s.db.Levels() {
		size += level.Size
	}
	s.tables.Store(size)
}

// refuses says why r cannot be written, or nil.
func (s space) refuses(r *request) error {
	switch {
	case len(r.entries) == 0:
		return nil
	case r.puts:
		return s.full
	default:
		return s.exhausted
	}
}
