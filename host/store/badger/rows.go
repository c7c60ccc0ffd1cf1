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

// lookups is how often a row is looked up whose value moved meanwhile.
const lookups = 10

// errMoved means that a value was not where its row said, however often it was looked up.
var errMoved = errors.New("the value is not in the value log")

// lookup returns a copy of the row of the stored key, as txn sees it. A large
// value moves when its file is collected; Badger gives nothing, and no error, for
// one that moved after its row was read. The row then has the new place.
func (s *Store) lookup(txn *bdb.Txn, key []byte, now uint64) (r row, err error) {
	defer s.survive(&err)
	for range lookups {
		item, err := txn.Get(key)
		if errors.Is(err, bdb.ErrKeyNotFound) {
			return row{}, nil
		}
		if err != nil || !alive(item, now) {
			return row{}, err
		}
		value, err := item.ValueCopy([]byte{})
		if err != nil || len(value) > 0 || item.ValueSize() == 0 {
			return row{value: value, expires: item.ExpiresAt()}, err
		}
	}
	return row{}, errMoved
}

func alive(item *bdb.Item, now uint64) bool {
	at := item.ExpiresAt()
	return at == 0 || at > now
}
