package badger

import (
	"errors"
	"fmt"
	"log/slog"
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
	db, err := bdb.Open(options(t.TempDir(), logger{to: slog.New(slog.DiscardHandler), filled: func() {}}).WithValueLogFileSize(1 << 20).WithMemTableSize(1 << 20).WithSyncWrites(false))
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
