package mem

import (
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host/store"
)

// A host that runs for months on this store must not keep what expired.
func TestExpiredRowsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(time.Now)
		for i := range 100 {
			var b store.Batch
			b.PutUntil(strconv.Itoa(i%10), nil, time.Now().Add(time.Hour))
			if err := s.Commit(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Hour)
		if err := s.Commit(t.Context(), store.Batch{}); err != nil {
			t.Fatal(err)
		}
		if root, due := s.rows.Load().root, len(s.expiry.due); root != nil || due != 0 {
			t.Errorf("%v and %d due rows are left", root, due)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Keys in order are what makes a plain tree a list.
func TestTreeStaysShallow(t *testing.T) {
	s := New(time.Now)
	const rows = 4096
	for i := range rows {
		var b store.Batch
		b.Put(fmt.Sprintf("%05d", i), nil)
		if err := s.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if d := depth(s.rows.Load().root); d > 60 {
		t.Errorf("%d rows are %d deep", rows, d)
	}
}

func depth(n *node) int {
	if n == nil {
		return 0
	}
	return 1 + max(depth(n.left), depth(n.right))
}
