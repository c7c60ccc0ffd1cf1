package pluginbuild

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

const executable = ".exe"

// tryLock takes the lock, or says that somebody else has it.
func tryLock(f *os.File) (bool, error) {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}

// moveLocked renames the folder of a lock that is held, and gives the lock back.
// A folder with an open file is not renamed here, so the lock goes first; and for
// the same reason the folder stays if somebody takes the lock in between.
func moveLocked(f *os.File, from, to string) error {
	return errors.Join(f.Close(), os.Rename(from, to))
}
