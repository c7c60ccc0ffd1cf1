package gocode_test

import (
	"bytes"
	"testing"

	"github.com/musubi-run/musubi/host/wasm/gocode"
	"github.com/musubi-run/musubi/host/wasm/internal/asm"
)

var status = asm.Type{Params: []byte{asm.I32}, Results: []byte{asm.I32}}

// Code that looks like that of Go's compiler and is not does the same as before.
func TestLookAlikesDoTheSame(t *testing.T) {
	begin := asm.Op(0x23, 0, 0x21, pointer)
	store := func(value int32, offset byte) []byte {
		return asm.Code(asm.Get(pointer), asm.Const(value), asm.Op(0x36, 2, offset))
	}
	count := asm.Code(asm.Get(pointer), asm.Get(pointer), asm.Op(0x28, 2, 4), asm.Const(1), asm.Op(0x6a, 0x36, 2, 4))
	// mark stores something if the function that is called returns 0.
	mark := asm.Code(
		asm.Op(0x02, 0x40, 0x02, 0x40), asm.Const(0), asm.Call(1), asm.Op(0x23, 0, 0x21, pointer, 0x0d, 1, 0x0b),
		asm.Op(0x23, 0), asm.Const(7), asm.Op(0x36, 2, 0, 0x0b), asm.Const(5),
	)
	table := asm.Code(asm.Get(number), asm.Op(0x0e, 1, 0, 1, 0x0b)) // br_table 0 1
	for name, funcs := range map[string][]asm.Func{
		"the stack pointer moves before the table": {{Code: asm.Code(
			begin, asm.Get(pointer), asm.Const(16), asm.Op(0x6b, 0x21, pointer, 0x02, 0x40, 0x02, 0x40), table,
			store(7, 0), store(8, 4), asm.Op(0x0b), store(9, 8), asm.Get(pointer),
		)}},
		"a stack pointer that nobody knows, and a call": {
			{Code: asm.Code(
				begin, asm.Op(0x02, 0x40, 0x02, 0x40, 0x02, 0x40), table, store(7, 0), store(8, 4), asm.Op(0x0b),
				asm.Get(number), asm.Op(0x45, 0x04, 0x40), asm.Get(pointer), asm.Const(16), asm.Op(0x6b, 0x22, pointer, 0x24, 0, 0x0b),
				asm.Const(0), asm.Call(1), asm.Op(0x23, 0, 0x21, pointer, 0x0d, 0), store(9, 8), asm.Op(0x0b), asm.Get(pointer),
			)},
			{Type: status, Code: asm.Code(asm.Op(0x23, 0), asm.Const(8), asm.Op(0x6a, 0x24, 0), asm.Const(0))},
		},
		"a conditional jump back to the table": {{Code: asm.Code(
			begin, asm.Op(0x03, 0x40, 0x02, 0x40, 0x02, 0x40), table,
			count, asm.Get(register), asm.Op(0x45, 0x04, 0x40), asm.Const(1), asm.Op(0x21, number, 0x0c, 2, 0x0b, 0x0b),
			asm.Get(register), asm.Const(1), asm.Op(0x6a, 0x22, register), asm.Const(4), asm.Op(0x48, 0x0d, 0, 0x0b), asm.Get(register),
		)}},
		"a function without a result that ends with a number": {
			{Code: mark},
			{Type: asm.Type{}, Code: asm.Code(asm.Const(1), asm.Op(0x0f), asm.Unreachable)},
		},
		"a function that returns what another returns": {
			{Code: mark},
			{Type: status, Locals: 1, Code: asm.Code(asm.Const(0), asm.Call(2), asm.Op(0x23, 0, 0x21, pointer, 0x0f), asm.Unreachable)},
			{Type: status, Code: asm.Const(0)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			funcs[0].Name, funcs[0].Type, funcs[0].Locals = "f", status, 2
			source := (&asm.Module{Pages: pages, Globals: []int32{stackTop}, Funcs: funcs}).Bytes()
			for _, value := range []uint64{0, 1, 7} {
				if want, got := outcome(t, source, value), outcome(t, gocode.Rewrite(source), value); want != got {
					t.Errorf("value %d: %+v, want %+v", value, got.short(), want.short())
				}
			}
		})
	}
}

// A function whose stack pointer is elsewhere after a call ends with a trap: it
// would go on with what is not its own.
func TestStackThatMovedIsATrap(t *testing.T) {
	m := &maker{parts: 1, last: 1}
	push := asm.Code(m.move(-8), asm.Get(pointer), asm.Const64(1), asm.Op(0x37, 3, 0))
	store := func(offset byte) []byte { return asm.Code(asm.Get(pointer), asm.Const(7), asm.Op(0x36, 2, offset)) }
	caller := asm.Code(
		asm.Op(0x23, 0, 0x21, pointer, 0x02, 0x40, 0x02, 0x40, 0x02, 0x40), asm.Get(number), asm.Op(0x0e, 1, 0, 1, 0x0b),
		m.move(-32), store(0), store(8), push, asm.Const(0), asm.Call(1), asm.Op(0x23, 0, 0x21, pointer, 0x0d, 1, 0x0b),
		store(16), m.move(32), m.move(8), asm.Const(0), asm.Op(0x0f, 0x0b), asm.Const(1),
	)
	moves := asm.Code(asm.Op(0x23, 0), asm.Const(8-64), asm.Op(0x6a, 0x24, 0), asm.Const(0))
	source := (&asm.Module{Pages: pages, Globals: []int32{stackTop}, Funcs: []asm.Func{
		{Name: "f", Type: status, Locals: 1, Code: caller}, {Type: status, Code: moves},
	}}).Bytes()
	easier := gocode.Rewrite(source)
	if bytes.Equal(source, easier) {
		t.Fatal("nothing was changed")
	}
	if plain, got := outcome(t, source, 0), outcome(t, easier, 0); plain.trapped || !got.trapped {
		t.Errorf("plain %+v, rewritten %+v", plain.short(), got.short())
	}
}
