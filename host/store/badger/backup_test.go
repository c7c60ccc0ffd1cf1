package badger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/badger"
	"github.com/musubi-run/musubi/sdk/abi"
)

// backedUp is a store with n rows, some empty, large, expiring or gone, and its backup.
func backedUp(t *testing.T, n int) (*badger.Store, []byte) {
	t.Helper()
	s := openIn(t, t.TempDir())
	var b store.Batch
	b.Put("", nil)
	b.Put("large", bytes.Repeat([]byte("large"), store.LargeValue))
	b.PutUntil("later", []byte("later"), time.Now().Add(time.Hour))
	b.PutUntil("past", []byte("past"), time.Now().Add(-time.Hour))
	for i := range n {
		b.Put(fmt.Sprintf("row/%05d", i), bytes.Repeat([]byte{byte(i)}, i%100))
	}
	if err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	sum, err := s.Backup(t.Context(), &out)
	if err != nil || sum.Rows != int64(n)+3 {
		t.Fatalf("backing up: %+v, %v", sum, err)
	}
	return s, out.Bytes()
}

func dump(t *testing.T, s *badger.Store) string {
	t.Helper()
	var out strings.Builder
	err := s.Scan(t.Context(), store.Range{}, func(key string, value []byte) error {
		fmt.Fprintf(&out, "%q=%q\n", key, value)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestRestoreBringsBackWhatWasBackedUp(t *testing.T) {
	s, backup := backedUp(t, 4000)
	var change store.Batch
	change.Put("after the backup", nil)
	before := dump(t, s)
	if err := s.Commit(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "new")
	sum, err := badger.Restore(t.Context(), badger.Options{Dir: dir, Clock: time.Now}, bytes.NewReader(backup))
	if err != nil || sum.Rows != 4003 {
		t.Fatalf("restoring: %+v, %v", sum, err)
	}
	if after := dump(t, openIn(t, dir)); after != before {
		t.Errorf("restored %d bytes of rows, want %d", len(after), len(before))
	}
}

func TestRestoreKeepsExpiry(t *testing.T) {
	_, backup := backedUp(t, 0)
	dir := filepath.Join(t.TempDir(), "new")
	clock := func() time.Time { return time.Now().Add(2 * time.Hour) }
	if _, err := badger.Restore(t.Context(), badger.Options{Dir: dir, Clock: clock}, bytes.NewReader(backup)); err != nil {
		t.Fatal(err)
	}
	s, err := badger.Open(badger.Options{Dir: dir, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "later"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an expired row came back: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestBackupLeavesOutWhatExpired(t *testing.T) {
	clock := func() time.Time { return time.Now().Add(2 * time.Hour) }
	s, err := badger.Open(badger.Options{Dir: t.TempDir(), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	var b store.Batch
	b.Put("kept", nil)
	b.PutUntil("expired", nil, time.Now().Add(time.Hour))
	if err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if sum, err := s.Backup(t.Context(), &bytes.Buffer{}); err != nil || sum.Rows != 1 {
		t.Errorf("%+v, %v, want 1 row", sum, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestVerifyFindsEveryDamage(t *testing.T) {
	_, backup := backedUp(t, 20)
	if sum, err := badger.Verify(bytes.NewReader(backup)); err != nil || sum.Rows != 23 {
		t.Fatalf("%+v, %v", sum, err)
	}
	for at := 0; at < len(backup); at += 1 + at/50 {
		if _, err := badger.Verify(bytes.NewReader(backup[:at])); !errors.Is(err, badger.ErrDamaged) {
			t.Errorf("cut at %d: %v", at, err)
		}
		changed := bytes.Clone(backup)
		changed[at] ^= 1
		if _, err := badger.Verify(bytes.NewReader(changed)); err == nil {
			t.Errorf("a changed byte at %d was not found", at)
		}
	}
}

func TestVerifyFindsWhatIsBehindTheEnd(t *testing.T) {
	_, backup := backedUp(t, 20)
	if _, err := badger.Verify(bytes.NewReader(append(backup, '\n'))); !errors.Is(err, badger.ErrDamaged) {
		t.Errorf("verifying with a byte behind the end: %v", err)
	}
}

// A restore that was killed leaves a part of a store. Nobody begins an empty one
// beside it; the next restore takes its place.
func TestNoStoreBeginsWhereARestoreDidNotEnd(t *testing.T) {
	_, backup := backedUp(t, 20)
	o := badger.Options{Dir: filepath.Join(t.TempDir(), "store"), Clock: time.Now}
	if err := os.Mkdir(o.Dir+".restoring", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, prepare := range []func() error{func() error { return nil }, func() error { return os.Mkdir(o.Dir, 0o700) }} {
		if err := prepare(); err != nil {
			t.Fatal(err)
		}
		_, err := badger.Open(o)
		if err == nil || !strings.Contains(err.Error(), "did not end") || !strings.Contains(err.Error(), o.Dir+".restoring") {
			t.Fatalf("opening: %v", err)
		}
	}
	if _, err := badger.Restore(t.Context(), o, bytes.NewReader(backup)); err != nil {
		t.Fatal(err)
	}
	openIn(t, o.Dir)
}

func TestRestoreOfADamagedBackupLeavesNothing(t *testing.T) {
	_, backup := backedUp(t, 3000)
	parent := t.TempDir()
	o := badger.Options{Dir: filepath.Join(parent, "new"), Clock: time.Now}
	if _, err := badger.Restore(t.Context(), o, bytes.NewReader(backup[:len(backup)-1])); !errors.Is(err, badger.ErrDamaged) {
		t.Errorf("restoring a cut backup: %v", err)
	}
	left, err := os.ReadDir(parent)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestRestoreRefusesADirectoryInUse(t *testing.T) {
	_, backup := backedUp(t, 1)
	dir := t.TempDir()
	openIn(t, dir)
	if _, err := badger.Restore(t.Context(), badger.Options{Dir: dir, Clock: time.Now}, bytes.NewReader(backup)); err == nil {
		t.Error("restored over a store")
	}
}

// Somebody begins a restore while another is under way to the same place: the
// first goes on as if nobody had.
func TestRestoreLeavesAnotherAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Badger alone knows there who has a directory")
	}
	s, backup := backedUp(t, 10)
	to := badger.Options{Dir: filepath.Join(t.TempDir(), "data", "store"), Clock: time.Now}
	reader, writer := io.Pipe()
	first := make(chan error)
	go func() {
		_, err := badger.Restore(t.Context(), to, reader)
		first <- err
	}()
	if _, err := writer.Write(backup[:len(backup)/2]); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) { // Restore has patience
		if _, err := badger.Restore(t.Context(), to, bytes.NewReader(backup)); !errors.Is(err, badger.ErrLocked) {
			t.Errorf("the second restore: %v, want ErrLocked", err)
		}
	})
	if _, err := writer.Write(backup[len(backup)/2:]); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(writer.Close(), <-first); err != nil {
		t.Errorf("the first restore: %v", err)
	}
	if dump(t, openIn(t, to.Dir)) != dump(t, s) {
		t.Error("the first restore has other rows")
	}
}

func TestRestoreRefusesANewerFormat(t *testing.T) {
	_, backup := backedUp(t, 1)
	backup[len("musubi store backup\n")]++
	_, err := badger.Verify(bytes.NewReader(backup))
	if !errors.Is(err, badger.ErrNewer) {
		t.Errorf("verifying a newer backup: %v", err)
	}
	if e, ok := errors.AsType[interface {
		error
		Text() abi.Text
	}](err); !ok || e.Text().JA == "" {
		t.Errorf("%v is not told in Japanese", err)
	}
}

// A backup is one moment, however many commits come while it is written.
func TestBackupIsASnapshot(t *testing.T) {
	s, _ := backedUp(t, 2000)
	w := &committingWriter{t: t, store: s}
	sum, err := s.Backup(t.Context(), w)
	if err != nil || sum.Rows != 2003 || w.commits == 0 {
		t.Errorf("%+v after %d commits, %v", sum, w.commits, err)
	}
}

type committingWriter struct {
	t       *testing.T
	store   *badger.Store
	commits int
}

func (w *committingWriter) Write(p []byte) (int, error) {
	var b store.Batch
	b.Put(fmt.Sprintf("row/x%d", w.commits), nil)
	b.Delete(fmt.Sprintf("row/%05d", 1999-w.commits))
	w.commits++
	return len(p), w.store.Commit(w.t.Context(), b)
}

func TestBackupEndsWithItsContext(t *testing.T) {
	s, _ := backedUp(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Backup(ctx, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("backing up: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add([]byte("musubi store backup\n\x01\x00\x00"))
	f.Add([]byte("musubi store backup\n\x01\x01\x01k\x01v\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, backup []byte) {
		if sum, err := badger.Verify(bytes.NewReader(backup)); err == nil && sum.Bytes > int64(len(backup)) {
			t.Errorf("%+v of %d bytes", sum, len(backup))
		}
	})
}
