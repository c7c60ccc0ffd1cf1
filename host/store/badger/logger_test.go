package badger

import (
	"bytes"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"

	bdb "github.com/dgraph-io/badger/v4"
)

// Memory is given back by who compacts, who is known by what Badger says.
func TestCompactionsSayThatTheyFilledATable(t *testing.T) {
	var filled atomic.Int64
	log := logger{to: slog.New(slog.DiscardHandler), filled: func() { filled.Add(1) }}
	db, err := bdb.Open(options(t.TempDir(), log).WithMemTableSize(1 << 20).WithSyncWrites(false))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10_000 {
		err := db.Update(func(txn *bdb.Txn) error { return txn.Set(fmt.Append(nil, i), bytes.Repeat([]byte{1}, 1000)) })
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Flatten(1); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if n := filled.Load(); n < 10_000*1000/tableSize {
		t.Errorf("%d tables were filled", n)
	}
}
