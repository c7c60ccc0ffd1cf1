package storetest

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/musubi-run/musubi/host/store"
)

// OpenDir opens the durable store in dir, or makes one.
type OpenDir func(dir string) (store.Store, error)

// RunDurable checks that what was acknowledged outlives the process, whatever
// ends it, and that a full or read-only disk is refused cleanly. It starts the
// test binary again as the process to kill, so the test that calls it must do so first.
func RunDurable(t *testing.T, open OpenDir) {
	t.Helper()
	if be := victims[os.Getenv(victimRole)]; be != nil {
		be(t, open, os.Getenv(victimDir))
		return
	}
	checks := map[string]func(*testing.T, OpenDir){
		"reopen":      reopenSeesEverything,
		"reopen-many": reopenAfterManyCommits,
		"kill":        killedProcessLosesNothing,
		"torn-write":  tornWriteIsWholeOrGone,
		"read-only":   readOnlyDirectoryIsRefused,
		"disk-full":   fullDiskIsRefusedAndRecovers,
		"disk-gone":   exhaustedDiskLosesNothing,
	}
	for name, check := range checks {
		t.Run(name, func(t *testing.T) { check(t, open) })
	}
}

// with opens the store in dir, lets use work with it, and closes it.
func with(t *testing.T, open OpenDir, dir string, use func(store.Store)) {
	t.Helper()
	s, err := open(dir)
	if err != nil {
		t.Fatalf("opening %s: %v", dir, err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	}()
	use(s)
}

func reopenSeesEverything(t *testing.T, open OpenDir) {
	dir := t.TempDir()
	big := pattern(store.LargeValue * 3)
	with(t, open, dir, func(s store.Store) {
		var b, gone store.Batch
		b.Put("small", []byte("value"))
		b.Put("empty", nil)
		b.Put("big", big)
		b.Put("gone", nil)
		gone.Delete("gone")
		must(t, s.Commit(t.Context(), b))
		must(t, s.Commit(t.Context(), gone))
	})
	with(t, open, dir, func(s store.Store) {
		rows, err := scan(t.Context(), s, store.Range{})
		want := []row{{"big", string(big)}, {"empty", ""}, {"small", "value"}}
		if err != nil || fmt.Sprint(rows) != fmt.Sprint(want) {
			t.Errorf("%d rows, %v, want %d", len(rows), err, len(want))
		}
	})
}

// reopenAfterManyCommits writes enough to pass through every stage of a backend.
func reopenAfterManyCommits(t *testing.T, open OpenDir) {
	dir := t.TempDir()
	const rounds, rows = 3, 12
	for round := range rounds {
		with(t, open, dir, func(s store.Store) {
			for i := range rows {
				must(t, s.Commit(t.Context(), manyRows(round*rows+i)))
			}
		})
	}
	with(t, open, dir, func(s store.Store) {
		got, err := scan(t.Context(), s, store.Range{KeysOnly: true})
		if want := rounds * rows * 900; err != nil || len(got) != want {
			t.Errorf("%d rows, %v, want %d", len(got), err, want)
		}
	})
}

func manyRows(n int) store.Batch {
	var b store.Batch
	for i := range 900 {
		b.Put(fmt.Sprintf("%06d", i*1000+n), pattern(800))
	}
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// checkPairs demands that the numbered rows of prefix are a contiguous run from
// 0 that holds at least those below acked, and that each has both its halves.
func checkPairs(t *testing.T, s store.Store, prefix string, acked int) {
	t.Helper()
	rows, err := scan(context.WithoutCancel(t.Context()), s, store.Range{Prefix: prefix})
	must(t, err)
	if len(rows)%2 != 0 || len(rows)/2 < acked {
		t.Errorf("%s: %d halves, want two of each of at least %d", prefix, len(rows), acked)
	}
	for i, r := range rows {
		if want := pairKey(prefix, i/2, i%2); r.key != want || r.value != string(pairValue(i/2)) {
			t.Fatalf("%s: row %d is %q, want %q", prefix, i, r.key, want)
		}
	}
}

func pairKey(prefix string, n, half int) string { return fmt.Sprintf("%s%07d/%d", prefix, n, half) }

// pairValue is of any size, sometimes of a large value's.
func pairValue(n int) []byte {
	if n%97 == 50 {
		return pattern(store.LargeValue + n)
	}
	return pattern(n % 700)
}

func pair(prefix string, n int) store.Batch {
	var b store.Batch
	b.Put(pairKey(prefix, n, 0), pairValue(n))
	b.Put(pairKey(prefix, n, 1), pairValue(n))
	return b
}
