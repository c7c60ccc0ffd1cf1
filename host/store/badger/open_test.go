package badger_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/badger"
)

func openIn(t *testing.T, dir string) *badger.Store {
	t.Helper()
	s, err := badger.Open(badger.Options{Dir: dir, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestOpenRefusesALockedDirectory(t *testing.T) {
	dir := t.TempDir()
	first := openIn(t, dir)
	var err error
	synctest.Test(t, func(*testing.T) { // Open has patience
		_, err = badger.Open(badger.Options{Dir: dir, Clock: time.Now})
	})
	if !errors.Is(err, badger.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("process %d", os.Getpid())) {
		t.Errorf("opening twice: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	openIn(t, dir)
}

// A host that is replaced may still be about to close its store.
func TestOpenWaitsForAHostThatEnds(t *testing.T) {
	dir := t.TempDir()
	first := openIn(t, dir)
	closed := make(chan error)
	go func() {
		time.Sleep(100 * time.Millisecond)
		closed <- first.Close()
	}()
	openIn(t, dir)
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

func TestOpenNeedsADirectoryAndAClock(t *testing.T) {
	for _, o := range []badger.Options{{Clock: time.Now}, {Dir: t.TempDir()}} {
		if _, err := badger.Open(o); err == nil {
			t.Errorf("opened with %+v", o)
		}
	}
}

func TestOpenRefusesAFileInPlaceOfTheDirectory(t *testing.T) {
	path := t.TempDir() + "/file"
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := badger.Open(badger.Options{Dir: path, Clock: time.Now}); err == nil {
		t.Error("opened a file")
	}
}

func TestCloseLeavesNoGoroutine(t *testing.T) {
	before := goleak.IgnoreCurrent()
	s := openIn(t, t.TempDir())
	var b store.Batch
	b.Put("k", nil)
	if err := s.Commit(t.Context(), b); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, before)
}

func TestStatsCountGroups(t *testing.T) {
	s := openIn(t, t.TempDir())
	var b, again store.Batch
	b.Put("a", nil)
	b.Put("b", nil)
	again.Absent("a")
	again.Put("c", nil)
	if err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), again); !errors.Is(err, store.ErrConflict) {
		t.Fatal(err)
	}
	got := s.Stats()
	if got.Groups != 1 || got.Batches != 1 || got.Rows != 2 || got.Conflicts != 1 || got.LargestGroup != 1 {
		t.Errorf("stats: %+v", got)
	}
}
