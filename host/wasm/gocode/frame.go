package gocode

import "github.com/musubi-run/musubi/host/wasm/opcode"

// frame finds out how far each access to Go's stack is from where the stack
// pointer was when the function was called, and lets all of them count from one
// place: the lowest that the function uses. That is a variable of its own,
// which never changes, and at the beginning a look at the highest place lets
// the engine know that all are within the memory.
//
// That needs a stack that stays where it is while a function runs. Go moves
// stacks, but only where the functions on one are to begin anew; elsewhere it
// may not, and behind every call the function looks whether the stack pointer
// is where it was, and traps if not. It also needs a frame that is in the memory
// as a whole: a function whose frame is not traps when it begins.
type frame struct {
	// active says that the function begins as those of Go's compiler and nothing
	// was found so far that is not understood; used that accesses were changed.
	active, used bool
	// global is the stack pointer between functions, local within this one.
	global, local uint32

	pointer pointer // where the walk is
	// called is the instruction of the last call.
	called int
	// parts is the stack pointer at the beginning of all parts but the first.
	parts pointer

	stack    []value
	accesses []access
	// ends are the instructions behind which code from several places has met,
	// returns those behind which a call came back.
	ends    []int
	returns []returned
}

// pointer is the stack pointer, in bytes from where it was in the beginning.
type pointer struct {
	at    int32
	known bool
	// dead says that the code is never reached.
	dead bool
}

// access is a load or a store on Go's stack.
type access struct {
	base value
	at   int // the instruction
}

// returned is an instruction behind which the stack pointer is known again, and
// how many blocks are open there.
type returned struct {
	i    int
	at   int32
	open uint32
}

const (
	// largest is the largest frame that is looked at, in bytes. Go's linker leaves
	// more than that free at the beginning of the memory, so that what is below a
	// stack is memory too.
	largest = 4096
	// farthest is the farthest access from the lowest place of a frame.
	farthest = 1 << 16
	// fewest is how many accesses are worth a look at the memory's end.
	fewest = 2
	// returnAddress is the size of what a call puts on the stack.
	returnAddress = 8
)

// begin looks whether the function begins as those of Go's compiler.
func (r *frame) begin(f *function) {
	*r = frame{stack: r.stack[:0], accesses: r.accesses[:0], ends: r.ends[:0], returns: r.returns[:0], called: -1}
	if !f.table.there() || !f.isGo() {
		return
	}
	if !f.is(2, opcode.Block) && !f.is(2, opcode.Loop) {
		return // what else stands before the table may be anything
	}
	r.active, r.global, r.local = true, f.list[0].Index, f.list[1].Index
	r.pointer.known = true
}

// enter begins a block.
func (r *frame) enter(f *function, i int) {
	if f.is(i, opcode.If) {
		r.pop()
	}
	r.stack = r.stack[:0]
}

// turn goes over to what an if does otherwise.
func (r *frame) turn(b *block) {
	r.meet(b, r.pointer)
	b.otherwise = true
	r.pointer = b.before
	r.stack = r.stack[:0]
}

// meet notes that a jump leads behind the end of a block.
func (r *frame) meet(b *block, p pointer) {
	switch {
	case p.dead:
	case !b.met:
		b.met, b.after = true, p
	case b.after != p:
		b.after = pointer{}
	}
}

// leave ends a block.
func (r *frame) leave(f *function, i int, b *block) {
	r.stack = r.stack[:0]
	if len(f.open) > 1 && !b.gone && b.op != opcode.Loop && b.part != 0 {
		r.ends = append(r.ends, i)
	}
	switch {
	case b.part == 0:
		r.pointer = pointer{known: true} // the table leads here first
		f.table.ended++
		return
	case b.part > 0:
		r.arrive(r.pointer)
		r.pointer = r.parts
		f.table.ended++
		if !r.parts.known {
			r.active = false // only the table leads here
		}
		return
	case b.op == opcode.Loop:
		return
	}
	if b.op == opcode.If && !b.otherwise {
		r.meet(b, b.before)
	}
	r.meet(b, r.pointer)
	r.pointer = pointer{dead: true}
	if b.met {
		r.pointer = b.after
	}
}

// meets notes that code from several places has met in what an instruction does.
func (r *frame) meets(i int) {
	if r.active && !r.pointer.dead {
		r.ends = append(r.ends, i)
	}
}

// arrive notes that a part but the first begins with a stack pointer.
func (r *frame) arrive(p pointer) {
	switch {
	case p.dead:
	case !p.known, r.parts.known && r.parts != p:
		r.active = false
	default:
		r.parts = p
	}
}

// jump follows a jump.
func (r *frame) jump(f *function, i int) {
	in := &f.list[i]
	if in.Op == opcode.BrIf {
		r.pop()
	}
	b := f.target(in.Index)
	part, through := f.jumps(i)
	switch {
	case r.pointer.dead:
	case through && part > 0, b.part > 0:
		r.arrive(r.pointer)
	case b.part == 0, f.isBack(i):
		r.active = false // back to the beginning, or nobody knows where
	case b.op == opcode.Loop:
		r.active = r.active && b.before == r.pointer
	default:
		r.meet(b, r.pointer)
	}
	if in.Op == opcode.Br {
		r.pointer.dead = true
	}
	r.stack = r.stack[:0]
}
