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
