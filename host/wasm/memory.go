package wasm

import (
	"context"
	"encoding/binary"

	"github.com/tetratelabs/wazero/experimental"
)

// linearMemory is an instance's memory. It grows to a limit and remembers
// whether more was wanted, because a guest that gets none just crashes.
type linearMemory struct {
	buf     []byte
	limit   uint64
	refused bool
}

// withMemory makes instances that are created under the context use m.
func withMemory(ctx context.Context, m *linearMemory) context.Context {
	return experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(
		func(_, _ uint64) experimental.LinearMemory { return m },
	))
}

// Reallocate returns the memory with the given size, or nil over the limit.
// It reserves a quarter more than was asked, since guests grow step by step.
func (m *linearMemory) Reallocate(size uint64) []byte {
	if size > m.limit {
		m.refused = true
		return nil
	}
	if size > uint64(cap(m.buf)) {
		grown := make([]byte, size, min(size+size/4, m.limit))
		copy(grown, m.buf)
		m.buf = grown
	}
	m.buf = m.buf[:size]
	return m.buf
}

// Free drops the memory.
func (m *linearMemory) Free() { m.buf = nil }

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
