package badger

import (
	"errors"
	"fmt"
	"time"

	bdb "github.com/dgraph-io/badger/v4"
)

const (
	// trimEvery is short because a compaction touches hundreds of MB a second; to see
	// that there is nothing to do costs some microseconds.
	trimEvery    = 50 * time.Millisecond
	garbageEvery = 5 * time.Minute
	notSmall     = "keeping the store small"
	// garbageShare is how much of a value-log file must be dead before it is rewritten.
	garbageShare = 0.5
)

// keepHouse does what has to be done again and again, until Close. Each chore
// has a goroutine of its own: to rewrite a file may take seconds, in which memory
// fills up.
func (s *Store) keepHouse() {
	chores := []struct {
		every time.Duration
		do    func() error
	}{
		{trimEvery, s.trim.chore},
		{garbageEvery, s.collectGarbage},
	}
	for _, chore := range chores {
		s.workers.Go(func() { s.repeat(chore.every, chore.do) })
	}
	go s.lookForDamage(s.check)
}

func (s *Store) repeat(every time.Duration, chore func() error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			if err := chore(); err != nil {
				s.log.Warn(notSmall, "error", err)
			}
		}
	}
}

// collectGarbage rewrites one file after the other while there are any.
func (s *Store) collectGarbage() error {
	for s.failure() == nil && s.spaceLeft().full == nil {
		select {
		case <-s.stop:
			return nil
		default:
		}
		err := s.db.RunValueLogGC(garbageShare)
		if errors.Is(err, bdb.ErrNoRewrite) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("collecting garbage of the store: %w", err)
		}
	}
	return nil
}
