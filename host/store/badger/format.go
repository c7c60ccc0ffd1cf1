package badger

import (
	"errors"
	"fmt"
	"strconv"

	bdb "github.com/dgraph-io/badger/v4"

	"github.com/musubi-run/musubi/sdk/abi"
)

// ErrNewer is returned by Open and Restore for what a newer version has written.
var ErrNewer = errors.New("it was written by a newer version of this program; use that one")

// errForeign is for a directory that holds some other Badger database.
var errForeign = errors.New("the directory holds a database of another program")

// upgrade rewrites the rows from one format to the next. It may be interrupted
// and is then called again.
type upgrade func(*bdb.DB) error

// upgrades[i] leads from format i+1 to i+2. There is one format so far.
var upgrades = []upgrade{}

// format is what this program writes.
var format = len(upgrades) + 1

func formatKey() []byte { return append([]byte{ownSpace}, "format"...) }

// bringUp marks a new store, upgrades an older one and refuses a newer one.
func bringUp(db *bdb.DB, steps []upgrade) error {
	found, err := readFormat(db)
	if err != nil {
		return err
	}
	newest := len(steps) + 1
	if found > newest {
		return newerFormat(found, newest)
	}
	if found == 0 {
		return writeFormat(db, newest)
	}
	for at := found; at < newest; at++ {
		if err := steps[at-1](db); err != nil {
			return fmt.Errorf("upgrading the store from format %d: %w", at, err)
		}
		if err := writeFormat(db, at+1); err != nil {
			return err
		}
	}
	return nil
}

func newerFormat(found, newest int) error { return &newerError{found, newest} }

// newerError is ErrNewer with the formats, in both languages.
type newerError struct{ found, newest int }

func (n *newerError) Error() string {
	return fmt.Sprintf("%v (format %d, this one reads up to %d)", ErrNewer, n.found, n.newest)
}

func (n *newerError) Unwrap() error { return ErrNewer }

// Text says what a person can do.
func (n *newerError) Text() abi.Text {
	return abi.Text{
		EN: fmt.Sprintf("a newer version of musubi wrote this data (format %d, this one reads up to %d): use that version", n.found, n.newest),
		JA: fmt.Sprintf("このデータは、より新しい版のmusubiで書かれています(形式 %d、この版が読めるのは %d まで)。その版を使ってください", n.found, n.newest),
	}
}

func writeFormat(db *bdb.DB, n int) error {
	err := db.Update(func(txn *bdb.Txn) error {
		return txn.Set(formatKey(), strconv.AppendInt(nil, int64(n), 10))
	})
	if err != nil {
		return fmt.Errorf("writing the store's format: %w", err)
	}
	return nil
}

// readFormat returns the format of the store, or 0 if it is empty.
func readFormat(db *bdb.DB) (found int, err error) {
	err = db.View(func(txn *bdb.Txn) error {
		item, err := txn.Get(formatKey())
		if errors.Is(err, bdb.ErrKeyNotFound) {
			return checkEmpty(txn)
		}
		if err != nil {
			return fmt.Errorf("reading the store's format: %w", err)
		}
		return item.Value(func(value []byte) error {
			if found, err = strconv.Atoi(string(value)); err != nil || found < 1 {
				return fmt.Errorf("%w: its format is %q", errForeign, value)
			}
			return nil
		})
	})
	return found, err
}

func checkEmpty(txn *bdb.Txn) error {
	it := txn.NewIterator(bdb.IteratorOptions{})
	defer it.Close()
	if it.Rewind(); it.Valid() {
		return errForeign
	}
	return nil
}
