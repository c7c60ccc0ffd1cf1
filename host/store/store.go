// Package store is the contract that everything durable rests on: one atomic,
// fsynced commit with preconditions, and ordered scans. Keys are ordered bytes
// held in a string; what they mean is the business of host/ledger.
//
// Two backends keep the contract, store/badger and store/mem, and
// store/storetest is the suite that both pass. Nothing here assumes that one
// process has the store for itself: what must not race is a precondition.
package store

import (
	"context"
	"errors"
	"time"
)

var (
	// ErrNotFound is returned by Get for a key that is not there.
	ErrNotFound = errors.New("store: not found")
	// ErrConflict is returned by Commit when a condition does not hold. Nothing was written.
	ErrConflict = errors.New("store: condition does not hold")
	// ErrFull is returned by Commit when the disk is full or the store is read-only. Nothing was written.
	ErrFull = errors.New("store: cannot write")
	// ErrClosed is returned by every method after Close.
	ErrClosed = errors.New("store: closed")
)

// Store is a durable, ordered map.
type Store interface {
	// Commit carries out the whole batch or nothing. When it returns nil the
	// batch has reached the disk. When it returns ErrConflict, ErrFull,
	// ErrInvalid or ErrClosed nothing was written; after any other error, a
	// context's included, the outcome is unknown and the caller reads back.
	// The batch and its values are the caller's again when it returns. An
	// ErrConflict, too, rests on commits that have reached the disk.
	Commit(ctx context.Context, batch Batch) error
	// Get returns the value of key, which the caller owns, or ErrNotFound.
	Get(ctx context.Context, key string) ([]byte, error)
	// Scan calls visit for each row of the range, in order, on one snapshot.
	// The value is valid only during the call, which may use the store but must
	// not close it. An error of visit ends the scan and is returned; ErrStop ends
	// it and is not.
	Scan(ctx context.Context, r Range, visit func(key string, value []byte) error) error
	// Close waits for commits under way and ends scans with ErrClosed. A second
	// Close waits for the first and returns the same.
	Close() error
}

// ErrStop ends a scan early without an error.
var ErrStop = errors.New("store: stop the scan")

// Batch is a set of mutations that happen together if all conditions hold.
// A batch must not change the same key twice; Check has the limits.
type Batch struct {
	If []Condition
	Do []Mutation
}

// Condition demands that Key holds exactly Value, or that it is absent if Value is nil.
type Condition struct {
	Key   string
	Value []byte
}

// Mutation sets Key to Value, or deletes it if Value is nil. An empty value is not nil.
type Mutation struct {
	Key   string
	Value []byte
	// Expires is when the row vanishes by itself, never earlier and at most a
	// second later; zero means never.
	Expires time.Time
}

// Range selects the rows with From <= key < To that begin with Prefix.
type Range struct {
	Prefix string
	// From and To narrow the prefix, or stand alone. Each may be empty: no bound.
	From, To string
	// Limit ends the scan after that many rows; 0 means no limit.
	Limit int
	// Reverse visits the rows from the last to the first.
	Reverse bool
	// KeysOnly passes nil values and is faster.
	KeysOnly bool
}

// Put adds a mutation that sets key to value.
func (b *Batch) Put(key string, value []byte) {
	if value == nil {
		value = []byte{}
	}
	b.Do = append(b.Do, Mutation{Key: key, Value: value})
}

// PutUntil adds a mutation that sets key to value until expires.
func (b *Batch) PutUntil(key string, value []byte, expires time.Time) {
	if value == nil {
		value = []byte{}
	}
	b.Do = append(b.Do, Mutation{Key: key, Value: value, Expires: expires})
}

// Delete adds a mutation that removes key.
func (b *Batch) Delete(key string) {
	b.Do = append(b.Do, Mutation{Key: key})
}

// Absent adds the condition that key is not there.
func (b *Batch) Absent(key string) {
	b.If = append(b.If, Condition{Key: key})
}

// Holds adds the condition that key holds exactly value.
func (b *Batch) Holds(key string, value []byte) {
	if value == nil {
		value = []byte{}
	}
	b.If = append(b.If, Condition{Key: key, Value: value})
}

// Empty says whether the batch would change nothing.
func (b *Batch) Empty() bool { return len(b.Do) == 0 }
