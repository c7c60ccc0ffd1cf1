package pluginbuild

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// unusedFor is for how long a slot is kept that nobody asks for.
	unusedFor = 5 * 24 * time.Hour
	// dropped begins the names of folders that are being removed.
	dropped = ".dropped-"
	// lockName is the file in each slot that is locked. It names the folder that is
	// built from, and its age tells when that was asked for last.
	lockName = "stamp.lock"
)

// use notes in a slot's lock file, which is held, where it is built from, and so when.
func use(held *os.File, folder string) error {
	if err := held.Truncate(0); err != nil {
		return err
	}
	_, err := held.WriteAt([]byte(folder+"\n"), 0)
	return err
}

// trim drops the slots that were not used for some days, by the clock of the disk
// that just noted a use, and those whose source is gone. What cannot be dropped
// will be the next time: it is only a cache.
func trim(cacheDir string, held *os.File) {
	info, err := held.Stat()
	if err != nil {
		return
	}
	before := info.ModTime().Add(-unusedFor)
	entries, _ := os.ReadDir(cacheDir) //nolint:errcheck // as above
	for _, entry := range entries {
		slot := filepath.Join(cacheDir, entry.Name())
		if strings.HasPrefix(entry.Name(), dropped) { // by a process that ended meanwhile
			discard(slot)
		} else if isUseless(slot, before) {
			drop(cacheDir, slot, before)
		}
	}
}

// isUseless says whether a slot was last used before a time, or is of a folder that is gone.
func isUseless(slot string, before time.Time) bool {
	file := filepath.Join(slot, lockName)
	info, err := os.Stat(file)
	if err != nil {
		return false // no slot, or no longer one
	}
	if info.ModTime().Before(before) {
		return true
	}
	folder, err := os.ReadFile(file)
	if err != nil || len(folder) == 0 {
		return false
	}
	_, err = os.Stat(strings.TrimSuffix(string(folder), "\n"))
	return os.IsNotExist(err)
}

// drop removes a useless slot unless somebody works on it. The slot goes at once,
// by another name, so that nobody begins to build in it meanwhile.
func drop(cacheDir, slot string, before time.Time) {
	held, err := attempt(filepath.Join(slot, lockName))
	if held == nil || err != nil {
		return
	}
	grave, err := os.MkdirTemp(cacheDir, dropped)
	if err != nil || !isUseless(slot, before) { // somebody used it just now
		_ = held.Close() //nolint:errcheck // it releases the lock
		discard(grave)
		return
	}
	_ = moveLocked(held, slot, filepath.Join(grave, "slot")) //nolint:errcheck // then the slot stays
	discard(grave)
}

// discard removes what is of no use; if it cannot, the next build will try.
func discard(path string) { _ = os.RemoveAll(path) } //nolint:errcheck // it is only a cache
