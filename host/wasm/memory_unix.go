//go:build unix

package wasm

import (
	"fmt"
	"syscall"
)

// reserve sets address space aside. The system gives pages, zeroed, when they are touched.
func reserve(size uint64) ([]byte, error) {
	b, err := syscall.Mmap(-1, 0, int(size), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE) //nolint:gosec // a limit of some MiB
	if err != nil {
		return nil, fmt.Errorf("reserving %d bytes for an instance: %w", size, err)
	}
	return b, nil
}

// release gives the whole of what reserve returned back.
func release(b []byte) {
	_ = syscall.Munmap(b) //nolint:errcheck // fails only for what reserve did not return
}
