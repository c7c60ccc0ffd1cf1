package badger

import (
	"errors"
	"fmt"
	"strconv"

	bdb "github.com/dgraph-io/badger/v4"
)

// Rows live under one leading byte, so that any key is allowed, the empty one
// and Badger's reserved ones included, and the store's own rows are out of reach.
const (
	ownSpace = 0x00
	rowSpace = 0x01
)

// format is how the rows are laid out. A newer program may raise it and then
// has to read every older one.
const format = 1

// ErrNewer is returned by Open for a store that a newer version has written.
var ErrNewer = errors.New("the store was written by a newer version of this program; use that version or restore a backup")

func rowKey(key string) []byte {
	return appendKey(make([]byte, 0, len(key)+1), key)
}

func appendKey(dst []byte, key string) []byte {
	return append(append(dst, rowSpace), key...)
}

func formatKey() []byte { return append([]byte{ownSpace}, "format"...) }

// lookup returns the item of key if it is there and alive, else nil.
func (s *Store) lookup(txn *bdb.Txn, key []byte, now uint64) (item *bdb.Item, err error) {
	defer s.survive(&err)
	item, err = txn.Get(key)
	if errors.Is(err, bdb.ErrKeyNotFound) {
		return nil, nil //nolint:nilnil // absence is an answer here
	}
	if err != nil || !alive(item, now) {
		return nil, err
	}
	return item, nil
}

func alive(item *bdb.Item, now uint64) bool {
	at := item.ExpiresAt()
	return at == 0 || at > now
}

// checkFormat marks a new store and refuses one that is newer than this program.
func checkFormat(db *bdb.DB) error {
	return db.Update(func(txn *bdb.Txn) error {
		item, err := txn.Get(formatKey())
		if errors.Is(err, bdb.ErrKeyNotFound) {
			return txn.Set(formatKey(), strconv.AppendInt(nil, format, 10))
		}
		if err != nil {
			return fmt.Errorf("reading the store's format: %w", err)
		}
		return item.Value(readableFormat)
	})
}

func readableFormat(value []byte) error {
	found, err := strconv.Atoi(string(value))
	if err != nil {
		return fmt.Errorf("reading the store's format %q: %w", value, err)
	}
	if found > format {
		return fmt.Errorf("%w (format %d, this one reads up to %d)", ErrNewer, found, format)
	}
	return nil
}
