package meter

import (
	"github.com/musubi-run/musubi/host/wasm/opcode"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// write returns the function's text with all edits.
func (f *function) write() []byte {
	out := f.out[:0]
	groups := f.groups
	if f.bulk {
		groups++
	}
	out = append(wasmfile.AppendU32(out, groups), f.locals...)
	if f.bulk {
		out = append(out, 1, wasmfile.TypeI32)
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
		return f.appendRefuel(f.appendCharge(appendBlock(out), e.value))
	case chargeOperand:
		return f.appendRefuel(f.appendChargeOperand(out, e.value))
	case beginMain:
		return f.appendBeginMain(out, f.code[e.at+1], e.value)
	case endMain:
		return f.appendEndMain(out)
	case goDown:
		return f.appendGoDown(out)
	case goUp:
		return f.appendStep(out, 1)
	default:
		return wasmfile.AppendU32(out, uint32(e.value)) //nolint:gosec // an index
	}
}

// blocksAroundMain is how many blocks beginMain puts around the main loop.
const blocksAroundMain = 3

// The main loop of a function, which most charges of a Go guest belong to, asks
// for fuel from outside of it:
//
//	block                     ;; done, of the loop's type
//	  loop                    ;; again
//	    block                 ;; empty
//	      loop                ;; of its type
//	        charge; br_if empty
//	        …
//	      end
//	      br done
//	    end
//	    call refuel
//	    br again
//	  end
//	end
//
// A call within the loop would make the engine keep the loop's values where
// calls leave them alone: that cost Go guests 8 %, and this nothing measurable.
func (f *function) appendBeginMain(out []byte, blockType byte, cost int64) []byte {
	out = append(out, opcode.Block, blockType, opcode.Loop, wasmfile.VoidBlock, opcode.Block, wasmfile.VoidBlock, opcode.Loop, blockType)
	return append(f.appendCharge(out, cost), opcode.I64LtS, opcode.BrIf, 1)
}

func (f *function) appendEndMain(out []byte) []byte {
	out = f.appendCall(append(out, opcode.Br, 2, opcode.End))
	return append(out, opcode.Br, 0, opcode.End, opcode.Unreachable, opcode.End)
}

// appendCharge appends: fuel = fuel - cost; fuel, 0.
func (f *function) appendCharge(out []byte, cost int64) []byte {
	out = f.appendFuel(out, opcode.GlobalGet)
	out = wasmfile.AppendS64(append(out, opcode.I64Const), 1+cost/Stretch)
	return f.appendPay(out)
}

// appendChargeOperand appends the same for a cost that follows from the
// operand on the stack, which stays there, in a block of its own.
func (f *function) appendChargeOperand(out []byte, shift int64) []byte {
	out = wasmfile.AppendU32(append(out, opcode.LocalTee), f.count)
	out = f.appendFuel(appendBlock(out), opcode.GlobalGet)
	out = wasmfile.AppendU32(append(out, opcode.LocalGet), f.count)
	out = wasmfile.AppendS64(append(out, opcode.I64ExtendU, opcode.I64Const), shift)
	return f.appendPay(append(out, opcode.I64ShrU))
}

func (f *function) appendPay(out []byte) []byte {
	out = f.appendFuel(append(out, opcode.I64Sub), opcode.GlobalSet)
	out = f.appendFuel(out, opcode.GlobalGet)
	return append(out, opcode.I64Const, 0)
}

// appendGoDown appends: depth = depth - 1, and the end of the guest below 0.
// That the call there does not come back spares the engine a place where code
// from two places meets.
func (f *function) appendGoDown(out []byte) []byte {
	out = f.appendDepth(f.appendStep(appendBlock(out), -1), opcode.GlobalGet)
	out = append(out, opcode.I32Const, 0, opcode.I32GeS, opcode.BrIf, 0)
	return append(f.appendCall(out), opcode.Unreachable, opcode.End)
}

// appendStep appends: depth = depth + step.
func (f *function) appendStep(out []byte, step int64) []byte {
	out = f.appendDepth(out, opcode.GlobalGet)
	out = wasmfile.AppendS64(append(out, opcode.I32Const), step)
	return f.appendDepth(append(out, opcode.I32Add), opcode.GlobalSet)
}

func (f *function) appendDepth(out []byte, op byte) []byte {
	return wasmfile.AppendU32(append(out, op), f.module.globals+1)
}

func appendBlock(out []byte) []byte { return append(out, opcode.Block, wasmfile.VoidBlock) }

// appendRefuel appends the rest of a block in which fuel and 0 are on the
// stack: if there is too little, ask for more.
//
// It is not an if, because behind the end of one without an else the engine has
// forgotten which addresses are known to be in the memory, and checks them all again.
func (f *function) appendRefuel(out []byte) []byte {
	return append(f.appendCall(append(out, opcode.I64GeS, opcode.BrIf, 0)), opcode.End)
}

func (f *function) appendCall(out []byte) []byte {
	return wasmfile.AppendU32(append(out, opcode.Call), f.module.imported)
}

func (f *function) appendFuel(out []byte, op byte) []byte {
	return wasmfile.AppendU32(append(out, op), f.module.globals)
}
