package storetest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/musubi-run/musubi/host/store"
)

const diskSize = 256 << 20

// readOnlyDirectoryIsRefused cannot open for writing, and says so by its kind.
func readOnlyDirectoryIsRefused(t *testing.T, open OpenDir) {
	disk := SmallDisk(t, diskSize)
	dir := filepath.Join(disk, "store")
	with(t, open, dir, func(s store.Store) { must(t, s.Commit(t.Context(), pair("p/", 0))) })
	SetReadOnly(t, disk, true)
	s, err := open(dir)
	if err == nil {
		err = errors.Join(errors.New("it opened"), s.Close())
	}
	if !errors.Is(err, store.ErrFull) {
		t.Errorf("opening read-only: %v, want %v", err, store.ErrFull)
	}
}

// fullDiskIsRefusedAndRecovers fills a small disk, deletes, and makes room.
func fullDiskIsRefusedAndRecovers(t *testing.T, open OpenDir) {
	disk := SmallDisk(t, diskSize)
	dir, ballast := filepath.Join(disk, "store"), filepath.Join(disk, "ballast")
	must(t, os.WriteFile(ballast, make([]byte, 80<<20), 0o600))
	acked := 0
	with(t, open, dir, func(s store.Store) {
		acked = commitUntilFull(t, s, 0)
		checkBulk(t, s, acked)
		var b store.Batch
		b.Delete(bulkKey(0))
		must(t, s.Commit(t.Context(), b))
	})
	with(t, open, dir, func(s store.Store) {
		acked = commitUntilFull(t, s, acked) // opening again may have cleared away a little
		must(t, os.Remove(ballast))
		must(t, s.Commit(t.Context(), bulk(0)))
		must(t, s.Commit(t.Context(), bulk(acked)))
	})
	with(t, open, dir, func(s store.Store) { checkBulk(t, s, acked+1) })
}

// exhaustedDiskLosesNothing lets somebody else take the last byte while a
// process has rows in memory. It must refuse more, and end, without losing them.
func exhaustedDiskLosesNothing(t *testing.T, open OpenDir) {
	disk := SmallDisk(t, diskSize)
	dir := filepath.Join(disk, "store")
	if out, err := victim(t, "exhaust", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	must(t, os.Remove(filepath.Join(disk, "ballast")))
	with(t, open, dir, func(s store.Store) {
		checkPairs(t, s, "p/", exhaustCommits)
		must(t, s.Commit(t.Context(), pair("p/", exhaustCommits)))
	})
}

const exhaustCommits = 100

func commitAndExhaustTheDisk(t *testing.T, open OpenDir, dir string) {
	with(t, open, dir, func(s store.Store) {
		for n := range exhaustCommits {
			must(t, s.Commit(t.Context(), pair("p/", n)))
		}
		err := os.WriteFile(filepath.Join(filepath.Dir(dir), "ballast"), make([]byte, diskSize), 0o600)
		if err == nil {
			t.Error("the disk has no end")
		}
		if err := s.Commit(t.Context(), pair("p/", exhaustCommits)); !errors.Is(err, store.ErrFull) {
			t.Errorf("committing to an exhausted disk: %v, want %v", err, store.ErrFull)
		}
	})
}

// commitUntilFull commits from batch n on and returns the first one that is refused.
func commitUntilFull(t *testing.T, s store.Store, n int) int {
	t.Helper()
	for ; n < diskSize/bulkSize; n++ {
		err := s.Commit(t.Context(), bulk(n))
		if errors.Is(err, store.ErrFull) {
			return n
		}
		must(t, err)
	}
	t.Fatal("the disk never became full")
	return 0
}

// bulkSize is how many bytes one bulk commit adds.
const bulkSize = 100 * 7500

func bulkKey(n int) string { return fmt.Sprintf("bulk/%06d", n) }

func bulk(n int) store.Batch {
	var b store.Batch
	b.Put(bulkKey(n), pattern(100))
	for i := range 100 {
		b.Put(fmt.Sprintf("fill/%06d/%03d", n, i), pattern(7500-i))
	}
	return b
}

func checkBulk(t *testing.T, s store.Store, want int) {
	t.Helper()
	heads, err := scan(t.Context(), s, store.Range{Prefix: "bulk/", KeysOnly: true})
	must(t, err)
	fills, err := scan(t.Context(), s, store.Range{Prefix: "fill/", KeysOnly: true})
	must(t, err)
	if len(heads) != want || len(fills) != want*100 {
		t.Errorf("%d and %d rows, want %d and %d", len(heads), len(fills), want, want*100)
	}
}
