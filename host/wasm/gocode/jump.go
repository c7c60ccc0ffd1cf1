package gocode

import (
	"github.com/musubi-run/musubi/host/wasm/opcode"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// table is the jump table that a function of Go's compiler begins with. A
// variable says with which of its parts the function begins, or goes on:
//
//	loop
//	  block block … block
//	    local.get variable
//	    br_table …
//	  end
//	  part 0
//	  end
//	  part 1
//	  …
//
// There is no loop if no part jumps to another.
type table struct {
	variable uint32
	// labels has the part for each value, the last one for all that are greater.
	// It is empty where there is no table.
	labels []uint32
	// at is where the table stands among the instructions, parts how many there
	// are, and loop the instruction that begins the loop, -1 without one.
	at, parts, loop int
	// inLoop and innermost are how many blocks are open outside of the loop and of
	// the block of part 0; inLoop is -1 outside of it.
	inLoop, innermost int
	// reads is how often the function reads the variable.
	reads int
	// ended is how many parts' blocks ended so far.
	ended int
}

// find looks whether the function begins with a jump table, before which there
// may be code that does not branch.
func (t *table) find(f *function) {
	*t = table{labels: t.labels[:0], loop: -1, inLoop: -1}
	i := 0
	for !f.is(i, opcode.Block) && !f.is(i, opcode.Loop) {
		if i >= len(f.list) || f.list[i].Op == opcode.If || f.list[i].Op == opcode.End {
			return
		}
		i++
	}
	blocks := 0
	for f.isVoid(i, opcode.Block) {
		blocks, i = blocks+1, i+1
	}
	if f.isVoid(i, opcode.Loop) {
		t.loop, blocks, i = i, 0, i+1
	}
	for f.isVoid(i, opcode.Block) {
		blocks, i = blocks+1, i+1
	}
	if f.follow(i, opcode.LocalGet, opcode.BrTable, opcode.End) {
		t.read(f, i, blocks)
	}
}

// isVoid reports whether a block begins at i that neither takes nor leaves a value.
func (f *function) isVoid(i int, op byte) bool {
	return f.is(i, op) && f.code[f.list[i].at+1] == wasmfile.VoidBlock
}

// read takes the labels, all of which lead out of one of so many blocks.
func (t *table) read(f *function, i, blocks int) {
	r := wasmfile.NewReader(f.code[f.list[i+1].at+1:])
	most := uint32(0)
	for n := uint64(r.U32()) + 1; n > 0; n-- {
		label := r.U32()
		most = max(most, label)
		t.labels = append(t.labels, label)
	}
	if r.Err() != nil || uint64(most) >= uint64(blocks) || len(t.labels) > maxLabels {
		t.labels = t.labels[:0]
		return
	}
	t.variable, t.at, t.parts = f.list[i].Index, i, int(most)+1
	for n := range f.list {
		if f.list[n].Op == opcode.LocalGet && f.list[n].Index == t.variable {
			t.reads++
		}
	}
}

// maxLabels is how long a table may be; Go's longest have some thousand labels.
const maxLabels = 20_000

// there reports whether there is a table.
func (t *table) there() bool { return len(t.labels) > 0 }

// enter is told which instruction begins a block, and how many are open. It
// returns the part that the block is of, -1 if it is none of the table's.
func (t *table) enter(i, open int) int {
	if !t.there() {
		return -1
	}
	if i == t.loop {
		t.inLoop = open
	}
	part := t.at - 1 - i
	if part < 0 || part >= t.parts {
		return -1
	}
	if part == 0 {
		t.innermost = open
	}
	return part
}

// leave is told that a block ends, and how many are open outside of it.
func (t *table) leave(open int) {
	if open == t.inLoop {
		t.inLoop = -1
	}
}

// isBack reports whether the jump at i leads to the table.
func (f *function) isBack(i int) bool {
	t := &f.table
	return t.there() && t.inLoop >= 0 && int(f.list[i].Index) == len(f.open)-1-t.inLoop
}

// leads returns the part that a value leads to.
func (t *table) leads(value uint32) int {
	return int(t.labels[min(uint64(value), uint64(len(t.labels)-1))])
}

// entries is how many values lead to part 0, if those are the first.
func (t *table) entries() (n uint32, first bool) {
	for n < uint32(len(t.labels)) && t.labels[n] == 0 { //nolint:gosec // counted by a u32
		n++
	}
	for _, label := range t.labels[n:] {
		if label == 0 {
			return 0, false
		}
	}
	return n, true
}

// jumps returns the part that the jump at i leads to through the table.
func (f *function) jumps(i int) (part int, through bool) {
	if !f.isBack(i) || !f.follow(i-2, opcode.I32Const, opcode.LocalSet) || f.list[i-1].Index != f.table.variable {
		return 0, false
	}
	return f.table.leads(f.number(i - 2)), true
}

// shorten lets the jump at i lead to its part at once if that is further down.
// It is false for a jump to the table that nobody knows where it leads.
func (f *function) shorten(i int) bool {
	part, through := f.jumps(i)
	if !through {
		return !f.isBack(i)
	}
	if part < f.table.ended {
		return true
	}
	label := uint32(len(f.open) - 1 - (f.table.innermost - part)) //nolint:gosec // the block is open
	// An if around nothing but the jump is a conditional jump.
	if f.isVoid(i-3, opcode.If) && f.is(i+1, opcode.End) && f.table.reads == 1 {
		f.open[len(f.open)-1].gone = true
		f.when(i-3, f.list[i+1].end, wasmfile.AppendU32([]byte{opcode.BrIf}, label-1))
	} else {
		f.replace(f.list[i].at+1, f.list[i].end, wasmfile.AppendU32(nil, label)...)
	}
	return true
}

// when replaces the code from the if at i to end with a conditional jump. If
// the condition is that a comparison does not hold, the opposite one takes its place.
func (f *function) when(i, end int, jump []byte) {
	if f.is(i-1, opcode.I32Eqz) {
		if opposite := inverse(f.list[i-2].Op); opposite != nil {
			f.replace(f.list[i-2].at, end, append(opposite, jump...)...)
			return
		}
	}
	f.replace(f.list[i].at, end, jump...)
}

// skip writes the if that ends at i as a block that a conditional jump leaves.
// Behind the end of an if the engine forgets what it knows of the memory.
func (f *function) skip(b *block) {
	if !f.frame.active || b.op != opcode.If || b.otherwise || b.gone || !f.isVoid(b.at, opcode.If) {
		return
	}
	in := &f.list[b.at]
	block := wasmfile.AppendU32([]byte{opcode.Block}, f.module.taking)
	block = append(block, opcode.BrIf, 0)
	f.negate(b.at-1, in.end, block)
}

// negate replaces the code from a condition's last instruction to end with the
// opposite condition and text.
func (f *function) negate(i, end int, text []byte) {
	last := &f.list[i]
	if last.Op == opcode.I32Eqz {
		f.replace(last.at, end, text...)
		return
	}
	if opposite := inverse(last.Op); opposite != nil {
		f.replace(last.at, end, append(opposite, text...)...)
		return
	}
	f.replace(last.end, end, append([]byte{opcode.I32Eqz}, text...)...)
}

// inverse is the code for the opposite of a comparison, nil if it is none of integers.
func inverse(op byte) []byte {
	if op == opcode.I64Eqz {
		return []byte{opcode.I64Const, 0, opcode.I64Ne}
	}
	if opposite, known := opcode.Inverse(op); known {
		return []byte{opposite}
	}
	return nil
}

// run is a run of values that lead to one part.
type run struct{ from, part uint32 }

func (t *table) runs() (runs []run) {
	for value, part := range t.labels {
		if len(runs) == 0 || runs[len(runs)-1].part != part {
			runs = append(runs, run{uint32(value), part}) //nolint:gosec // counted by a u32
		}
	}
	return runs
}

// asTree writes the table as comparisons, the function's beginning first. Behind
// a table the engine forgets what it knows of the variables.
func (t *table) asTree(out []byte) []byte {
	runs := t.runs()
	if len(runs) > 1 && runs[0].part == 0 {
		out = append(t.appendCompared(out, runs[1].from, opcode.I32LtU), opcode.BrIf, 0)
		runs = runs[1:]
	}
	return t.appendTree(out, runs, 0)
}

func (t *table) appendTree(out []byte, runs []run, depth uint32) []byte {
	if len(runs) == 1 {
		return wasmfile.AppendU32(append(out, opcode.Br), runs[0].part+depth)
	}
	half := len(runs) / 2
	out = t.appendCompared(append(out, opcode.Block, wasmfile.VoidBlock), runs[half].from, opcode.I32GeU)
	out = t.appendTree(append(out, opcode.BrIf, 0), runs[:half], depth+1)
	return t.appendTree(append(out, opcode.End), runs[half:], depth)
}

// appendCompared appends a comparison of the variable with a value.
func (t *table) appendCompared(out []byte, value uint32, op byte) []byte {
	out = wasmfile.AppendU32(append(out, opcode.LocalGet), t.variable)
	return append(wasmfile.AppendS64(append(out, opcode.I32Const), int64(value)), op)
}
