//go:build linux

package badger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"testing"

	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/badger"
)

// Out of file descriptors, Badger cannot make its next file. The store must then
// stop cleanly, readers included, and a copy of its files must hold every
// acknowledged batch.
func TestFailedWriteStopsTheStoreAndLosesNothing(t *testing.T) {
	dir, saved := t.TempDir(), t.TempDir()
	s := openIn(t, dir)
	restore := forbidNewFiles(t)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	readers.Go(func() { readUntil(s, stop) })
	acked, err := commitUntilError(t, s)
	close(stop)
	readers.Wait()
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrClosed) {
		t.Errorf("the failed commit: %v", err)
	}
	if err := s.Commit(t.Context(), failureBatch(acked)); !errors.Is(err, store.ErrFull) {
		t.Errorf("after the failure: %v", err)
	}
	restore()
	if err := os.CopyFS(saved, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	again := openIn(t, saved)
	for n := range acked {
		if _, err := again.Get(t.Context(), failureKey(n)); err != nil {
			t.Errorf("acknowledged batch %d: %v", n, err)
		}
	}
}

// forbidNewFiles lowers the limit of open files to what is open now.
func forbidNewFiles(t *testing.T) (restore func()) {
	t.Helper()
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	set := func(limit syscall.Rlimit) {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			t.Error(err)
		}
	}
	set(syscall.Rlimit{Cur: 3, Max: old.Max})
	return func() { set(old) }
}

func readUntil(s *badger.Store, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
			s.Get(context.Background(), failureKey(0)) //nolint:errcheck // it must only survive
		}
	}
}

func commitUntilError(t *testing.T, s *badger.Store) (acked int, err error) {
	t.Helper()
	for n := range 1000 {
		if err := s.Commit(t.Context(), failureBatch(n)); err != nil {
			return n, err
		}
	}
	t.Fatal("no commit failed")
	return 0, nil
}

func failureKey(n int) string { return fmt.Sprintf("k/%04d", n) }

func failureBatch(n int) store.Batch {
	var b store.Batch
	b.Put(failureKey(n), nil)
	for i := range 100 {
		b.Put(fmt.Sprintf("fill/%04d/%d", n, i), make([]byte, 10_000))
	}
	return b
}
