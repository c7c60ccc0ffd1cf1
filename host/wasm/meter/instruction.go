package meter

import "github.com/musubi-run/musubi/host/wasm/wasmfile"

// instruction is one decoded instruction, as far as metering looks at it.
type instruction struct {
	op  byte
	sub uint32 // after a prefix
	// index is that of a function, local, global or, if typed, type.
	index uint32
	typed bool
}

// next takes one instruction.
func next(r *wasmfile.Reader) (instruction, error) {
	in := instruction{op: r.Byte()}
	s := baseShapes[in.op]
	switch in.op {
	case prefixMisc:
		in.sub = r.U32()
		s = lookup(miscShapes, in.sub)
	case prefixSIMD:
		in.sub = r.U32()
		s = lookup(simdShapes, in.sub)
	case prefixGC, prefixThreads:
		in.sub = r.U32()
	}
	if r.Err() == nil && s == unknown {
		return in, &OpcodeError{in.op, in.sub, family(in.op, in.sub)}
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
func (in *instruction) skip(r *wasmfile.Reader, s shape) {
	switch s {
	case unknown, plain:
	case blockType:
		in.blockType(r)
	case typeAndTable:
		in.index, in.typed = r.U32(), true
		r.SkipLEB(5)
	case leb32, index:
		r.SkipLEB(5)
	case keptIndex:
		in.index = r.U32()
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
		takeTypes(r)
	case refType:
		takeRefType(r)
	case leb64:
		r.SkipLEB(10)
	default:
		r.Bytes(width[s])
	}
}

// blockType takes the type of a block: one negative byte, or the index of a type.
func (in *instruction) blockType(r *wasmfile.Reader) {
	const more, negative = 0x80, 0x40
	rest := r.Remaining()
	switch {
	case len(rest) > 0 && rest[0] == voidBlock:
		r.Byte()
	case len(rest) > 0 && rest[0]&(more|negative) == negative:
		takeType(r)
	default:
		in.index, in.typed = r.U32(), true
	}
}

// width is the length of what has a fixed one.
var width = map[shape]int{oneByte: 1, twoBytes: 2, bytes4: 4, bytes8: 8, bytes16: 16}
