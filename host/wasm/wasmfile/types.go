package wasmfile

import "fmt"

// The types of values, each one byte. The engine knows others, of several
// bytes; a module that uses one would be read differently here and there.
const (
	TypeI32       byte = 0x7f
	TypeI64       byte = 0x7e
	TypeF32       byte = 0x7d
	TypeF64       byte = 0x7c
	TypeV128      byte = 0x7b
	TypeFuncRef   byte = 0x70
	TypeExternRef byte = 0x6f

	VoidBlock byte = 0x40
)

// TakeType takes the type of a value.
func TakeType(r *Reader) byte {
	b := r.Byte()
	switch b {
	case TypeI32, TypeI64, TypeF32, TypeF64, TypeV128, TypeFuncRef, TypeExternRef:
	default:
		r.Fail(fmt.Errorf("the type 0x%02x is not supported", b))
	}
	return b
}

// TakeRefType takes the type of a reference.
func TakeRefType(r *Reader) byte {
	b := r.Byte()
	if b != TypeFuncRef && b != TypeExternRef {
		r.Fail(fmt.Errorf("the reference type 0x%02x is not supported", b))
	}
	return b
}

// TakeTypes takes a list of types and returns how many there were.
func TakeTypes(r *Reader) (count uint32) {
	count = r.U32()
	for n := count; n > 0 && r.Err() == nil; n-- {
		TakeType(r)
	}
	return count
}
