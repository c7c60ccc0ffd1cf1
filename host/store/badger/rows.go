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

// lookups is how often at the most a row is looked up whose value is not where it says.
const lookups = 10

// errNoValue means that a row has a value and it cannot be read: it is damaged.
var errNoValue = errors.New("the value is not in the value log, or is damaged there")

// lookup returns a copy of the row of the stored key, as txn sees it.
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
		if err != nil || whole(item, value) {
			return row{value: value, expires: item.ExpiresAt()}, err
		}
	}
	return row{}, errNoValue
}

// whole says whether value is all that the row has. For a large value that it
// cannot read, Badger gives an empty one and no error: because it is damaged, or
// because it moved to another file after the row was read, which then says where.
func whole(item *bdb.Item, value []byte) bool { return len(value) > 0 || item.ValueSize() <= 0 }

// visit calls do with the value of an iterator's item, which do must not keep.
func (s *Store) visit(txn *bdb.Txn, item *bdb.Item, do func(value []byte) error) error {
	there := true
	err := item.Value(func(value []byte) error {
		if there = whole(item, value); !there {
			return nil
		}
		return do(value)
	})
	if err != nil || there {
		return err
	}
	r, err := s.lookup(txn, item.KeyCopy(nil), 0) // the item was alive when it was found
	if err != nil {
		return err
	}
	return do(r.value)
}

func alive(item *bdb.Item, now uint64) bool {
	at := item.ExpiresAt()
	return at == 0 || at > now
}
