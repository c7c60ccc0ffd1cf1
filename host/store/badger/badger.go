// Package badger keeps a store on disk in Badger v4, in this process. Nothing
// else in the program knows Badger.
//
// One goroutine writes. It takes every batch that is waiting, checks them in
// order against one transaction, and makes one fsync for all of them; RATIONALE.md
// of the store has the reasons and the figures.
package badger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	bdb "github.com/dgraph-io/badger/v4"
	"golang.org/x/sync/semaphore"

	"github.com/musubi-run/musubi/host/store"
)

// Options say where a store is and what it uses.
type Options struct {
	// Dir holds the store's files and nothing else. It is made if it is not there.
	Dir string
	// Clock decides what has expired. It must not be nil. A row also vanishes
	// when the machine's own clock has passed its time.
	Clock func() time.Time
	// Logger gets Badger's messages; nil discards them.
	Logger *slog.Logger
}

// Store is a store.Store on disk.
type Store struct {
	dir   string
	db    *bdb.DB
	clock func() time.Time
	log   *slog.Logger

	// users lets Close wait for whoever is inside Badger.
	users gate
	queue chan *request
	// written belongs to the group under way, of which there is one.
	written map[string]row
	// memory bounds what the batches under way hold, in bytes.
	memory *semaphore.Weighted
	// recent spares most readings of rows.
	recent *recent
	// view is for whoever must not wait for a commit.
	view view
	// trim gives memory back.
	trim *trimmer
	// tables is the size of the tables on disk, as of the last look.
	tables atomic.Int64
	stats  counters
	// broken is why the store stopped, once a write has failed.
	broken atomic.Pointer[error]

	stop    chan struct{}
	workers sync.WaitGroup
	// looked is closed when nobody looks for damage any more.
	looked  chan struct{}
	closing sync.Once
	closed  error
}

var _ store.Store = (*Store)(nil)

// Open opens the store in o.Dir, or makes one. It fails, and says what to do,
// if another process has it, if a newer version wrote it, or, with store.ErrFull,
// if it cannot be written.
func Open(o Options) (*Store, error) {
	if o.Dir == "" || o.Clock == nil {
		return nil, errors.New("opening the store: it needs a directory and a clock")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if err := preflight(o.Dir); err != nil {
		return nil, fmt.Errorf("opening the store in %s: %w", o.Dir, err)
	}
	trim := &trimmer{log: o.Logger}
	db, err := openDB(o.Dir, logger{to: o.Logger, filled: trim.filled})
	if err != nil {
		return nil, fmt.Errorf("opening the store in %s: %w", o.Dir, err)
	}
	s := &Store{
		dir: o.Dir, db: db, clock: o.Clock, log: o.Logger,
		queue: make(chan *request, maxGroup), stop: make(chan struct{}), looked: make(chan struct{}),
		memory: semaphore.NewWeighted(maxMemory), recent: newRecent(), written: make(map[string]row), trim: trim,
	}
	s.measureTables()
	s.view.renew(db)
	s.workers.Go(s.commitGroups)
	s.trim.begin(s)
	s.keepHouse()
	s.settle()
	return s, nil
}

// openDB opens Badger and makes sure of what the contract rests on.
func openDB(dir string, log logger) (*bdb.DB, error) {
	db, err := bdb.Open(options(dir, log))
	if err != nil {
		return nil, err
	}
	if !db.Opts().SyncWrites {
		return nil, errors.Join(errors.New("the store does not sync its writes"), db.Close())
	}
	if err := bringUp(db, upgrades); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Get returns the value of key. See store.Store.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.users.leave()
	r, known, turn := s.recent.get(key)
	if !known {
		var err error
		if r, err = s.read(key); err != nil {
			return nil, fmt.Errorf("reading key %q: %w", key, err)
		}
		s.recent.learn(key, r, turn)
	}
	if r.value == nil {
		return nil, store.ErrNotFound
	}
	if known { // others may be reading it
		return bytes.Clone(r.value), nil
	}
	return r.value, nil
}

// read returns the row of key as it is on the disk.
func (s *Store) read(key string) (row, error) {
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	return s.lookup(txn, rowKey(key), s.now())
}

// enter lets a caller into Badger until it leaves s.users.
func (s *Store) enter() error {
	if !s.users.enter() {
		return store.ErrClosed
	}
	if err := s.failure(); err != nil {
		s.users.leave()
		return err
	}
	return nil
}

// Close waits for the commits under way, ends scans, and closes the files. A
// second Close returns what the first did. After a failed write, with no space
// at all, or while all tables are being checked, the files are left as a crash
// would leave them: the next Open loses nothing, while Badger would die, try for
// ever to write, or take from the check what it reads.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.users.close()
		close(s.stop)
		close(s.queue)
		s.trim.end()
		s.workers.Wait()
		if !s.checked() || s.failure() != nil || s.spaceLeft().stuck {
			s.log.Warn("leaving the store to be recovered when it is opened again", "dir", s.dir)
			return
		}
		s.view.close()
		if err := s.db.Close(); err != nil {
			s.closed = fmt.Errorf("closing the store in %s: %w", s.dir, err)
		}
	})
	return s.closed
}

// now is the clock in whole seconds, as expiry counts.
func (s *Store) now() uint64 { return uint64(max(s.clock().Unix(), 0)) }
