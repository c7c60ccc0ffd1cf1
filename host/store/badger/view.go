package badger

import (
	"sync"

	bdb "github.com/dgraph-io/badger/v4"
)

// view is a snapshot that is at hand. A new one has to wait for the commit under
// way, which may itself wait for a compaction; that is when memory has to be
// given back most urgently.
type view struct {
	mu  sync.Mutex
	now *snapshot
}

// snapshot is discarded when the last of its users has left it. The view is one
// of them until there is a newer one.
type snapshot struct {
	txn   *bdb.Txn
	users int
}

// renew takes a new snapshot, so that what the old one saw can be cleared away.
// Only the committer calls it, for whom no commit is under way.
func (v *view) renew(db *bdb.DB) {
	next := &snapshot{txn: db.NewTransaction(false), users: 1}
	v.mu.Lock()
	old := v.now
	v.now = next
	v.mu.Unlock()
	if old != nil {
		v.leave(old)
	}
}

// hold keeps every table that there is now where it is mapped, until release.
// That may take long: it deletes the tables that compactions replaced meanwhile.
func (v *view) hold() (release func()) {
	v.mu.Lock()
	s := v.now
	s.users++
	v.mu.Unlock()
	it := s.txn.NewIterator(bdb.IteratorOptions{})
	return func() {
		it.Close()
		v.leave(s)
	}
}

func (v *view) leave(s *snapshot) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s.users--; s.users == 0 {
		s.txn.Discard()
	}
}

// close leaves the last snapshot. Nobody may hold it any more.
func (v *view) close() { v.leave(v.now) }
