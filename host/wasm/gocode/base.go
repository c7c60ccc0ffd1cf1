package gocode

import (
	"slices"

	"github.com/musubi-run/musubi/host/wasm/opcode"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// apply changes the accesses, if all of the function was understood.
func (r *frame) apply(f *function) {
	if !r.active || f.ends || len(r.accesses) < fewest {
		return
	}
	low, high := r.extent(f)
	entries, first := f.table.entries()
	if low < -largest || high-low > farthest || low > high || !first {
		return
	}
	r.used = true
	base := f.locals
	get := wasmfile.AppendU32([]byte{opcode.LocalGet}, base)
	for _, a := range r.accesses {
		f.replace(f.list[a.base.first].at, f.list[a.base.last].end, get...)
		at, offset := f.offset(a.at)
		f.replace(at, f.list[a.at].end, wasmfile.AppendU32(nil, uint32(offset+a.base.at-low))...) //nolint:gosec // see farthest
	}
	f.replace(f.list[2].at, f.list[2].at, append(r.prologue(f, entries, low), opcode.Block, wasmfile.VoidBlock)...)
	// Where code from several places meets, the engine gives a variable a new name
	// when it is read a second time, unless it was set. Behind the begin of a loop
	// all have new names: it is there that it has to see what is in the memory.
	same := wasmfile.AppendU32(append(slices.Clone(get), opcode.LocalSet), base)
	for _, i := range r.ends {
		f.replace(f.list[i].end, f.list[i].end, same...)
	}
	for _, back := range r.returns {
		f.replace(f.list[back.i].end, f.list[back.i].end, r.check(f, back, low)...)
	}
	look := wasmfile.AppendU32(append(get, opcode.I32Load8U, 0), uint32(high-low-1)) //nolint:gosec // see farthest
	f.replace(f.list[f.table.at].at, f.list[f.table.at+1].end, f.table.asTree(append(look, opcode.Drop))...)
	// All of it is in a block, behind whose end is one trap for all checks.
	last := f.list[len(f.list)-1].at
	f.replace(last, last, opcode.Return, opcode.End, opcode.Unreachable)
}

// check leaves for the trap at the function's end if the stack pointer is not
// where it was, so many bytes from the base.
func (r *frame) check(f *function, back returned, low int64) []byte {
	out := wasmfile.AppendU32([]byte{opcode.LocalGet}, r.local)
	out = wasmfile.AppendU32(append(out, opcode.LocalGet), f.locals)
	out = wasmfile.AppendS64(append(out, opcode.I32Const), int64(back.at)-low)
	return wasmfile.AppendU32(append(out, opcode.I32Add, opcode.I32Ne, opcode.BrIf), back.open)
}

// extent is the lowest place that is accessed and the one behind the highest.
func (r *frame) extent(f *function) (low, high int64) {
	for _, a := range r.accesses {
		low = min(low, a.base.at)
		_, offset := f.offset(a.at)
		offset = min(offset, farthest) // more than that is too far
		high = max(high, a.base.at+offset+opcode.Width(f.list[a.at].Op))
	}
	return low, high
}

// offset is the offset of an access, and where it stands.
func (f *function) offset(i int) (at int, offset int64) {
	r := wasmfile.NewReader(f.code[f.list[i].at+1 : f.list[i].end])
	r.SkipLEB(maxLEB32)
	at = f.list[i].end - r.Len()
	return at, int64(r.U32())
}

const maxLEB32 = 5 // bytes

// prologue sets the variable that all accesses count from. In all parts but the
// first the stack pointer is lower, by the size of the frame.
func (r *frame) prologue(f *function, entries uint32, low int64) []byte {
	out := wasmfile.AppendU32([]byte{opcode.LocalGet}, r.local)
	out = wasmfile.AppendS64(append(out, opcode.I32Const), -low)
	if at := int64(r.parts.at); at != 0 {
		out = wasmfile.AppendS64(append(out, opcode.I32Const), at-low)
		out = f.table.appendCompared(out, entries, opcode.I32LtU)
		out = append(out, opcode.Select)
	}
	return wasmfile.AppendU32(append(out, opcode.I32Sub, opcode.LocalSet), f.locals)
}
