package badger

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host/store"
)

// Badger answers a value that its checksum refuses with an empty one.
func TestDamagedLargeValueIsAnError(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(Options{Dir: dir, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // its files were damaged
	var b store.Batch
	b.Put("large", bytes.Repeat([]byte("L"), store.LargeValue))
	if err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	damage(t, filepath.Join(dir, "*.vlog"), []byte("LLLL"))
	s.recent = newRecent()
	if value, err := s.Get(t.Context(), "large"); !errors.Is(err, errNoValue) {
		t.Errorf("Get: %d bytes, %v", len(value), err)
	}
	err = s.Scan(t.Context(), store.Range{}, func(key string, value []byte) error {
		t.Errorf("Scan shows %q with %d bytes", key, len(value))
		return nil
	})
	if !errors.Is(err, errNoValue) {
		t.Errorf("Scan: %v", err)
	}
	if _, err := s.Backup(t.Context(), io.Discard); !errors.Is(err, errNoValue) {
		t.Errorf("Backup: %v", err)
	}
}

// Badger ends at a block that its checksum refuses as if there were nothing more.
func TestDamagedTableIsNotBackedUp(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 5_000)
	damage(t, filepath.Join(dir, "*.sst"), bytes.Repeat([]byte{2}, 100))
	s, err := Open(Options{Dir: dir, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // its files were damaged
	sum, err := s.Backup(t.Context(), io.Discard)
	if !errors.Is(err, errDamaged) {
		t.Errorf("backed up %d rows: %v", sum.Rows, err)
	}
}

// A store that reads on beyond a damaged table would miss rows without knowing.
func TestDamagedTableStopsTheStore(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 5_000)
	s, err := Open(Options{Dir: dir, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if s.check(); s.failure() != nil {
		t.Fatalf("a store without damage stops: %v", s.failure())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	damage(t, filepath.Join(dir, "*.sst"), bytes.Repeat([]byte{2}, 100))
	if s, err = Open(Options{Dir: dir, Clock: time.Now}); err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // its files were damaged
	s.check()
	var b store.Batch
	b.Put("new", nil)
	if err := s.Commit(t.Context(), b); !errors.Is(err, errDamaged) || !errors.Is(err, store.ErrFull) {
		t.Errorf("Commit: %v", err)
	}
	if _, err := s.Get(t.Context(), "new"); !errors.Is(err, errDamaged) {
		t.Errorf("Get: %v", err)
	}
	// This process has it open until it ends; the next one finds the mark.
	next := t.TempDir()
	if err := os.Rename(filepath.Join(dir, damageMark), filepath.Join(next, damageMark)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Dir: next, Clock: time.Now}); !errors.Is(err, errDamaged) || !strings.Contains(err.Error(), damageMark) {
		t.Errorf("opened again: %v", err)
	}
}

// What the disk cannot read any more is a fault of memory, for tables are mapped.
func TestUnreadableTableStopsTheStore(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 5_000)
	s, err := Open(Options{Dir: dir, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // its files were damaged
	files, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err != nil || len(files) == 0 {
		t.Fatalf("tables %v: %v", files, err)
	}
	if err := os.Truncate(files[0], 0); err != nil {
		t.Fatal(err)
	}
	if s.check(); !errors.Is(s.failure(), errDamaged) {
		t.Errorf("the store goes on: %v", s.failure())
	}
}

// The first check comes after an hour, the others once a day, none after the end.
func TestStoreIsCheckedOnceADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Store{stop: make(chan struct{}), looked: make(chan struct{})}
		checks := 0
		go s.lookForDamage(func() { checks++ })
		for _, want := range []int{0, 1, 2} {
			time.Sleep(firstCheck - time.Minute)
			synctest.Wait()
			if checks != want {
				t.Fatalf("%d checks, want %d", checks, want)
			}
			time.Sleep(checkEvery - firstCheck + time.Minute)
		}
		close(s.stop)
		<-s.looked
	})
}

// A check takes its time, and nobody waits for it to stop the host.
func TestCloseDoesNotWaitForTheCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Store{looked: make(chan struct{})}
		if s.checked() {
			t.Error("a check under way is over")
		}
		close(s.looked)
		if !s.checked() {
			t.Error("no check is under way, and Close leaves the files")
		}
	})
}

// damage changes a byte of the one file of that pattern, within the text.
func damage(t *testing.T, pattern string, text []byte) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v: %v", files, err)
	}
	f, err := os.OpenFile(files[0], os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // what was written is seen by whoever reads it
	head := make([]byte, 8192)
	if _, err := io.ReadFull(f, head); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(head, text)
	if at < 0 {
		t.Fatalf("%s does not begin with the text", files[0])
	}
	if _, err := f.WriteAt([]byte("x"), int64(at)+1); err != nil {
		t.Fatal(err)
	}
}

// fill makes a store of so many rows, all of them in tables.
func fill(t *testing.T, dir string, rows int) {
	t.Helper()
	s, err := Open(Options{Dir: dir, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < rows; i += 500 {
		var b store.Batch
		for n := i; n < i+500; n++ {
			b.Put(fmt.Sprintf("%08d", n), bytes.Repeat([]byte{byte(n)}, 1000))
		}
		if err := s.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
