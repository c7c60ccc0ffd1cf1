package wasm

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tetratelabs/wazero"
)

const (
	// maxCached is how many modules' code is kept, some 10 MB each. Those that
	// were used last stay.
	maxCached = 50
	// unusedFor is for how long code is kept that no process opens.
	unusedFor = 5 * 24 * time.Hour
	// cacheMark is a file in each module's folder. Its age tells when the code was used last.
	cacheMark = "used"

	cacheDirMode  = 0o700
	cacheFileMode = 0o600
)

// openCache opens the folder of one module's compiled code, and says whether it is new.
func openCache(dir string) (cache wazero.CompilationCache, fresh bool, err error) {
	_, err = os.Stat(dir)
	fresh = err != nil
	if err := os.MkdirAll(dir, cacheDirMode); err != nil {
		return nil, false, fmt.Errorf("making the plugin cache: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, cacheMark), []byte("\n"), cacheFileMode); err != nil {
		return nil, false, fmt.Errorf("marking the plugin cache: %w", err)
	}
	cache, err = wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return nil, false, fmt.Errorf("opening the plugin cache: %w", err)
	}
	return cache, fresh, nil
}

// trimCache drops the code that was not used for some days, and beyond what is
// kept that which was not used for the longest time. What cannot be dropped will
// be the next time.
func trimCache(parent string, keep int) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return fmt.Errorf("listing the plugin cache: %w", err)
	}
	used := make(map[string]time.Time, len(entries))
	for _, entry := range entries {
		if dir := filepath.Join(parent, entry.Name()); entry.IsDir() {
			used[dir] = lastUsed(dir)
		}
	}
	dirs := slices.SortedFunc(maps.Keys(used), func(a, b string) int { return used[b].Compare(used[a]) })
	for i, dir := range dirs {
		old := used[dirs[0]].Sub(used[dir]) > unusedFor // by the clock of the disk, which has just marked the first
		if i < keep && !old || lastUsed(dir).After(used[dir]) {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("trimming the plugin cache: %w", err)
		}
	}
	return nil
}

// lastUsed is when the code in a folder was used last. A folder without its mark
// was being dropped, or made, by a process that was killed.
func lastUsed(dir string) time.Time {
	for _, name := range []string{filepath.Join(dir, cacheMark), dir} {
		if info, err := os.Stat(name); err == nil { // else another process trims too
			return info.ModTime()
		}
	}
	return time.Time{}
}

// readMetered returns the metered module of a folder, nil if there is none that is whole.
func readMetered(dir string) []byte {
	content, err := os.ReadFile(filepath.Join(dir, meteredFile))
	if err != nil || len(content) < sha256.Size {
		return nil
	}
	sum, metered := content[:sha256.Size], content[sha256.Size:]
	if sha256.Sum256(metered) != [sha256.Size]byte(sum) {
		return nil
	}
	return metered
}

// writeMetered keeps the metered module, whole or not at all.
func writeMetered(dir string, metered []byte) error {
	draft, err := os.CreateTemp(dir, ".metered-*")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name()) //nolint:errcheck // a draft
	sum := sha256.Sum256(metered)
	_, sumErr := draft.Write(sum[:])
	_, err = draft.Write(metered)
	if err := errors.Join(sumErr, err, draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), filepath.Join(dir, meteredFile))
}

func dropCache(dir string, cause error, log *slog.Logger) {
	log.Warn("plugin cache was unreadable and is dropped", slog.String("dir", dir), slog.String("error", cause.Error()))
	if err := os.RemoveAll(dir); err != nil {
		log.Warn("plugin cache was not dropped", slog.String("dir", dir), slog.String("error", err.Error()))
	}
}
