package gocode

import "github.com/musubi-run/musubi/host/wasm/opcode"

// block is an open block of any kind.
type block struct {
	op byte
	at int // the instruction that begins it
	// part is the number of the block in the jump table, -1 for all others.
	part int
	// before is where the stack pointer was when the block began, after where it
	// is when somebody jumps behind its end.
	before, after pointer
	// met says that somebody jumps there.
	met bool
	// otherwise says that an if has an else.
	otherwise bool
	// gone says that the block is left out.
	gone bool
}

// walk goes through the function once, in the order of the text. It is false
// for code that is not well formed.
func (f *function) walk() bool {
	f.open = append(f.open[:0], block{op: opcode.Block, part: -1})
	for i := range f.list {
		if len(f.open) == 0 {
			return false // it goes on after its end
		}
		if !f.step(i) {
			return false
		}
	}
	return len(f.open) == 0
}

func (f *function) step(i int) bool {
	in := &f.list[i]
	switch in.Op {
	case opcode.Block, opcode.Loop, opcode.If:
		f.frame.enter(f, i)
		part := f.table.enter(i, len(f.open))
		f.open = append(f.open, block{op: in.Op, at: i, part: part, before: f.frame.pointer})
	case opcode.Else:
		f.frame.turn(&f.open[len(f.open)-1])
	case opcode.End:
		f.frame.leave(f, i, &f.open[len(f.open)-1])
		f.skip(&f.open[len(f.open)-1])
		f.open = f.open[:len(f.open)-1]
		f.table.leave(len(f.open))
	case opcode.Br, opcode.BrIf:
		if uint64(in.Index) >= uint64(len(f.open)) {
			return false
		}
		f.ends = f.ends || int(in.Index) == len(f.open)-1
		f.frame.jump(f, i)
		if in.Op == opcode.Br {
			return f.shorten(i)
		}
		f.settle(i)
		return !f.isBack(i)
	case opcode.PrefixMisc:
		if !f.unroll(i) {
			f.frame.meets(i) // in most of them: in the engine, or where the meter asks for fuel
		}
		f.frame.pass(f, i)
	case opcode.BrTable:
		f.frame.pass(f, i)
		return !f.table.there() || i == f.table.at+1
	default:
		f.frame.pass(f, i)
	}
	return true
}

// target is the block that a label leads out of, or the loop that it leads back to.
func (f *function) target(label uint32) *block { return &f.open[len(f.open)-1-int(label)] }
