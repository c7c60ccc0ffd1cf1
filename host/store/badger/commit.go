package badger

import (
	"bytes"
	"context"
	"sync/atomic"

	bdb "github.com/dgraph-io/badger/v4"

	"github.com/musubi-run/musubi/host/store"
)

// request is a batch on its way to the committer. It owns all its bytes, so
// that a caller who gives up takes nothing away from it.
type request struct {
	conditions []condition
	entries    []bdb.Entry
	// names are the keys of the entries, as the caller knows them.
	names []string
	// rows and bytes are what it takes of a transaction, as Badger counts it.
	rows, bytes int64
	// memory is what it holds, in bytes.
	memory int64
	// puts says whether it sets any row: a batch that only deletes makes space.
	puts bool
	// abandoned is set when nobody waits for the answer any more.
	abandoned atomic.Bool
	answer    chan error
}

type condition struct {
	name       string
	key, value []byte
	absent     bool
}

// holds says whether the condition does while its key holds r.
func (c *condition) holds(r row) bool {
	if c.absent || r.value == nil {
		return c.absent && r.value == nil
	}
	return bytes.Equal(r.value, c.value)
}

// Commit carries out batch, or nothing, and returns when it is on the disk.
// See store.Store.
func (s *Store) Commit(ctx context.Context, batch store.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := batch.Check(); err != nil {
		return err
	}
	r, err := s.enqueue(ctx, &batch)
	if err != nil {
		return err
	}
	select {
	case err := <-r.answer:
		return err
	case <-ctx.Done():
		r.abandoned.Store(true)
		return ctx.Err()
	}
}

// maxMemory bounds what the batches under way hold; over it, Commit waits.
const maxMemory = 2 * store.MaxBatch

// enqueue hands a copy of the batch to the committer.
func (s *Store) enqueue(ctx context.Context, batch *store.Batch) (*request, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.users.leave()
	memory := footprint(batch)
	if err := s.memory.Acquire(ctx, memory); err != nil {
		return nil, err
	}
	r := newRequest(batch, memory)
	select {
	case s.queue <- r:
		return r, nil
	case <-ctx.Done():
		s.memory.Release(memory)
		return nil, ctx.Err()
	}
}

// reply answers a request and gives its memory back.
func (s *Store) reply(r *request, err error) {
	s.memory.Release(r.memory)
	r.answer <- err
}

// newRequest copies the batch into one block of memory.
func newRequest(b *store.Batch, memory int64) *request {
	r := &request{
		conditions: make([]condition, len(b.If)),
		entries:    make([]bdb.Entry, len(b.Do)),
		names:      make([]string, len(b.Do)),
		memory:     memory,
		answer:     make(chan error, 1),
	}
	block := make([]byte, 0, memory)
	for i := range b.If {
		c := &r.conditions[i]
		c.name, c.absent = b.If[i].Key, b.If[i].Value == nil
		c.key, block = copyKey(block, b.If[i].Key)
		c.value, block = copyValue(block, b.If[i].Value)
	}
	for i := range b.Do {
		block = r.entry(i, &b.Do[i], block)
	}
	return r
}

// entry turns the mutation into the i-th entry. A row that is deleted keeps a nil value.
func (r *request) entry(i int, m *store.Mutation, block []byte) []byte {
	e := &r.entries[i]
	r.names[i] = m.Key
	e.Key, block = copyKey(block, m.Key)
	if m.Value != nil {
		e.Value, block = copyValue(block, m.Value)
		e.ExpiresAt = m.ExpirySeconds()
		r.puts = true
	}
	r.rows++
	r.bytes += entrySize(len(e.Key), len(e.Value))
	return block
}

// entrySize is no less than what Badger charges a transaction for an entry.
func entrySize(key, value int) int64 {
	const overhead = 24
	if value >= store.LargeValue {
		value = 0
	}
	return int64(key + value + overhead)
}

// footprint is how many bytes the keys and values of b have as they are stored.
func footprint(b *store.Batch) int64 {
	n := 0
	for i := range b.If {
		n += 1 + len(b.If[i].Key) + len(b.If[i].Value)
	}
	for i := range b.Do {
		n += 1 + len(b.Do[i].Key) + len(b.Do[i].Value)
	}
	return int64(n)
}

// copyKey appends key to block and returns the copy, which cannot grow into its neighbour.
func copyKey(block []byte, key string) (stored, rest []byte) {
	start := len(block)
	block = appendKey(block, key)
	return block[start:len(block):len(block)], block
}

func copyValue(block, value []byte) (stored, rest []byte) {
	start := len(block)
	block = append(block, value...)
	return block[start:len(block):len(block)], block
}
