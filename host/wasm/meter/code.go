package meter

import (
	"errors"
	"fmt"

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
		text, err := f.rewrite(source, m.types[i])
		if err != nil {
			return nil, fmt.Errorf("function %d: %w", uint64(i)+uint64(m.imported), err)
		}
		out = wasmfile.AppendU32(out, uint32(len(text))) //nolint:gosec // far below 4 GiB
		out = append(out, text...)
	}
	return out, r.Finish()
}

// function rewrites one function after another, reusing its slices.
type function struct {
	module *module

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
	out      []byte
}

// edit is a change to a function's code: skip bytes at an offset make way.
type edit struct {
	kind     editKind
	at, skip int
	// value is what a charge costs in instructions, a function's new index, or
	// the shift that turns the operand of a bulk instruction into a cost.
	value int64
}

type editKind byte

const (
	charge editKind = iota
	chargeOperand
	moveFunction
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
	f.straight, f.bulk, f.blocks, f.loops = true, false, 0, 0
	f.edits = append(f.edits[:0], edit{kind: charge, value: int64(f.count) / localsPerInstruction})
	f.payers = append(f.payers[:0], 0)
	r := wasmfile.NewReader(f.code)
	for r.Len() > 0 {
		at := len(f.code) - r.Len()
		in, err := next(r)
		if err != nil {
			return nil, err
		}
		if err := f.visit(&in, at, len(f.code)-r.Len()); err != nil {
			return nil, err
		}
	}
	if len(f.payers) != 0 {
		return nil, errors.New("its blocks do not end")
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
		r.Byte()
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

// visit prices one instruction, which stands from at to after, and notes what has to change.
func (f *function) visit(in *instruction, at, after int) error {
	if len(f.payers) == 0 {
		return errors.New("it goes on after its end")
	}
	if in.typed && uint64(in.index) >= uint64(len(f.module.params)) {
		return errType
	}
	payer := f.payers[len(f.payers)-1]
	f.edits[payer].value += price(in)
	switch in.op {
	case opBlock:
		f.push(payer)
	case opLoop:
		f.pushLoop(after)
	case opIf:
		f.straight = false
		f.push(payer)
	case opEnd:
		f.straight = false
		f.payers = f.payers[:len(f.payers)-1]
	case opUnreachable, opElse, opBr, opBrIf, opBrTable, opReturn, opCallIndirect, opReturnCallIndirect:
		f.straight = false
	case opCall, opReturnCall, opRefFunc:
		f.straight = false
		return f.moveFunction(in, at, after)
	default:
		return f.visitPlain(in, at)
	}
	return nil
}

// visitPlain looks at instructions that do not change the flow.
func (f *function) visitPlain(in *instruction, at int) error {
	switch in.op {
	case opLocalGet, opLocalSet, opLocalTee:
		if in.index >= f.count {
			return errLocal
		}
	case opGlobalGet, opGlobalSet:
		if in.index >= f.module.globals {
			return errGlobal
		}
	case prefixMisc:
		if shift := bulkShift(in.sub); shift > 0 {
			f.bulk = true
			f.edits = append(f.edits, edit{kind: chargeOperand, at: at, value: shift})
		}
	}
	return nil
}

func (f *function) push(payer int) {
	f.blocks++
	f.payers = append(f.payers, payer)
}

// pushLoop begins a loop, which pays for each of its turns. A loop that every
// call reaches at once pays for the function too: Go compiles most functions
// to one loop around a jump table.
func (f *function) pushLoop(after int) {
	f.loops++
	if f.straight && len(f.edits) == 1 {
		f.edits[0].at = after
		f.push(0)
	} else {
		f.edits = append(f.edits, edit{kind: charge, at: after})
		f.push(len(f.edits) - 1)
	}
	f.straight = false
}

func (f *function) moveFunction(in *instruction, at, after int) error {
	index, err := f.module.move(in.index)
	if err != nil {
		return err
	}
	if index != in.index {
		f.edits = append(f.edits, edit{kind: moveFunction, at: at + 1, skip: after - at - 1, value: int64(index)})
	}
	return nil
}

// write returns the function's text with all edits.
func (f *function) write() []byte {
	out := f.out[:0]
	groups := f.groups
	if f.bulk {
		groups++
	}
	out = append(wasmfile.AppendU32(out, groups), f.locals...)
	if f.bulk {
		out = append(out, 1, typeI32)
	}
	from := 0
	for _, e := range f.edits {
		out = append(out, f.code[from:e.at]...)
		from = e.at + e.skip
		out = f.apply(out, e)
	}
	out = append(out, f.code[from:]...)
	f.out = out
	return out
}

func (f *function) apply(out []byte, e edit) []byte {
	switch e.kind {
	case charge:
		out = f.appendFuel(out, opGlobalGet)
		out = wasmfile.AppendS64(append(out, opI64Const), 1+e.value/Stretch)
		return f.appendPay(out)
	case chargeOperand:
		out = wasmfile.AppendU32(append(out, opLocalTee), f.count)
		out = f.appendFuel(out, opGlobalGet)
		out = wasmfile.AppendU32(append(out, opLocalGet), f.count)
		out = wasmfile.AppendS64(append(out, opI64ExtendU, opI64Const), e.value)
		return f.appendPay(append(out, opI64ShrU))
	default:
		return wasmfile.AppendU32(out, uint32(e.value)) //nolint:gosec // an index
	}
}

// appendPay appends: fuel = fuel - cost; if fuel < 0, refuel. Both operands are
// on the stack.
func (f *function) appendPay(out []byte) []byte {
	out = f.appendFuel(append(out, opI64Sub), opGlobalSet)
	out = f.appendFuel(out, opGlobalGet)
	out = append(out, opI64Const, 0, opI64LtS, opIf, voidBlock, opCall)
	return append(wasmfile.AppendU32(out, f.module.imported), opEnd)
}

func (f *function) appendFuel(out []byte, op byte) []byte {
	return wasmfile.AppendU32(append(out, op), f.module.globals)
}
