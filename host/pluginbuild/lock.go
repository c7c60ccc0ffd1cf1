package pluginbuild

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// lockPoll is how often a lock that somebody else holds is tried again.
const lockPoll = 20 * time.Millisecond

// lock takes the lock file, waiting for other processes and goroutines until
// ctx ends, and makes its folder if it is not there. The system releases it if
// the process dies.
func lock(ctx context.Context, file string) (*os.File, error) {
	ticker := time.NewTicker(lockPoll)
	defer ticker.Stop()
	for {
		f, err := attempt(file)
		if f != nil {
			return f, nil
		}
		if err == nil {
			select {
			case <-ticker.C:
				continue
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		return nil, fmt.Errorf("locking the build cache: %w", err)
	}
}

// attempt takes the lock file, or returns nil if somebody else has it, or has
// just dropped the folder.
func attempt(file string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // a cache that others may read
		return nil, err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644) //nolint:gosec // in a cache that others may read
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	taken, err := tryLock(f)
	if taken && isStill(f, file) {
		return f, nil
	}
	return nil, errors.Join(err, f.Close())
}

// isStill says whether the file of this name is the one that is open: its folder
// may have been dropped while its lock was waited for.
func isStill(f *os.File, name string) bool {
	open, err := f.Stat()
	named, missing := os.Stat(name)
	return err == nil && missing == nil && os.SameFile(open, named)
}
