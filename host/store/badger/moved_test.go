package badger

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	bdb "github.com/dgraph-io/badger/v4"

	"github.com/musubi-run/musubi/host/store"
)

// A large value that is read while its file is collected must not look empty.
func TestLargeValuesStayReadableWhileTheyMove(t *testing.T) {
	const (
		rows  = 40
		size  = store.LargeValue
		turns = 60
	)
	db, err := bdb.Open(options(t.TempDir(), slog.New(slog.DiscardHandler)).WithValueLogFileSize(1 << 20).WithMemTableSize(1 << 20).WithSyncWrites(false))
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{db: db, clock: time.Now, log: slog.New(slog.DiscardHandler)}
	write := func(key string, size int) {
		err := db.Update(func(txn *bdb.Txn) error { return txn.Set(rowKey(key), make([]byte, size)) })
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range rows {
		write(fmt.Sprint(i), size)
	}
	stop := make(chan struct{})
	var readers sync.WaitGroup
	defer func() {
		close(stop)
		readers.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	for range 4 {
		readers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if r, err := s.read(fmt.Sprint(i % rows)); err != nil || len(r.value) != size {
					t.Errorf("row %d has %d bytes: %v", i%rows, len(r.value), err)
					return
				}
				runtime.Gosched() // or one processor would only read
			}
		})
	}
	moved := 0
	for range turns {
		for i := 0; i < rows; i += 2 {
			write(fmt.Sprint(i), size)
		}
		for i := range 150 { // a memtable full, so that tables are written and put together
			write(fmt.Sprint("small", i), size/2)
		}
		if err := db.Flatten(1); err != nil {
			t.Fatal(err)
		}
		for err = db.RunValueLogGC(.01); err == nil; err = db.RunValueLogGC(.01) {
			moved++
		}
		if !errors.Is(err, bdb.ErrNoRewrite) {
			t.Fatal(err)
		}
	}
	if moved == 0 {
		t.Error("no file was collected")
	}
}

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
	damage(t, dir, []byte("LLLL"))
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

// damage changes a byte of the value log, where it holds text.
func damage(t *testing.T, dir string, text []byte) {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(dir, "*.vlog"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("value logs %v: %v", logs, err)
	}
	f, err := os.OpenFile(logs[0], os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // what was written is seen below
	head := make([]byte, 4096)
	n, err := io.ReadFull(f, head)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(head[:n], text)
	if _, err := f.WriteAt([]byte("x"), int64(at)+1); at < 0 || err != nil {
		t.Fatalf("nothing was damaged: %v", err)
	}
}
