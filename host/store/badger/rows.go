package badger

import (
	"errors"

	bdb "github.com/dgraph-io/badger/v4"
)

// Rows live under one leading byte, so that any key is allowed, the empty one
// and Badger's reserved ones included, and the store's own rows are out of reach.
const (
	ownSpace = 0x00
	rowSpace = 0x01
)

func rowKey(key string) []byte {
	return appendKey(make([]byte, 0, len(key)+1), key)
}

func appendKey(dst []byte, key string) []byte {
	return append(append(dst, rowSpace), key...)
}

// lookup returns a copy of the row of the stored key, as txn sees it.
func (s *Store) lookup(txn *bdb.Txn, key []byte, now uint64) (r row, err error) {
	defer s.survive(&err)
	item, err := txn.Get(key)
	if errors.Is(err, bdb.ErrKeyNotFound) {
		return row{}, nil
	}
	if err != nil || !alive(item, now) {
		return row{}, err
	}
	value, err := item.ValueCopy([]byte{})
	return row{value: value, expires: item.ExpiresAt()}, err
}

func alive(item *bdb.Item, now uint64) bool {
	at := item.ExpiresAt()
	return at == 0 || at > now
}
