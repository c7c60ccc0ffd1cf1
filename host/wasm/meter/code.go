package meter

import (
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/host/wasm/opcode"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// code rewrites the code section.
func (m *module) code(body []byte) ([]byte, error) {
	r := wasmfile.NewReader(body)
	count := r.U32()
	if r.Err() == nil && uint64(count) != uint64(len(m.types)) {
		return nil, errors.New("it has more or fewer functions than it declares")
	}
	out := make([]byte, 0, len(body)+len(body)/4)
	out = wasmfile.AppendU32(out, count)
	f := &function{module: m}
	for i := range count {
		source := r.Sized()
		if r.Err() != nil {
			return nil, r.Err()
		}
		f.self = m.imported + i
		text, err := f.rewrite(source, m.types[i])
		if err != nil {
			return nil, fmt.Errorf("function %d: %w", f.self, err)
		}
		out = wasmfile.AppendU32(out, uint32(len(text))) //nolint:gosec // far below 4 GiB
		out = append(out, text...)
	}
	return out, r.Finish()
}

// function rewrites one function after another, reusing its slices.
type function struct {
	module *module
	self   uint32 // its index

	groups uint32 // of declared local variables
	locals []byte // their declarations
	count  uint32 // of local variables, parameters included
	total  uint64 // of the local variables of all functions so far
	effort uint64 // of all functions so far
	blocks uint64
	loops  uint64
	code   []byte

	edits []edit
	// payers has an entry for each open block, the function itself first: the
	// charge, among the edits, that pays for what comes next in the block.
	payers []int
	// straight says that only straight code was seen so far, so whatever comes
	// next is reached whenever the function is called.
	straight bool
	bulk     bool
	// main is how many blocks are open in the loop that pays for the whole
	// function, itself counted, where it begins; 0 outside of it.
	main int
	out  []byte
}

// edit is a change to a function's code: skip bytes at an offset make way.
type edit struct {
	kind     editKind
	at, skip int
	// value is what a charge costs in instructions, an index that changes, or
	// the shift that turns the operand of a bulk instruction into a cost.
	value int64
}

type editKind byte

const (
	charge editKind = iota
	chargeOperand
	beginMain
	endMain
	moveIndex
	goDown // before a call that may lead back
	goUp   // after it
)

const (
	// maxLocals is the engine's own limit on a function's local variables. It
	// spells all of them out, so there is a limit on all functions' too.
	maxLocals    = 50_000
	maxAllLocals = 4_000_000
	// maxBody bounds a function's code, in bytes; Go's longest have 30 kB.
	maxBody = 1 << 20
	// maxEffort bounds what compiling costs: the engine's time grows with the
	// square of a function's blocks, and loops weigh as much as loopWeight
	// blocks. A Go program with half the standard library comes to 25 million.
	maxEffort  = 400_000_000
	loopWeight = 20
	// localsPerInstruction is how many local variables are set to zero at the
	// price of an instruction.
	localsPerInstruction = 8
)

// rewrite returns a function's new text, valid until the next call.
func (f *function) rewrite(source []byte, typ uint32) ([]byte, error) {
	if uint64(typ) >= uint64(len(f.module.params)) {
		return nil, errType
	}
	if len(source) > maxBody {
		return nil, fmt.Errorf("it has %d bytes of code, more than %d", len(source), maxBody)
	}
	if err := f.readLocals(source, f.module.params[typ]); err != nil {
		return nil, err
	}
	f.straight, f.bulk, f.blocks, f.loops, f.main = true, false, 0, 0, 0
	f.edits = append(f.edits[:0], edit{kind: charge, value: int64(f.count) / localsPerInstruction})
	f.payers = append(f.payers[:0], 0)
	if err := f.scan(); err != nil {
		return nil, err
	}
	f.effort += f.blocks*f.blocks + loopWeight*f.loops*f.loops
	if f.effort > maxEffort {
		return nil, errors.New("the module has so many blocks that it would take too long to compile")
	}
	return f.write(), nil
}

// readLocals splits source into declarations and code.
func (f *function) readLocals(source []byte, params uint32) error {
	r := wasmfile.NewReader(source)
	f.groups = r.U32()
	begin := len(source) - r.Len()
	total := uint64(params)
	for n := f.groups; n > 0 && r.Err() == nil; n-- {
		total += uint64(r.U32())
		wasmfile.TakeType(r)
	}
	if r.Err() != nil {
		return r.Err()
	}
	f.total += total
	if f.total > maxAllLocals {
		return fmt.Errorf("the module has more than %d local variables", maxAllLocals)
	}
	if total > maxLocals {
		return fmt.Errorf("it has %d local variables, more than %d", total, maxLocals)
	}
	end := len(source) - r.Len()
	f.locals, f.code, f.count = source[begin:end], source[end:], uint32(total)
	return nil
}

// scan visits every instruction.
func (f *function) scan() error {
	for at := 0; at < len(f.code); {
		if len(f.payers) == 0 {
			return errors.New("it goes on after its end")
		}
		if size := f.common(f.code[at:]); size > 0 {
			f.edits[f.payer()].value++
			at += size
			continue
		}
		r := wasmfile.NewReader(f.code[at:])
		in, err := opcode.Next(r)
		if err != nil {
			return err
		}
		after := len(f.code) - r.Len()
		if err := f.visit(&in, at, after); err != nil {
			return err
		}
		at = after
	}
	if len(f.payers) != 0 {
		return errors.New("its blocks do not end")
	}
	return nil
}

// common returns the length of the instruction at the front of code if it is
// one of the most common ones in its shortest form, which need no more than
// to be counted; 0 for all others.
func (f *function) common(code []byte) int {
	const short = 0x80 // below it an integer takes one byte
	switch op := code[0]; {
	case op >= opcode.Numeric && opcode.IsPlain(op):
		return 1
	case len(code) < 3 || code[1] >= short:
		return 0
	case op >= opcode.LocalGet && op <= opcode.LocalTee && uint32(code[1]) < f.count, op == opcode.I32Const:
		return 2
	case opcode.IsMemory(op) && code[2] < short:
		return 3
	default:
		return 0
	}
}
