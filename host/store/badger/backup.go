package badger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	bdb "github.com/dgraph-io/badger/v4"

	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Backup writes all rows, as they are now, to w. Commits go on meanwhile. Rows
// keep their expiry. Close ends it with store.ErrClosed. What is damaged is an
// error: a backup has all rows or is none.
func (s *Store) Backup(ctx context.Context, w io.Writer) (Summary, error) {
	if err := s.enter(); err != nil {
		return Summary{}, err
	}
	defer s.users.leave()
	a, err := newArchiveWriter(w)
	if err != nil {
		return Summary{}, fmt.Errorf("beginning the backup: %w", err)
	}
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	it, err := s.iterator(txn, store.Range{})
	if err != nil {
		return Summary{}, err
	}
	defer it.Close()
	if err := s.checkTables(); err != nil {
		return Summary{}, err
	}
	for it.Rewind(); it.Valid(); it.Next() {
		if err := s.usable(ctx); err != nil {
			return a.Summary, err
		}
		if err := s.backUp(a, txn, it.Item()); err != nil {
			return a.Summary, err
		}
	}
	if err := a.finish(w); err != nil {
		return a.Summary, fmt.Errorf("ending the backup: %w", err)
	}
	return a.Summary, nil
}

func (s *Store) backUp(a *archiveWriter, txn *bdb.Txn, item *bdb.Item) error {
	if !alive(item, s.now()) {
		return nil
	}
	key := item.Key()[1:]
	err := s.visit(txn, item, func(value []byte) error { return a.row(key, value, item.ExpiresAt()) })
	if err != nil {
		return fmt.Errorf("backing up key %q: %w", key, err)
	}
	return nil
}

// Verify reads a backup to its end and checks that it is whole. It writes nothing.
func Verify(r io.Reader) (Summary, error) {
	return readArchive(r, func(archiveRow) error { return nil })
}

// Restore makes the store of o.Dir from a backup. The directory must be empty or
// not there, and is only there when all of the backup has been read and checked.
// It returns ErrLocked while another process restores to the same place.
func Restore(ctx context.Context, o Options, r io.Reader) (sum Summary, err error) {
	parent := filepath.Dir(filepath.Clean(o.Dir))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return sum, fmt.Errorf("making the folder of the store: %w", err)
	}
	release, err := hold(parent)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := checkVacant(o.Dir); err != nil {
		return sum, err
	}
	target := o.Dir
	o.Dir = unfinished(target)
	if err := os.RemoveAll(o.Dir); err != nil {
		return sum, fmt.Errorf("removing an unfinished restore: %w", err)
	}
	if sum, err = fillFrom(ctx, o, r); err != nil {
		return sum, errors.Join(err, os.RemoveAll(o.Dir))
	}
	return sum, putInPlace(o.Dir, target)
}

// putInPlace gives a restored store its name.
func putInPlace(dir, target string) error {
	if err := os.Remove(target); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("replacing the empty %s: %w", target, err)
	}
	if err := os.Rename(dir, target); err != nil {
		return fmt.Errorf("moving the restored store: %w", err)
	}
	return syncParent(target)
}

// unfinished is where the store of dir is while it is restored.
func unfinished(dir string) string { return filepath.Clean(dir) + ".restoring" }

// checkRestored refuses to begin an empty store where a restore was begun.
func checkRestored(dir string) error {
	if entries, err := os.ReadDir(dir); len(entries) > 0 || err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil // there is a store, or opening it says what is wrong
	}
	if _, err := os.Stat(unfinished(dir)); err != nil {
		return nil //nolint:nilerr // as a rule it is not there
	}
	return &unfinishedError{unfinished(dir)}
}

// unfinishedError refuses a store whose restore did not end, in both languages.
type unfinishedError struct{ dir string }

func (u *unfinishedError) Error() string { return u.Text().EN }

// Text says what happened and what a person can do.
func (u *unfinishedError) Text() abi.Text {
	return abi.Text{
		EN: "a backup is being restored here, or was and did not end: let it end, or do it again (musubi restore FILE); to begin without it, remove " + u.dir,
		JA: "ここへの復元が実行中か、途中で終わっています。終わるまで待つか、もう一度復元してください(musubi restore FILE)。復元せずに始める場合は " + u.dir + " を削除してください",
	}
}

func checkVacant(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("looking at %s: %w", dir, err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty: move it away before restoring", dir)
	}
	return nil
}

// fillFrom commits the rows of the backup to a new store.
func fillFrom(ctx context.Context, o Options, r io.Reader) (sum Summary, err error) {
	s, err := Open(o)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	f := filler{store: s}
	sum, err = readArchive(r, func(row archiveRow) error { return f.add(ctx, row) })
	if err != nil {
		return sum, err
	}
	return sum, f.flush(ctx)
}

// filler gathers rows to batches.
type filler struct {
	store *Store
	batch store.Batch
	size  int
}

func (f *filler) add(ctx context.Context, row archiveRow) error {
	value := append([]byte{}, row.value...)
	if row.expires > 0 {
		f.batch.PutUntil(string(row.key), value, time.Unix(int64(row.expires), 0)) //nolint:gosec // seconds
	} else {
		f.batch.Put(string(row.key), value)
	}
	f.size += len(row.key) + len(value)
	if f.size < store.MaxSmall/2 && len(f.batch.Do) < store.MaxRows/2 {
		return nil
	}
	return f.flush(ctx)
}

func (f *filler) flush(ctx context.Context) error {
	batch := f.batch
	f.batch, f.size = store.Batch{}, 0
	if err := f.store.Commit(ctx, batch); err != nil {
		return fmt.Errorf("restoring rows: %w", err)
	}
	return nil
}

// syncParent makes the new name of dir durable.
func syncParent(dir string) error {
	parent, err := os.Open(filepath.Dir(dir))
	if err != nil {
		return fmt.Errorf("opening the parent of %s: %w", dir, err)
	}
	if err := errors.Join(parent.Sync(), parent.Close()); err != nil {
		return fmt.Errorf("syncing the parent of %s: %w", dir, err)
	}
	return nil
}
