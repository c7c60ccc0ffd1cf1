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
	txn *bdb.Txn
}

// renew takes a new snapshot, so that what the old one saw can be cleared away.
// While the old one is in use it stays. Only the committer calls it, for whom no
// commit is under way.
func (v *view) renew(db *bdb.DB) {
	if !v.mu.TryLock() {
		return
	}
	defer v.mu.Unlock()
	if v.txn != nil {
		v.txn.Discard()
	}
	v.txn = db.NewTransaction(false)
}

// hold keeps every table that there is now where it is mapped, until release.
func (v *view) hold() (release func()) {
	v.mu.Lock()
	it := v.txn.NewIterator(bdb.IteratorOptions{})
	return func() {
		it.Close()
		v.mu.Unlock()
	}
}

func (v *view) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.txn.Discard()
}
