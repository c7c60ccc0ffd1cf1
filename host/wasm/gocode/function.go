package gocode

import (
	"cmp"
	"slices"

	"github.com/musubi-run/musubi/host/wasm/opcode"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// instruction is one of a function's code, which stands from at to end.
type instruction struct {
	opcode.Instruction

	at, end int
}

// function rewrites one function after another, reusing its slices.
type function struct {
	module *module

	groups uint32 // of declared local variables
	decls  []byte // their declarations
	params uint32
	locals uint32 // parameters and local variables
	code   []byte
	list   []instruction
	table  table
	frame  frame

	// open are the blocks that are open where the walk is, the function itself
	// first; ends says that a jump leads to its end.
	open []block
	ends bool

	// short says that the function has the variables of short.go, loops how many
	// clearings became one.
	short bool
	loops int

	edits []edit
	text  []byte // of the edits
	out   []byte
}

// edit puts text[from:to] in the place of skip bytes of the code.
type edit struct {
	at, skip, from, to int
}

const (
	// maxBody bounds what is looked at, in bytes; Go's longest functions have 30 kB.
	maxBody = 1 << 20
	// maxLocals is the engine's own limit on a function's variables.
	maxLocals = 50_000
)

// rewrite returns a function's new text, valid until the next call, and whether
// it is another than the one that it was given.
func (f *function) rewrite(source []byte, params uint32) (text []byte, changed bool) {
	f.edits, f.text, f.params, f.short, f.ends, f.loops = f.edits[:0], f.text[:0], params, false, false, 0
	if len(source) > maxBody || !f.read(source) {
		return source, false
	}
	f.table.find(f)
	f.frame.begin(f)
	if !f.walk() {
		return source, false
	}
	f.frame.apply(f)
	if len(f.edits) == 0 {
		return source, false
	}
	return f.write(), true
}

// read takes the source apart. It is false for code that is not understood.
func (f *function) read(source []byte) bool {
	r := wasmfile.NewReader(source)
	f.groups = r.U32()
	begin := len(source) - r.Len()
	locals := uint64(f.params)
	for n := f.groups; n > 0 && r.Err() == nil; n-- {
		locals += uint64(r.U32())
		wasmfile.TakeType(r)
	}
	if r.Err() != nil || locals+shortLocals >= maxLocals { // the meter may want one, too
		return false
	}
	end := len(source) - r.Len()
	f.decls, f.code, f.locals = source[begin:end], source[end:], uint32(locals)
	f.list = f.list[:0]
	for r.Len() > 0 {
		at := len(f.code) - r.Len()
		in, err := opcode.Next(r)
		if err != nil {
			return false
		}
		f.list = append(f.list, instruction{in, at, len(f.code) - r.Len()})
	}
	return true
}

// is reports whether an instruction has an opcode; there may be none at i.
func (f *function) is(i int, op byte) bool {
	return i >= 0 && i < len(f.list) && f.list[i].Op == op
}

// follow reports whether instructions with these opcodes stand at i.
func (f *function) follow(i int, ops ...byte) bool {
	for n, op := range ops {
		if !f.is(i+n, op) {
			return false
		}
	}
	return true
}

// isGo reports whether the function begins as those of Go's compiler do: it
// puts the stack pointer into a variable.
func (f *function) isGo() bool {
	return f.follow(0, opcode.GlobalGet, opcode.LocalSet) && f.list[1].Index >= f.params
}

// number is the operand of an i32.const.
func (f *function) number(i int) uint32 { return wasmfile.S32(f.code[f.list[i].at+1:]) }

// replace puts text in the place of the code from at to end.
func (f *function) replace(at, end int, text ...byte) {
	from := len(f.text)
	f.text = append(f.text, text...)
	f.edits = append(f.edits, edit{at, end - at, from, len(f.text)})
}

// write returns the function's text with all edits.
func (f *function) write() []byte {
	slices.SortStableFunc(f.edits, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(min(a.skip, 1), min(b.skip, 1)))
	})
	out := f.out[:0]
	switch {
	case f.short:
		out = append(wasmfile.AppendU32(out, f.groups+2), f.decls...)
		const numbers = zeroLocal
		out = append(out, numbers, wasmfile.TypeI32, 1, wasmfile.TypeV128)
	case f.frame.used:
		out = append(wasmfile.AppendU32(out, f.groups+1), f.decls...)
		out = append(out, 1, wasmfile.TypeI32)
	default:
		out = append(wasmfile.AppendU32(out, f.groups), f.decls...)
	}
	from := 0
	for _, e := range f.edits {
		out = append(out, f.code[from:e.at]...)
		out = append(out, f.text[e.from:e.to]...)
		from = e.at + e.skip
	}
	out = append(out, f.code[from:]...)
	f.out = out
	return out
}
