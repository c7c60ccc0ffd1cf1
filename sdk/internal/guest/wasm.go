//go:build wasip1

package guest

import (
	"runtime/debug"
	"unsafe"

	"github.com/musubi-run/musubi/sdk/abi"
)

//go:wasmimport musubi http
func hostHTTP(ptr unsafe.Pointer, size uint32) uint32

//go:wasmimport musubi take
func hostTake(ptr unsafe.Pointer, size uint32)

//go:wasmimport musubi log
func hostLog(level uint32, ptr unsafe.Pointer, size uint32)

//go:wasmimport musubi state_get
func hostStateGet(ptr unsafe.Pointer, size uint32) uint32

//go:wasmimport musubi state_set
func hostStateSet(keyPtr unsafe.Pointer, keySize uint32, valuePtr unsafe.Pointer, valueSize uint32)

//go:wasmimport musubi learn
func hostLearn(ptr unsafe.Pointer, size uint32)

// memory keeps alive what the host knows only by its address. Go's collector
// does not move what it manages, so holding on is enough.
var memory struct {
	call  []byte
	reply []byte
}

// saveMemory lets the collector run at half of the usual garbage: an instance
// then holds 6.5 MB instead of 9.5, for a tenth more time.
func saveMemory() { debug.SetGCPercent(50) }

//go:wasmexport musubi_alloc
func alloc(size uint32) unsafe.Pointer {
	if uint32(cap(memory.call)) < size { //nolint:gosec // memory is 4 GiB at the most
		memory.call = make([]byte, size)
	}
	memory.call = memory.call[:size]
	return unsafe.Pointer(unsafe.SliceData(memory.call))
}

//go:wasmexport musubi_call
func call(ptr unsafe.Pointer, size uint32) uint64 {
	memory.reply = handler.Call(unsafe.Slice((*byte)(ptr), size))
	return packed(memory.reply)
}

//go:wasmexport musubi_describe
func describe() uint64 {
	memory.reply = handler.Describe()
	return packed(memory.reply)
}

func packed(b []byte) uint64 {
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b))))<<32 | uint64(len(b))
}

func pointer(b []byte) (unsafe.Pointer, uint32) {
	return unsafe.Pointer(unsafe.SliceData(b)), uint32(len(b)) //nolint:gosec // memory is 4 GiB at the most
}

// HTTP sends a request frame and returns the response frame, which is the caller's.
func HTTP(frame []byte) []byte {
	return take(hostHTTP(pointer(frame)))
}

// StateGet returns the value of key and whether it was ever set.
func StateGet(key string) ([]byte, bool) {
	size := hostStateGet(pointer([]byte(key)))
	if size == abi.Absent {
		return nil, false
	}
	return take(size), true
}

// StateSet sets key to value.
func StateSet(key string, value []byte) {
	keyPtr, keySize := pointer([]byte(key))
	valuePtr, valueSize := pointer(value)
	hostStateSet(keyPtr, keySize, valuePtr, valueSize)
}

// Learn tells the host an allowance, JSON.
func Learn(allowance []byte) { hostLearn(pointer(allowance)) }

// Log writes one line to the host's log.
func Log(level abi.Level, line string) {
	ptr, size := pointer([]byte(line))
	hostLog(uint32(level), ptr, size)
}

// take fetches the answer of the host function that was called last.
func take(size uint32) []byte {
	answer := make([]byte, size)
	hostTake(pointer(answer))
	return answer
}
