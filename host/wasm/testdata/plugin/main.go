//go:build wasip1

// Command plugin is the guest that the tests of host/wasm call: every action
// does one thing that a connector, or an attacker, does.
package main

import (
	"encoding/json"
	"runtime"
	"unsafe"

	"github.com/musubi-run/musubi/sdk/abi"
)

func main() {}

//go:wasmimport musubi http
func hostHTTP(ptr unsafe.Pointer, size uint32) uint32

//go:wasmimport musubi take
func hostTake(ptr unsafe.Pointer, size uint32)

//go:wasmimport musubi log
func hostLog(level uint32, ptr unsafe.Pointer, size uint32)

//go:wasmimport musubi state_get
func hostStateGet(ptr unsafe.Pointer, size uint32) uint32

//go:wasmimport musubi state_set
func hostStateSet(key unsafe.Pointer, keySize uint32, value unsafe.Pointer, valueSize uint32)

var (
	frame []byte // what the host writes the call into
	reply []byte // what the host reads the reply from
	calls int
)

var manifest = abi.Manifest{
	ABI: abi.Version, ID: "probe", Version: "1.0.0",
	Title: abi.Text{EN: "Probe of the sandbox"},
	Settings: &abi.Schema{
		Type:       abi.TypeObject,
		Properties: map[string]*abi.Schema{"base_url": {Type: abi.TypeString, Format: "uri"}},
	},
	Hosts: []string{"{base_url}"},
}

//go:wasmexport musubi_alloc
func alloc(size uint32) unsafe.Pointer {
	if int(size) >= cap(frame) {
		frame = make([]byte, size+1)
	}
	return unsafe.Pointer(unsafe.SliceData(frame))
}

//go:wasmexport musubi_call
func call(_ unsafe.Pointer, size uint32) uint64 {
	c, err := abi.ParseCall(frame[:size])
	if err != nil {
		panic(err)
	}
	calls++
	r := answer(&c)
	reply = r.Append(reply[:0])
	return pack(reply)
}

//go:wasmexport musubi_describe
func describe() uint64 {
	text, err := json.Marshal(manifest)
	if err != nil {
		panic(err)
	}
	reply = text
	return pack(reply)
}

func answer(c *abi.Call) abi.Reply {
	act, ok := actions[c.Name]
	if !ok {
		return abi.Reply{Err: &abi.Error{Kind: abi.Unsupported, Message: "no action " + c.Name}}
	}
	body, err := act(c)
	if err != nil {
		return abi.Reply{Err: abi.AsError(err)}
	}
	return abi.Reply{Body: body}
}

func pack(b []byte) uint64 {
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b))))<<32 | uint64(len(b))
}

func bytesOf(s string) (unsafe.Pointer, uint32) {
	return unsafe.Pointer(unsafe.StringData(s)), uint32(len(s))
}

func take(size uint32) []byte {
	buf := make([]byte, max(size, 1))
	hostTake(unsafe.Pointer(unsafe.SliceData(buf)), size)
	runtime.KeepAlive(buf)
	return buf[:size]
}

func send(r *abi.Request) abi.Response {
	buf := r.Append(nil)
	size := hostHTTP(unsafe.Pointer(unsafe.SliceData(buf)), uint32(len(buf)))
	runtime.KeepAlive(buf)
	resp, err := abi.ParseResponse(take(size))
	if err != nil {
		panic(err)
	}
	return resp
}
