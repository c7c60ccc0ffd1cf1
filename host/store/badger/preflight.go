package badger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/musubi-run/musubi/host/store"
)

// ErrLocked is returned by Open when another process has the directory.
var ErrLocked = errors.New("another process has it open; stop that one or use another directory")

// preflight tries what Badger is about to do, because Badger's own errors do
// not carry their cause.
func preflight(dir string) error {
	if err := checkRestored(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return cannotWrite(err)
	}
	if err := awaitLock(dir); err != nil {
		return err
	}
	if err := checkUndamaged(dir); err != nil {
		return err
	}
	return checkWritable(dir)
}

const (
	// lockPatience is how long a store may still be in use when it is opened: by a
	// host that is about to end, or by a child of this process that has it open for
	// the moment between its fork and its exec.
	lockPatience = 3 * time.Second
	lockEvery    = 20 * time.Millisecond
)

// awaitLock returns ErrLocked if the directory stays in use.
func awaitLock(dir string) error {
	release, err := hold(dir)
	if err != nil {
		return err
	}
	return release()
}

// hold takes the lock of a directory until release, or returns ErrLocked if the
// directory stays in use.
func hold(dir string) (release func() error, err error) {
	tick := time.NewTicker(lockEvery)
	defer tick.Stop()
	for range lockPatience / lockEvery {
		if release, err = tryHold(dir); !errors.Is(err, ErrLocked) {
			return release, err
		}
		<-tick.C
	}
	return nil, err
}

// settlePatience is how long opening a store waits for level 0 at most; Badger begins
// to compact within a second.
const settlePatience = 10 * time.Second

// settle waits until level 0 has no more tables than work lets it have. A process
// that ends before Badger compacts leaves one more behind, and the next one too: a
// host that cannot start, and is started again and again, would fill the folder.
func (s *Store) settle() {
	tick := time.NewTicker(lockEvery)
	defer tick.Stop()
	for range settlePatience / lockEvery {
		if s.db.Levels()[0].NumTables <= levelZero+1 || s.spaceLeft().full != nil {
			return
		}
		<-tick.C
	}
	s.log.Warn(notSmall, "error", "tables of earlier starts are not put together yet")
}

// checkWritable writes, syncs and removes a file of one block.
func checkWritable(dir string) error {
	f, err := os.CreateTemp(dir, ".probe-")
	if err != nil {
		return cannotWrite(err)
	}
	_, err = f.Write(make([]byte, 4096))
	err = errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
	if err != nil {
		return cannotWrite(err)
	}
	return nil
}

// cannotWrite adds store.ErrFull to errors that mean a full or read-only place.
func cannotWrite(err error) error {
	causes := []error{fs.ErrPermission, syscall.EROFS, syscall.ENOSPC, syscall.EFBIG}
	for _, cause := range causes {
		if errors.Is(err, cause) {
			return fmt.Errorf("%w: %w", store.ErrFull, err)
		}
	}
	return err
}

// locked is ErrLocked with the process that Badger noted in the directory.
func locked(dir string) error {
	pid, err := os.ReadFile(filepath.Join(dir, "LOCK"))
	if err != nil {
		return ErrLocked
	}
	return fmt.Errorf("process %s: %w", strings.TrimSpace(string(pid)), ErrLocked)
}
