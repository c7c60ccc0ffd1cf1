package badger

import (
	"strconv"
	"testing"

	"github.com/musubi-run/musubi/host/store"
)

// An old snapshot would keep everything that was deleted since.
func TestViewFollowsCommitsUnlessItIsInUse(t *testing.T) {
	s := openInternal(t)
	seen := s.view.txn.ReadTs()
	commitMB(t, s, 2*measureEvery>>20)
	if now := s.view.txn.ReadTs(); now <= seen {
		t.Errorf("the view is still at %d", now)
	}
	release := s.view.hold()
	held := s.view.txn
	commitMB(t, s, 2*measureEvery>>20)
	if s.view.txn != held {
		t.Error("the view was renewed while it was in use")
	}
	release()
}

func commitMB(t *testing.T, s *Store, n int) {
	t.Helper()
	for i := range 2*n + 1 { // the last one follows what the others led to
		var b store.Batch
		for j := range 32 {
			b.Put(strconv.Itoa(i*32+j), make([]byte, store.LargeValue-1))
		}
		if err := s.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
}
