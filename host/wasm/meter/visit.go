package meter

import (
	"github.com/musubi-run/musubi/host/wasm/opcode"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// visit prices one instruction, which stands from at to after, and notes what has to change.
func (f *function) visit(in *opcode.Instruction, at, after int) error {
	if in.Typed && uint64(in.Index) >= uint64(len(f.module.params)) {
		return errType
	}
	payer := f.payer()
	f.edits[payer].value += price(in)
	switch in.Op {
	case opcode.Block:
		f.push(payer)
	case opcode.Loop:
		f.pushLoop(in, at, after)
	case opcode.If:
		f.straight = false
		f.push(payer)
	case opcode.End:
		f.straight = false
		f.pop(after)
	case opcode.Br, opcode.BrIf:
		f.straight = false
		f.moveLabel(in.Index, at+1, after)
	case opcode.BrTable:
		f.straight = false
		f.moveLabels(at+1, after)
	case opcode.CallIndirect:
		f.straight = false
		f.countDepth(at, after)
	case opcode.Call:
		f.straight = false
		return f.call(in, at, after)
	case opcode.Unreachable, opcode.Else, opcode.Return, opcode.ReturnCallIndirect:
		f.straight = false
	case opcode.ReturnCall, opcode.RefFunc:
		f.straight = false
		return f.moveFunction(in, at, after)
	default:
		return f.visitPlain(in, at)
	}
	return nil
}

// visitPlain looks at instructions that do not change the flow.
func (f *function) visitPlain(in *opcode.Instruction, at int) error {
	switch in.Op {
	case opcode.LocalGet, opcode.LocalSet, opcode.LocalTee:
		if in.Index >= f.count {
			return errLocal
		}
	case opcode.GlobalGet, opcode.GlobalSet:
		if in.Index >= f.module.globals {
			return errGlobal
		}
	case opcode.PrefixMisc:
		if shift := bulkShift(in.Sub); shift > 0 {
			f.bulk = true
			f.edits = append(f.edits, edit{kind: chargeOperand, at: at, value: shift})
		}
	}
	return nil
}

// payer is the charge that pays for what comes next.
func (f *function) payer() int { return f.payers[len(f.payers)-1] }

func (f *function) push(payer int) {
	f.blocks++
	f.payers = append(f.payers, payer)
}

// pushLoop begins a loop, which pays for each of its turns. A loop that every
// call reaches at once pays for the function too: Go compiles most functions
// to one loop around a jump table.
func (f *function) pushLoop(in *opcode.Instruction, at, after int) {
	f.loops++
	switch first := f.straight && len(f.edits) == 1; {
	case first && !in.Typed:
		f.edits[0].kind, f.edits[0].at, f.edits[0].skip = beginMain, at, after-at
		f.push(0)
		f.main = len(f.payers)
	case first:
		f.edits[0].at = after
		f.push(0)
	default:
		f.edits = append(f.edits, edit{kind: charge, at: after})
		f.push(len(f.edits) - 1)
	}
	f.straight = false
}

// pop ends a block.
func (f *function) pop(after int) {
	if f.main > 0 && len(f.payers) == f.main {
		f.edits = append(f.edits, edit{kind: endMain, at: after})
		f.main = 0
	}
	f.payers = f.payers[:len(f.payers)-1]
}

// moveLabel moves a label that stands at an offset. One that leads out of the
// main loop has more blocks to leave than before.
func (f *function) moveLabel(label uint32, at, after int) {
	if f.main > 0 && uint64(label) > uint64(len(f.payers)-f.main) {
		f.edits = append(f.edits, edit{kind: moveIndex, at: at, skip: after - at, value: int64(label) + blocksAroundMain})
	}
}

// moveLabels moves those of a jump table.
func (f *function) moveLabels(at, after int) {
	if f.main == 0 {
		return
	}
	r := wasmfile.NewReader(f.code[at:after])
	for n := uint64(r.U32()) + 1; n > 0; n-- {
		from := after - r.Len()
		f.moveLabel(r.U32(), from, after-r.Len())
	}
}

// call moves a call and counts it if it may lead back: no cycle of direct
// calls has only such as lead to functions further up in the file. Go's linker
// puts a package behind what it imports, so most calls lead there.
func (f *function) call(in *opcode.Instruction, at, after int) error {
	if in.Index < f.self {
		return f.moveFunction(in, at, after)
	}
	f.edits = append(f.edits, edit{kind: goDown, at: at})
	f.blocks++
	err := f.moveFunction(in, at, after)
	f.edits = append(f.edits, edit{kind: goUp, at: after})
	return err
}

// countDepth counts the call that stands from at to after while it lasts.
func (f *function) countDepth(at, after int) {
	f.edits = append(f.edits, edit{kind: goDown, at: at}, edit{kind: goUp, at: after})
	f.blocks++
}

func (f *function) moveFunction(in *opcode.Instruction, at, after int) error {
	index, err := f.module.move(in.Index)
	if err != nil {
		return err
	}
	if index != in.Index {
		f.edits = append(f.edits, edit{kind: moveIndex, at: at + 1, skip: after - at - 1, value: int64(index)})
	}
	return nil
}
