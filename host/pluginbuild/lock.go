package pluginbuild

import (
	"context"
	"fmt"
	"os"
	"time"
)

// lockPoll is how often a lock that somebody else holds is tried again.
const lockPoll = 20 * time.Millisecond

// lock takes the lock file, waiting for other processes and goroutines until
// ctx ends. The system releases it if the process dies.
func lock(ctx context.Context, file string) (unlock func(), err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644) //nolint:gosec // empty, in a cache that others may read
	if err != nil {
		return nil, fmt.Errorf("locking the build cache: %w", err)
	}
	ticker := time.NewTicker(lockPoll)
	defer ticker.Stop()
	for {
		taken, err := tryLock(f)
		if taken {
			return func() { _ = f.Close() }, nil //nolint:errcheck // closing releases it; nothing was written
		}
		if err == nil {
			select {
			case <-ticker.C:
				continue
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		_ = f.Close() //nolint:errcheck // the lock was not taken
		return nil, fmt.Errorf("locking the build cache: %w", err)
	}
}
