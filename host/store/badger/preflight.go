package badger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/musubi-run/musubi/host/store"
)

// ErrLocked is returned by Open when another process has the directory.
var ErrLocked = errors.New("another process has it open; stop that one or use another directory")

// preflight tries what Badger is about to do, because Badger's own errors do
// not carry their cause.
func preflight(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return cannotWrite(err)
	}
	if err := checkLock(dir); err != nil {
		return err
	}
	if err := checkUndamaged(dir); err != nil {
		return err
	}
	return checkWritable(dir)
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
