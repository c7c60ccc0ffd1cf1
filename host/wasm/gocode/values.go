package gocode

import (
	"github.com/musubi-run/musubi/host/wasm/opcode"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// value is one on the engine's stack.
type value struct {
	kind kind
	// at is how far an address is from where the stack pointer was in the
	// beginning, or a number.
	at int64
	// first and last are the instructions that made it. An address that others
	// than these depend on has none: first is -1.
	first, last int
}

type kind byte

const (
	other   kind = iota
	address      // on Go's stack
	wide         // the same, as an i64
	constant
	global // the stack pointer between functions
)

func (r *frame) push(v value) { r.stack = append(r.stack, v) }

func (r *frame) pop() value {
	if len(r.stack) == 0 {
		return value{}
	}
	v := r.stack[len(r.stack)-1]
	r.stack = r.stack[:len(r.stack)-1]
	return v
}

// pass follows any other instruction.
func (r *frame) pass(f *function, i int) {
	if !r.active || r.pointer.dead {
		return
	}
	in := &f.list[i]
	switch in.Op {
	case opcode.LocalGet:
		r.get(in, i)
	case opcode.LocalSet, opcode.LocalTee:
		v := r.pop()
		if in.Index == r.local {
			r.set(f, i, v)
		}
		if v.first = -1; in.Op == opcode.LocalTee {
			r.push(v)
		}
	case opcode.GlobalGet:
		v := value{first: i, last: i}
		if in.Index == r.global {
			v.kind = global
		}
		r.push(v)
	case opcode.I32Const:
		r.push(value{constant, int64(int32(f.number(i))), i, i}) //nolint:gosec // two's complement
	case opcode.I64Const:
		r.push(value{constant, wasmfile.S64(f.code[in.at+1:]), i, i})
	case opcode.Call, opcode.CallIndirect:
		r.called = i
		r.stack = r.stack[:0]
	case opcode.Return, opcode.Unreachable, opcode.ReturnCall, opcode.ReturnCallIndirect:
		r.pointer.dead = true
	case opcode.BrTable:
		r.active = i == f.table.at+1
		r.pointer.dead = true
	default:
		r.compute(f, i)
	}
}

// get puts a variable on the stack.
func (r *frame) get(in *instruction, i int) {
	v := value{first: i, last: i}
	if in.Index == r.local && r.pointer.known {
		v.kind, v.at = address, int64(r.pointer.at)
	}
	r.push(v)
}

// set gives the stack pointer a value.
func (r *frame) set(f *function, i int, v value) {
	switch {
	case i == 1: // how the function begins
	case v.kind == address && v.at == int64(int32(v.at)): //nolint:gosec // that is the question
		r.pointer = pointer{at: int32(v.at), known: true} //nolint:gosec // see above
	case v.kind == global && r.called == i-2:
		r.comeBack(f, i)
	default:
		r.pointer.known = false
	}
}

// comeBack gives the stack pointer the value that it has behind a call. A call
// of Go's own is followed by the question whether to leave, and only where that
// is not the case the stack is the same.
func (r *frame) comeBack(f *function, i int) {
	switch {
	case f.is(i+1, opcode.BrIf):
		r.pointer.at += returnAddress
		i++
	case f.follow(i+1, opcode.If, opcode.Unreachable, opcode.End):
		r.pointer.at += returnAddress
		i += 3
	case f.is(i+1, opcode.If):
		r.active = false
	}
	panics := f.is(r.called, opcode.Call) && f.module.isPanic(f.list[r.called].Index)
	if r.pointer.known && !panics {
		r.returns = append(r.returns, returned{i, r.pointer.at, uint32(len(f.open) - 1)}) //nolint:gosec // so many are open
	}
}

// compute follows an instruction that computes something, or reaches the memory.
func (r *frame) compute(f *function, i int) {
	op := f.list[i].Op
	switch {
	case opcode.IsMemory(op):
		if op >= opcode.I32Store {
			r.pop()
		}
		if base := r.pop(); base.kind == address && base.first >= 0 {
			r.accesses = append(r.accesses, access{base, i})
		}
		if op < opcode.I32Store {
			r.push(value{})
		}
	case op == opcode.I64ExtendU, op == opcode.I32WrapI64:
		r.push(r.pop().widened(op, i))
	case op == opcode.I32Add, op == opcode.I32Sub, op == opcode.I64Add:
		b, a := r.pop(), r.pop()
		r.push(a.moved(b, op, i))
	default:
		r.forget(op)
	}
}

// widened is the value as the other kind of integer.
func (v value) widened(op byte, i int) value {
	from, to := address, wide
	if op == opcode.I32WrapI64 {
		from, to = wide, address
	}
	if v.kind != from {
		return value{}
	}
	if v.kind = to; v.last != i-1 {
		v.first = -1
	}
	v.last = i
	return v
}

// moved is the value plus or minus another.
func (v value) moved(by value, op byte, i int) value {
	fits := v.kind == address
	if op == opcode.I64Add {
		fits = v.kind == wide
	}
	if !fits || by.kind != constant {
		return value{}
	}
	if op == opcode.I32Sub {
		by.at = -by.at
	}
	if v.last+1 != by.first || by.last != i-1 {
		v.first = -1
	}
	v.at, v.last = v.at+by.at, i
	return v
}

// forget follows an instruction that makes no address out of one: of most it is
// enough to know how many values they take and leave.
func (r *frame) forget(op byte) {
	takes, leaves := opcode.Arity(op)
	if takes < 0 {
		r.stack = r.stack[:0]
		return
	}
	for range takes {
		r.pop()
	}
	for range leaves {
		r.push(value{})
	}
}
