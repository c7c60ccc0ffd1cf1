//go:build unix

package pluginbuild

import (
	"errors"
	"os"
	"syscall"
)

const executable = ""

// tryLock takes the lock, or says that somebody else has it.
func tryLock(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) //nolint:gosec // a descriptor fits an int
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	return err == nil, err
}

// moveLocked renames the folder of a lock that is held, and gives the lock back:
// nobody has taken it in between.
func moveLocked(f *os.File, from, to string) error {
	return errors.Join(os.Rename(from, to), f.Close())
}
