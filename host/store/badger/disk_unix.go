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

// spaceLeft asks the disk.
func (s *Store) spaceLeft() space {
	var disk unix.Statfs_t
	if err := unix.Statfs(s.dir, &disk); err != nil {
		return noSpace(fmt.Errorf("%w: asking for the free space of %s: %w", store.ErrFull, s.dir, err))
	}
	if readOnly(&disk) {
		return noSpace(fmt.Errorf("%w: %s: %w", store.ErrFull, s.dir, syscall.EROFS))
	}
	return s.judge(int64(disk.Bavail) * int64(disk.Bsize)) //nolint:gosec,unconvert // the types differ by system
}

// tryHold takes the lock of dir, or returns ErrLocked if another process, or this
// one, has dir open.
func tryHold(dir string) (release func() error, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, errors.Join(locked(dir), f.Close())
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error { // a child that is being forked just now would keep it a moment longer
		return errors.Join(unix.Flock(int(f.Fd()), unix.LOCK_UN), f.Close())
	}, nil
}
