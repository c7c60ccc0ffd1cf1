package wasm

import (
	"context"
	"encoding/binary"

	"github.com/tetratelabs/wazero/experimental"
)

// linearMemory is an instance's memory. It grows to a limit and remembers
// whether more was wanted, because a guest that gets none just crashes. It
// lies outside the Go heap: address space for all of it is set aside at once,
// pages come as the guest touches them, and nothing is ever copied.
type linearMemory struct {
	reserved []byte // all of it, len(reserved) == limit
	buf      []byte // what the guest has now
	limit    uint64
	refused  bool
}

func newMemory(limit uint64) (*linearMemory, error) {
	reserved, err := reserve(limit)
	return &linearMemory{reserved: reserved, limit: limit}, err
}

// withMemory makes instances that are created under the context use m.
func withMemory(ctx context.Context, m *linearMemory) context.Context {
	return experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(
		func(_, _ uint64) experimental.LinearMemory { return m },
	))
}

// Reallocate returns the memory with the given size, or nil over the limit.
func (m *linearMemory) Reallocate(size uint64) []byte {
	if size > m.limit {
		m.refused = true
		return nil
	}
	m.buf = m.reserved[:size]
	return m.buf
}

// Free gives the memory back to the system. A second Free does nothing.
func (m *linearMemory) Free() {
	if m.reserved != nil {
		release(m.reserved)
	}
	m.reserved, m.buf = nil, nil
}

// view returns bytes of the memory, valid until the guest runs again. Pointers
// come from the guest: any of them may lie.
func (m *linearMemory) view(ptr, size uint64) ([]byte, bool) {
	if size > uint64(len(m.buf)) || ptr > uint64(len(m.buf))-size {
		return nil, false
	}
	return m.buf[ptr : ptr+size : ptr+size], true
}

func (m *linearMemory) write(ptr uint64, b []byte) bool {
	view, ok := m.view(ptr, uint64(len(b)))
	copy(view, b)
	return ok
}

func (m *linearMemory) write32(ptr uint64, value uint32) bool {
	return m.write(ptr, binary.LittleEndian.AppendUint32(nil, value))
}

func (m *linearMemory) write64(ptr, value uint64) bool {
	return m.write(ptr, binary.LittleEndian.AppendUint64(nil, value))
}
