// Package abi is the contract between host and plugin: names, wire types and
// the manifest, shared by both sides and by nobody else. It depends on the
// standard library only and compiles for wasip1.
//
// The contract, ABI "musubi/1", fits on a page. A plugin is a WASI preview-1
// reactor that exports
//
//	musubi_alloc(size u32) u32        a buffer that stays put until the call returns
//	musubi_call(ptr, len u32) u64     a [Call] frame in, a [Reply] frame out (ptr<<32 | len)
//	musubi_describe() u64             the manifest, JSON (ptr<<32 | len)
//
// and may import, from module "musubi",
//
//	http(ptr, len u32) u32            a [Request] frame; returns the size of the [Response] frame
//	state_get(ptr, len u32) u32       a key; returns the size of its value, or [Absent]
//	take(ptr, len u32)                copies the answer of the last http or state_get into ptr
//	state_set(kptr, klen, vptr, vlen u32)
//	learn(ptr, len u32)               an [Allowance], JSON
//	log(level, ptr, len u32)
//
// Frames are sequences of sections: tag u8, length u32 little-endian, bytes.
// A reader skips tags that it does not know, so sections may be added, never
// renumbered.
package abi

// Version is the ABI that this package describes.
const Version = "musubi/1"

// ManifestSection is the name of the custom wasm section that holds the
// manifest, JSON as it is or within gzip, so that a host reads it without running anything.
const ManifestSection = "musubi.manifest"

// Names of the functions that a plugin exports.
const (
	ExportAlloc    = "musubi_alloc"
	ExportCall     = "musubi_call"
	ExportDescribe = "musubi_describe"
)

// ImportModule is the module that the host functions below live in.
const ImportModule = "musubi"

// Names of the functions that a plugin may import.
const (
	ImportHTTP     = "http"
	ImportTake     = "take"
	ImportLog      = "log"
	ImportStateGet = "state_get"
	ImportStateSet = "state_set"
	ImportLearn    = "learn"
)

// Absent is what state_get returns for a key that was never set.
const Absent = ^uint32(0)
