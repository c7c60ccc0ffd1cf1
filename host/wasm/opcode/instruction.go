package opcode

import "github.com/musubi-run/musubi/host/wasm/wasmfile"

// Instruction is one decoded instruction, as far as anybody looks at it.
type Instruction struct {
	Op  byte
	Sub uint32 // after a prefix
	// Index is that of a function, local, global or label or, if Typed, of a type.
	Index uint32
	Typed bool
}

// Next takes one instruction. The error is an [*Error] if its opcode is not
// understood: its length would be a guess.
func Next(r *wasmfile.Reader) (Instruction, error) {
	in := Instruction{Op: r.Byte()}
	s := baseShapes[in.Op]
	switch in.Op {
	case PrefixMisc:
		in.Sub = r.U32()
		s = lookup(miscShapes, in.Sub)
	case PrefixSIMD:
		in.Sub = r.U32()
		s = lookup(simdShapes, in.Sub)
	case PrefixGC, PrefixThreads:
		in.Sub = r.U32()
	}
	if r.Err() == nil && s == unknown {
		return in, &Error{in.Op, in.Sub, family(in.Op, in.Sub)}
	}
	in.skip(r, s)
	return in, r.Err()
}

func lookup(shapes []shape, sub uint32) shape {
	if uint64(sub) >= uint64(len(shapes)) {
		return unknown
	}
	return shapes[sub]
}

// skip takes what follows the opcode.
func (in *Instruction) skip(r *wasmfile.Reader, s shape) {
	switch s {
	case unknown, plain:
	case blockType:
		in.blockType(r)
	case typeAndTable:
		in.Index, in.Typed = r.U32(), true
		r.SkipLEB(5)
	case leb32, index:
		r.SkipLEB(5)
	case keptIndex:
		in.Index = r.U32()
	case indexPair, memory:
		r.SkipLEB(5)
		r.SkipLEB(5)
	case memoryLane:
		r.SkipLEB(5)
		r.SkipLEB(5)
		r.Byte()
	case indexByte:
		r.SkipLEB(5)
		r.Byte()
	case indexList:
		for n := uint64(r.U32()) + 1; n > 0 && r.Err() == nil; n-- {
			r.SkipLEB(5)
		}
	case typeList:
		wasmfile.TakeTypes(r)
	case refType:
		wasmfile.TakeRefType(r)
	case leb64:
		r.SkipLEB(10)
	default:
		r.Bytes(width[s])
	}
}

// blockType takes the type of a block: one negative byte, or the index of a type.
func (in *Instruction) blockType(r *wasmfile.Reader) {
	const more, negative = 0x80, 0x40
	rest := r.Remaining()
	switch {
	case len(rest) > 0 && rest[0] == wasmfile.VoidBlock:
		r.Byte()
	case len(rest) > 0 && rest[0]&(more|negative) == negative:
		wasmfile.TakeType(r)
	default:
		in.Index, in.Typed = r.U32(), true
	}
}

// width is the length of what has a fixed one.
var width = map[shape]int{oneByte: 1, twoBytes: 2, bytes4: 4, bytes8: 8, bytes16: 16}
