package gocode

import (
	"github.com/musubi-run/musubi/host/wasm/opcode"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// Go's compiler copies and clears all but the smallest variables with bulk
// instructions. The engine makes a call of each copy, and of each fill a loop
// of calls that doubles what is filled: six for 40 bytes. So a short one of a
// known length becomes loads and stores, and one that clears a length that
// only the running code knows becomes a loop, for lengths that one is quick for.
//
// As with the instructions themselves, nothing is written where not all may be:
// the farthest byte is reached first. And all of a copy is read before any is
// written, for the two may overlap.

const (
	// vector is the size of the largest piece, in bytes, word that of the smallest.
	vector, word = 16, 8
	// longestCopy is what fits into the machine's registers.
	longestCopy  = 8 * vector
	longestClear = 16 * vector

	// most bounds what becomes longer in one function, in bytes, and mostLoops the
	// loops; see also [module.room].
	most      = 1 << 17
	mostLoops = 16
)

// Variables that a function with such pieces has besides its own.
const (
	placeLocal  = 1 + iota // where to
	sourceLocal            // where from, or how much
	zeroLocal              // a vector, all others are numbers
	shortLocals
)

func (f *function) shortLocal(n uint32) uint32 { return f.locals + n }

// unroll puts loads and stores in the place of a bulk instruction, if that is short.
func (f *function) unroll(i int) bool {
	if !f.isGo() || len(f.text) > most || f.module.room < 0 {
		return false
	}
	in := &f.list[i]
	code := f.code[in.at:in.end]
	before := len(f.text)
	defer func() { f.module.room -= len(f.text) - before }()
	switch {
	case in.Sub == opcode.MiscMemoryFill && len(code) == 3 && code[2] == 0:
		return f.clear(i) || f.clearAny(i)
	case in.Sub == opcode.MiscMemoryCopy && len(code) == 4 && code[2] == 0 && code[3] == 0:
		return f.copy(i)
	default:
		return false
	}
}

// clear is for: place, 0, length, memory.fill.
func (f *function) clear(i int) bool {
	if !f.is(i-1, opcode.I32Const) || !f.is(i-2, opcode.I32Const) || f.number(i-2) != 0 {
		return false
	}
	length := f.number(i - 1)
	if length < word || length > longestClear {
		return false
	}
	f.short = true
	out := f.appendSet(nil, placeLocal)
	if length >= vector {
		out = f.appendSet(appendZero(out), zeroLocal)
	}
	for at, size := range pieces(length) {
		out = f.appendGet(out, placeLocal)
		if size == vector {
			out = f.appendGet(out, zeroLocal)
		} else {
			out = append(out, opcode.I64Const, 0)
		}
		out = appendAccess(out, size, opcode.I64Store, opcode.SIMDStore, at)
	}
	f.replace(f.list[i-2].at, f.list[i].end, out...)
	return true
}

// copy is for: place, source, length, memory.copy.
func (f *function) copy(i int) bool {
	if !f.is(i-1, opcode.I32Const) {
		return false
	}
	length := f.number(i - 1)
	if length < word || length > longestCopy {
		return false
	}
	f.short = true
	out := f.appendSet(f.appendSet(nil, sourceLocal), placeLocal)
	// One look at the end of where to, before anything is written; the first
	// piece that is loaded looks at the end of where from.
	out = wasmfile.AppendU32(append(f.appendGet(out, placeLocal), opcode.I32Load8U, 0), length-1)
	out = append(out, opcode.Drop)
	var stores [][]byte
	for at, size := range pieces(length) {
		out = f.appendGet(f.appendGet(out, placeLocal), sourceLocal)
		out = appendAccess(out, size, opcode.I64Load, opcode.SIMDLoad, at)
		stores = append(stores, appendAccess(nil, size, opcode.I64Store, opcode.SIMDStore, at))
	}
	for n := range stores {
		out = append(out, stores[len(stores)-1-n]...)
	}
	f.replace(f.list[i-1].at, f.list[i].end, out...)
	return true
}

// pieces is what a length is taken in: places and sizes, the farthest first.
// The two farthest pieces may overlap.
func pieces(length uint32) func(yield func(at, size uint32) bool) {
	return func(yield func(at, size uint32) bool) {
		size := uint32(vector)
		if length < vector {
			size = word
		}
		if !yield(length-size, size) {
			return
		}
		for n := (length - 1) / size; n > 0; n-- {
			if !yield((n-1)*size, size) {
				return
			}
		}
	}
}

// clearAny is for the same with a length that is in a variable:
//
//	place, 0, local.get length, i32.wrap_i64, memory.fill
//
// A length of 8 to 256 in whole words is cleared from its end in a loop.
func (f *function) clearAny(i int) bool {
	if !f.follow(i-3, opcode.I32Const, opcode.LocalGet, opcode.I32WrapI64) || f.number(i-3) != 0 || f.loops >= mostLoops {
		return false
	}
	f.short = true
	f.loops++
	const done, slow, rest = 1, 0, 1 // labels, where they are used
	out := f.appendSet(nil, placeLocal)
	out = append(out, f.code[f.list[i-2].at:f.list[i-1].end]...)
	out = f.appendSet(out, sourceLocal)
	out = append(out, opcode.Block, wasmfile.VoidBlock, opcode.Block, wasmfile.VoidBlock)
	out = append(f.appendNumber(f.appendGet(out, sourceLocal), word), opcode.I32Sub)
	out = append(f.appendNumber(out, ^int64(longestClear-word)), opcode.I32And, opcode.BrIf, slow)
	out = append(f.appendGet(f.appendGet(out, placeLocal), sourceLocal), opcode.I32Add)
	out = append(f.appendGet(out, placeLocal), opcode.I32LtU, opcode.BrIf, slow) // the end is beyond all addresses
	out = f.appendSet(appendZero(out), zeroLocal)
	out = append(out, opcode.Block, wasmfile.VoidBlock, opcode.Loop, wasmfile.VoidBlock)
	out = append(f.appendNumber(f.appendGet(out, sourceLocal), vector), opcode.I32LtU, opcode.BrIf, rest)
	out = f.appendNumber(f.appendGet(f.appendGet(out, placeLocal), sourceLocal), vector)
	out = wasmfile.AppendU32(append(out, opcode.I32Sub, opcode.LocalTee), f.shortLocal(sourceLocal))
	out = appendAccess(f.appendGet(append(out, opcode.I32Add), zeroLocal), vector, opcode.I64Store, opcode.SIMDStore, 0)
	out = append(out, opcode.Br, 0, opcode.End, opcode.End)
	out = append(f.appendGet(out, sourceLocal), opcode.I32Eqz, opcode.BrIf, done)
	out = append(f.appendGet(out, placeLocal), opcode.I64Const, 0)
	out = append(appendAccess(out, word, opcode.I64Store, opcode.SIMDStore, 0), opcode.Br, done, opcode.End)
	out = f.appendGet(append(f.appendGet(out, placeLocal), opcode.I32Const, 0), sourceLocal)
	out = append(append(out, f.code[f.list[i].at:f.list[i].end]...), opcode.End)
	f.replace(f.list[i-3].at, f.list[i].end, out...)
	return true
}

func (f *function) appendGet(out []byte, local uint32) []byte {
	return wasmfile.AppendU32(append(out, opcode.LocalGet), f.shortLocal(local))
}

func (f *function) appendSet(out []byte, local uint32) []byte {
	return wasmfile.AppendU32(append(out, opcode.LocalSet), f.shortLocal(local))
}

func (f *function) appendNumber(out []byte, n int64) []byte {
	return wasmfile.AppendS64(append(out, opcode.I32Const), n)
}

// appendZero appends a vector of zeros.
func appendZero(out []byte) []byte {
	out = wasmfile.AppendU32(append(out, opcode.PrefixSIMD), opcode.SIMDConst)
	return append(out, make([]byte, vector)...)
}

// appendAccess appends a load or a store of a piece, with no alignment promised.
func appendAccess(out []byte, size uint32, op byte, simd, at uint32) []byte {
	if size == vector {
		out = wasmfile.AppendU32(append(out, opcode.PrefixSIMD), simd)
	} else {
		out = append(out, op)
	}
	return wasmfile.AppendU32(append(out, 0), at)
}
