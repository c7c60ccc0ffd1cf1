package badger

import (
	"strconv"
	"testing"

	"github.com/musubi-run/musubi/host/store"
)

// An old snapshot would keep everything that was deleted since. One that is in
// use goes when its last user has left it.
func TestViewFollowsCommits(t *testing.T) {
	s := openInternal(t)
	seen := s.view.now.txn.ReadTs()
	first, second := s.view.hold(), s.view.hold()
	held := s.view.now
	commitMB(t, s, 2*measureEvery>>20)
	if now := s.view.now.txn.ReadTs(); now <= seen {
		t.Errorf("the view is still at %d", now)
	}
	if held.users != 2 {
		t.Errorf("the old snapshot has %d users", held.users)
	}
	first()
	second()
	if held.users != 0 {
		t.Errorf("the old snapshot has %d users when all have left", held.users)
	}
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
