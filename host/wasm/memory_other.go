//go:build !unix

package wasm

// reserve allocates on the Go heap where the system has no lazy mapping that
// the standard library knows.
func reserve(size uint64) ([]byte, error) { return make([]byte, size), nil }

// release leaves the memory to the garbage collector.
func release([]byte) {}
