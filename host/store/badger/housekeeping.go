package badger

import (
	"errors"
	"time"

	bdb "github.com/dgraph-io/badger/v4"
)

const (
	// trimEvery is short because a compaction touches hundreds of MB a second; a look
	// costs some microseconds.
	trimEvery    = 50 * time.Millisecond
	garbageEvery = 5 * time.Minute
	// garbageShare is how much of a value-log file must be dead before it is rewritten.
	garbageShare = 0.5
)

// keepHouse gives memory back and rewrites value-log files that are mostly
// dead, until Close.
func (s *Store) keepHouse() {
	trim, garbage := time.NewTicker(trimEvery), time.NewTicker(garbageEvery)
	defer trim.Stop()
	defer garbage.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-trim.C:
			if err := s.trimMapped(); err != nil {
				s.log.Warn("giving memory of the store back", "error", err)
			}
		case <-garbage.C:
			s.collectGarbage()
		}
	}
}

// collectGarbage rewrites one file after the other while there are any.
func (s *Store) collectGarbage() {
	for s.failure() == nil && s.spaceLeft().full == nil {
		select {
		case <-s.stop:
			return
		default:
		}
		err := s.db.RunValueLogGC(garbageShare)
		if errors.Is(err, bdb.ErrNoRewrite) {
			return
		}
		if err != nil {
			s.log.Warn("collecting garbage of the store", "error", err)
			return
		}
	}
}
