package meter

import (
	"fmt"

	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// The types of values, each one byte. The engine knows others, of several
// bytes; a module that uses one would be read differently here and there.
const (
	typeI32       byte = 0x7f
	typeI64       byte = 0x7e
	typeF32       byte = 0x7d
	typeF64       byte = 0x7c
	typeV128      byte = 0x7b
	typeFuncRef   byte = 0x70
	typeExternRef byte = 0x6f

	voidBlock byte = 0x40
)

// takeType takes the type of a value.
func takeType(r *wasmfile.Reader) byte {
	b := r.Byte()
	switch b {
	case typeI32, typeI64, typeF32, typeF64, typeV128, typeFuncRef, typeExternRef:
	default:
		r.Fail(fmt.Errorf("the type 0x%02x is not supported", b))
	}
	return b
}

// takeRefType takes the type of a reference.
func takeRefType(r *wasmfile.Reader) byte {
	b := r.Byte()
	if b != typeFuncRef && b != typeExternRef {
		r.Fail(fmt.Errorf("the reference type 0x%02x is not supported", b))
	}
	return b
}

// takeTypes takes a list of types and returns how many there were.
func takeTypes(r *wasmfile.Reader) (count uint32) {
	count = r.U32()
	for n := count; n > 0 && r.Err() == nil; n-- {
		takeType(r)
	}
	return count
}
