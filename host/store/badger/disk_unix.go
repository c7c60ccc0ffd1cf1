//go:build linux || darwin

package badger

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/musubi-run/musubi/host/store"
)

// spaceLeft says why nothing may be written now, as a store.ErrFull, or nil.
// Badger maps its files into memory: writing to one on a full disk would be a
// SIGBUS, the end of the process, so the last Reserve bytes are never used.
func (s *Store) spaceLeft() error {
	var disk unix.Statfs_t
	if err := unix.Statfs(s.dir, &disk); err != nil {
		return fmt.Errorf("%w: asking for the free space of %s: %w", store.ErrFull, s.dir, err)
	}
	if readOnly(&disk) {
		return fmt.Errorf("%w: %s: %w", store.ErrFull, s.dir, syscall.EROFS)
	}
	free := int64(disk.Bavail) * int64(disk.Bsize) //nolint:gosec,unconvert // the types differ by system
	if free < s.reserve {
		return fmt.Errorf("%w: %s has %d MB free, %d MB are kept in reserve: %w",
			store.ErrFull, s.dir, free>>20, s.reserve>>20, syscall.ENOSPC)
	}
	return nil
}

// checkLock reports ErrLocked if another process, or this one, has dir open.
func checkLock(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errors.Join(locked(dir), f.Close())
	}
	return errors.Join(err, f.Close())
}
