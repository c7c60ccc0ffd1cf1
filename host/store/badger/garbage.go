package badger

import (
	"errors"
	"time"

	bdb "github.com/dgraph-io/badger/v4"
)

const (
	garbageEvery = 5 * time.Minute
	// garbageShare is how much of a value-log file must be dead before it is rewritten.
	garbageShare = 0.5
)

// collectGarbage rewrites value-log files that are mostly dead, until Close.
func (s *Store) collectGarbage() {
	tick := time.NewTicker(garbageEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			s.collectOnce()
		}
	}
}

// collectOnce rewrites one file after the other while there are any.
func (s *Store) collectOnce() {
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
			s.log.Warn("collecting garbage in the store", "error", err)
			return
		}
	}
}
