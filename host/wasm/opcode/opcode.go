// Package opcode takes the code of WebAssembly functions apart, instruction by
// instruction.
package opcode

import "fmt"

// The opcodes that have a name here; every other one only has to be skipped.
const (
	Unreachable        byte = 0x00
	Nop                byte = 0x01
	Block              byte = 0x02
	Loop               byte = 0x03
	If                 byte = 0x04
	Else               byte = 0x05
	End                byte = 0x0b
	Br                 byte = 0x0c
	BrIf               byte = 0x0d
	BrTable            byte = 0x0e
	Return             byte = 0x0f
	Call               byte = 0x10
	CallIndirect       byte = 0x11
	ReturnCall         byte = 0x12
	ReturnCallIndirect byte = 0x13
	Drop               byte = 0x1a
	Select             byte = 0x1b
	LocalGet           byte = 0x20
	LocalSet           byte = 0x21
	LocalTee           byte = 0x22
	GlobalGet          byte = 0x23
	GlobalSet          byte = 0x24
	I64Load            byte = 0x29
	I32Load8U          byte = 0x2d
	I32Store           byte = 0x36 // and the stores after it
	I64Store           byte = 0x37
	MemorySize         byte = 0x3f
	MemoryGrow         byte = 0x40
	I32Const           byte = 0x41
	I64Const           byte = 0x42
	Numeric            byte = 0x45 // and those after it
	I32Eqz             byte = 0x45
	I32Ne              byte = 0x47
	I32LtU             byte = 0x49
	I32GeS             byte = 0x4e
	I32GeU             byte = 0x4f
	I64Eqz             byte = 0x50
	I64Ne              byte = 0x52
	I64LtS             byte = 0x53
	I64GeS             byte = 0x59
	I32Add             byte = 0x6a
	I32Sub             byte = 0x6b
	I32And             byte = 0x71
	I64Add             byte = 0x7c
	I64Sub             byte = 0x7d
	I64ShrU            byte = 0x88
	I32WrapI64         byte = 0xa7
	I64ExtendU         byte = 0xad
	RefFunc            byte = 0xd2
	PrefixGC           byte = 0xfb
	PrefixMisc         byte = 0xfc
	PrefixSIMD         byte = 0xfd
	PrefixThreads      byte = 0xfe
)

// What follows a prefix.
const (
	MiscMemoryInit uint32 = 8
	MiscMemoryCopy uint32 = 10
	MiscMemoryFill uint32 = 11
	MiscTableInit  uint32 = 12
	MiscTableCopy  uint32 = 14
	MiscTableGrow  uint32 = 15
	MiscTableFill  uint32 = 17

	SIMDLoad  uint32 = 0
	SIMDStore uint32 = 11
	SIMDConst uint32 = 12
)

// shape is what follows an opcode.
type shape byte

const (
	unknown      shape = iota
	plain              // nothing
	blockType          // a type, or the index of one
	typeAndTable       // two u32, the first one the index of a type
	index              // u32
	indexPair          // two u32
	indexList          // a list of u32 and one more
	typeList           // a list of types
	refType            // of a reference
	memory             // alignment and offset, u32
	memoryLane         // the same and a byte
	oneByte
	twoBytes
	leb32
	leb64
	bytes4
	bytes8
	bytes16
	indexByte // u32 and a byte
	keptIndex // u32 that somebody looks at
)

// span gives a run of opcodes one shape.
type span struct {
	first, last uint32
	shape       shape
}

var baseShapes = spread(256, []span{
	{0x00, 0x01, plain},
	{0x02, 0x04, blockType},
	{0x05, 0x05, plain},
	{0x0b, 0x0b, plain},
	{0x0c, 0x0d, keptIndex},
	{0x0e, 0x0e, indexList},
	{0x0f, 0x0f, plain},
	{0x10, 0x10, keptIndex},
	{0x11, 0x11, typeAndTable},
	{0x12, 0x12, keptIndex},
	{0x13, 0x13, typeAndTable}, // tail calls
	{0x1a, 0x1b, plain},
	{0x1c, 0x1c, typeList},
	{0x20, 0x24, keptIndex},
	{0x25, 0x26, index},
	{0x28, 0x3e, memory},
	{0x3f, 0x40, oneByte},
	{0x41, 0x41, leb32},
	{0x42, 0x42, leb64},
	{0x43, 0x43, bytes4},
	{0x44, 0x44, bytes8},
	{0x45, 0xc4, plain}, // numeric, sign extension
	{0xd0, 0xd0, refType},
	{0xd1, 0xd1, plain},
	{0xd2, 0xd2, keptIndex},
})

var miscShapes = spread(18, []span{
	{0, 7, plain}, // saturating conversions
	{8, 8, indexByte},
	{9, 9, index},
	{10, 10, twoBytes},
	{11, 11, oneByte},
	{12, 12, indexPair},
	{13, 13, index},
	{14, 14, indexPair},
	{15, 17, index},
})

var simdShapes = spread(256, []span{
	{0x00, 0x0b, memory},
	{0x0c, 0x0d, bytes16},
	{0x0e, 0x14, plain},
	{0x15, 0x22, oneByte},
	{0x23, 0x53, plain},
	{0x54, 0x5b, memoryLane},
	{0x5c, 0x5d, memory},
	{0x5e, 0x99, plain},
	{0x9b, 0xa1, plain},
	{0xa3, 0xa4, plain},
	{0xa7, 0xae, plain},
	{0xb1, 0xb1, plain},
	{0xb5, 0xba, plain},
	{0xbc, 0xc1, plain},
	{0xc3, 0xc4, plain},
	{0xc7, 0xce, plain},
	{0xd1, 0xd1, plain},
	{0xd5, 0xe1, plain},
	{0xe3, 0xed, plain},
	{0xef, 0xff, plain},
})

// IsPlain reports whether nothing follows the opcode.
func IsPlain(op byte) bool { return baseShapes[op] == plain }

// IsMemory reports whether the opcode loads or stores a value.
func IsMemory(op byte) bool { return baseShapes[op] == memory }

func spread(size int, spans []span) []shape {
	shapes := make([]shape, size)
	for _, s := range spans {
		for op := s.first; op <= s.last; op++ {
			shapes[op] = s.shape
		}
	}
	return shapes
}

// family names the proposal of opcodes that are known to exist and not understood here.
func family(op byte, sub uint32) string {
	switch {
	case op >= 0x06 && op <= 0x0a, op >= 0x18 && op <= 0x19, op == 0x1f:
		return "exception handling"
	case op == 0x14, op == 0x15, op >= 0xd3 && op <= 0xd6:
		return "typed function references"
	case op >= 0xe0 && op <= 0xe6:
		return "stack switching"
	case op == PrefixGC:
		return "garbage collection"
	case op == PrefixThreads:
		return "threads"
	case op == PrefixSIMD && sub >= 0x100:
		return "relaxed SIMD"
	default:
		return "no known proposal"
	}
}

// Error is a module that uses an opcode that is not understood.
type Error struct {
	Op  byte
	Sub uint32 // after a prefix
	// Family is the proposal that the opcode belongs to.
	Family string
}

// Error names the opcode.
func (e *Error) Error() string {
	if e.Op < PrefixGC {
		return fmt.Sprintf("opcode 0x%02x (%s) is not supported", e.Op, e.Family)
	}
	return fmt.Sprintf("opcode 0x%02x 0x%02x (%s) is not supported", e.Op, e.Sub, e.Family)
}
