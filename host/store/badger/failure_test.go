//go:build linux

package badger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/badger"
)

const failingDir = "BADGER_TEST_FAILING_DIR"

// Out of file descriptors, Badger cannot make its next file. The store must then
// stop cleanly, readers included, and what it acknowledged must be there after a
// restart. The limit holds for a whole process, so another one meets it.
func TestFailedWriteStopsTheStoreAndLosesNothing(t *testing.T) {
	if dir := os.Getenv(failingDir); dir != "" {
		commitWithoutFiles(t, openIn(t, dir))
		return
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$") //nolint:gosec // it is this program
	cmd.Env = append(os.Environ(), failingDir+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s := openIn(t, dir)
	acked, err := s.Get(t.Context(), "acked")
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(string(acked))
	if err != nil || n < 5 {
		t.Fatalf("%d acknowledged batches, %v", n, err)
	}
	for n := range n {
		if _, err := s.Get(t.Context(), failureKey(n)); err != nil {
			t.Errorf("acknowledged batch %d: %v", n, err)
		}
	}
}

func commitWithoutFiles(t *testing.T, s *badger.Store) {
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 3, Max: 3}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	readers.Go(func() {
		for ctx.Err() == nil {
			s.Get(ctx, failureKey(0)) //nolint:errcheck // it must only survive
		}
	})
	n, err := 0, error(nil)
	for ; err == nil && n < 1000; n++ {
		err = s.Commit(t.Context(), failureBatch(n))
	}
	if err == nil || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrClosed) {
		t.Errorf("the failed commit: %v", err)
	}
	stop()
	readers.Wait()
	if err := s.Commit(t.Context(), failureBatch(n)); !errors.Is(err, store.ErrFull) {
		t.Errorf("after the failure: %v", err)
	}
}

func failureKey(n int) string { return fmt.Sprintf("k/%04d", n) }

// failureBatch is nearly as large as a batch may be and says how many were acknowledged before it.
func failureBatch(n int) store.Batch {
	var b store.Batch
	b.Put("acked", strconv.AppendInt(nil, int64(n), 10))
	b.Put(failureKey(n), nil)
	for i := range 100 {
		b.Put(fmt.Sprintf("fill/%04d/%d", n, i), make([]byte, store.MaxSmall*9/10/100))
	}
	return b
}
