package badger

import (
	"fmt"

	"github.com/musubi-run/musubi/host/store"
)

// failed remembers the first error that Badger returned from writing. What it
// holds in memory may then differ from the disk, and writing on would end the
// process, so the store answers nothing more until it is opened again.
func (s *Store) failed(err error) error {
	if err == nil {
		return nil
	}
	s.log.Error("the store could not write and stops", "dir", s.dir, "error", err)
	s.stopFor(fmt.Errorf("%w: an earlier write failed, restart to recover: %w", store.ErrFull, err))
	return err
}

// stopFor has the store answer nothing but this from now on.
func (s *Store) stopFor(why error) { s.broken.CompareAndSwap(nil, &why) }

// failure is why the store stopped, or nil.
func (s *Store) failure() error {
	if err := s.broken.Load(); err != nil {
		return *err
	}
	return nil
}

// survive turns a panic of Badger into a failure: a reader meets one if a write
// fails at the same moment.
func (s *Store) survive(err *error) {
	if cause := recover(); cause != nil {
		*err = s.failed(fmt.Errorf("badger panicked: %v", cause))
	}
}
