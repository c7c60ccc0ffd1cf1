package badger

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	bdb "github.com/dgraph-io/badger/v4"

	"github.com/musubi-run/musubi/host/store"
)

func openInternal(t *testing.T) *Store {
	t.Helper()
	s, err := Open(Options{Dir: t.TempDir(), Clock: time.Now})
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

// A batch that lost against one of its own group must not hear "conflict" if
// the winner never reached the disk: an intake would take it for a duplicate.
func TestConflictIsAnsweredOnlyOnceTheWinnerIsDurable(t *testing.T) {
	s := openInternal(t)
	var b store.Batch
	b.Absent("k")
	b.Put("k", []byte("v"))
	winner, loser := newRequest(&b, 0), newRequest(&b, 0)
	g := s.newGroup()
	g.add(winner)
	g.add(loser)
	g.broken = errors.New("the disk is gone")
	g.commit()
	for name, r := range map[string]*request{"winner": winner, "loser": loser} {
		if err := <-r.answer; !errors.Is(err, g.broken) {
			t.Errorf("%s: %v, want %v", name, err, g.broken)
		}
	}
	if _, err := s.Get(t.Context(), "k"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after a failed group: %v", err)
	}
}

func TestGroupSharesATransactionUntilItIsFull(t *testing.T) {
	s := openInternal(t)
	var reqs []*request
	for i := range 40 {
		var b store.Batch
		for j := range 100 {
			b.Put(fmt.Sprintf("%d/%d", i, j), make([]byte, 1500))
		}
		reqs = append(reqs, newRequest(&b, 0))
	}
	s.commitAll(reqs)
	for _, r := range reqs {
		if err := <-r.answer; err != nil {
			t.Fatal(err)
		}
	}
	// 40 batches of 153 KB into transactions of 0.94 MB.
	if got := s.Stats(); got.Groups != 7 || got.Batches != 40 || got.LargestGroup != 6 {
		t.Errorf("stats: %+v", got)
	}
}

func TestAbandonedBatchIsNotWritten(t *testing.T) {
	s := openInternal(t)
	var b store.Batch
	b.Put("k", nil)
	r := newRequest(&b, 0)
	r.abandoned.Store(true)
	s.commitAll([]*request{r})
	if _, err := s.Get(t.Context(), "k"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("abandoned batch: %v", err)
	}
}

// A caller who gives up has its memory back while the committer has not come to the batch.
func TestQueuedBatchOwnsItsBytes(t *testing.T) {
	s := openInternal(t)
	expected, value := []byte("old"), []byte("new")
	var first, b store.Batch
	first.Put("k", []byte("old"))
	b.Holds("k", expected)
	b.Put("k", value)
	if err := s.Commit(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	r := newRequest(&b, 0)
	copy(expected, "???")
	copy(value, "???")
	s.commitAll([]*request{r})
	if err := <-r.answer; err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), "k"); err != nil || string(got) != "new" {
		t.Errorf("got %q, %v, want new", got, err)
	}
}

// Open must refuse what a newer version wrote.
func TestOpenRefusesANewerFormat(t *testing.T) {
	err := reopenAfter(t, func(db *bdb.DB) error { return writeFormat(db, format+1) })
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), fmt.Sprintf("format %d", format+1)) {
		t.Errorf("opening a newer store: %v", err)
	}
}

func TestOpenRefusesAForeignDatabase(t *testing.T) {
	for name, change := range map[string]func(txn *bdb.Txn) error{
		"another format": func(txn *bdb.Txn) error { return txn.Set(formatKey(), []byte("x")) },
		"no format":      func(txn *bdb.Txn) error { return errors.Join(txn.Delete(formatKey()), txn.Set([]byte("k"), nil)) },
	} {
		err := reopenAfter(t, func(db *bdb.DB) error { return db.Update(change) })
		if !errors.Is(err, errForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// reopenAfter changes a new store behind its back and opens it again.
func reopenAfter(t *testing.T, change func(*bdb.DB) error) error {
	t.Helper()
	s := openInternal(t)
	if err := errors.Join(change(s.db), s.Close()); err != nil {
		t.Fatal(err)
	}
	again, err := Open(Options{Dir: s.dir, Clock: time.Now})
	if err == nil {
		err = errors.Join(errors.New("it opened"), again.Close())
	}
	return err
}

func TestUpgradesRunInOrderAndResume(t *testing.T) {
	s := openInternal(t)
	var ran []int
	step := func(n int, err error) upgrade {
		return func(*bdb.DB) error { ran = append(ran, n); return err }
	}
	if err := writeFormat(s.db, 1); err != nil {
		t.Fatal(err)
	}
	cut := errors.New("power cut")
	if err := bringUp(s.db, []upgrade{step(1, nil), step(2, cut)}); !errors.Is(err, cut) {
		t.Fatal(err)
	}
	if err := bringUp(s.db, []upgrade{step(1, nil), step(2, nil), step(3, nil)}); err != nil {
		t.Fatal(err)
	}
	if want := []int{1, 2, 2, 3}; !slices.Equal(ran, want) {
		t.Errorf("ran steps %v, want %v", ran, want)
	}
	if found, err := readFormat(s.db); found != 4 || err != nil {
		t.Errorf("format %d, %v, want 4", found, err)
	}
}

func TestSpaceIsKeptForCompactionsAndDeletes(t *testing.T) {
	s := openInternal(t)
	put, del := &request{entries: make([]bdb.Entry, 1), puts: true}, &request{entries: make([]bdb.Entry, 1)}
	for _, c := range []struct {
		tables, free                int64
		refusePut, refuseDel, stuck bool
	}{
		{0, ownNeed + deleteSpace, false, false, false},
		{0, ownNeed + deleteSpace - 1, true, false, false},
		{0, ownNeed - 1, true, true, false},
		{0, flushNeed - 1, true, true, true},
		{100 << 20, ownNeed + deleteSpace, true, true, false},
		{100 << 20, ownNeed + deleteSpace + 100<<20, false, false, false},
		{1 << 40, ownNeed + deleteSpace + maxRewrite, false, false, false},
	} {
		s.tables.Store(c.tables)
		got := s.judge(c.free)
		if refused := errors.Is(got.refuses(put), store.ErrFull); refused != c.refusePut {
			t.Errorf("%+v: put refused: %v", c, refused)
		}
		if refused := errors.Is(got.refuses(del), store.ErrFull); refused != c.refuseDel {
			t.Errorf("%+v: delete refused: %v", c, refused)
		}
		if got.stuck != c.stuck {
			t.Errorf("%+v: stuck: %v", c, got.stuck)
		}
	}
}

// Badger puts tables of level 0 together from four on, which takes 256 MB.
func TestLevelZeroIsNeverPutTogether(t *testing.T) {
	s := openInternal(t)
	for i := range 90 {
		var b store.Batch
		for j := range 600 {
			b.Put(fmt.Sprintf("%d/%d", j, i), make([]byte, 1100))
		}
		if err := s.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if n := s.db.Levels()[0].NumTables; n > 3 {
			t.Fatalf("%d tables on level 0 after %d batches", n, i)
		}
	}
}

// A host that cannot start opens its store, notes that it did, and ends, again and
// again: the store stays as small as it was.
func TestShortLivesLeaveNoTables(t *testing.T) {
	dir := t.TempDir()
	for life := range 3 * levelZero {
		s, err := Open(Options{Dir: dir, Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if n := s.db.Levels()[0].NumTables; n > levelZero+1 {
			t.Errorf("the %dth life begins with %d tables on level 0", life, n)
		}
		var b store.Batch
		b.Put("life", fmt.Append(nil, life))
		if err := errors.Join(s.Commit(t.Context(), b), s.Close()); err != nil {
			t.Fatal(err)
		}
	}
}
