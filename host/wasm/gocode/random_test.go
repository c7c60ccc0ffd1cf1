package gocode_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"math/rand/v2"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/musubi-run/musubi/host/wasm/gocode"
	"github.com/musubi-run/musubi/host/wasm/internal/asm"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

var manySeeds = flag.Int("seeds", 150, "how many modules TestRandomFunctionsDoTheSame makes")

// Functions as Go's compiler makes them, of parts in any order with any jumps
// between them, leave the same memory and return the same.
func TestRandomFunctionsDoTheSame(t *testing.T) {
	changed := 0
	for seed := range *manySeeds {
		source := randomModule(uint64(seed))
		easier := gocode.Rewrite(source)
		if !bytes.Equal(source, easier) {
			changed++
		}
		// Part 0 is where a function begins; it may also go on with another.
		for _, value := range []uint64{0, 1, 2, 5, 99} {
			want, got := outcome(t, source, value), outcome(t, easier, value)
			if want != got {
				t.Fatalf("seed %d, value %d: %+v, want %+v", seed, value, got.short(), want.short())
			}
		}
	}
	if changed < *manySeeds*9/10 {
		t.Errorf("only %d of %d modules were changed", changed, *manySeeds)
	}
}

// FuzzRewrite: no input makes Rewrite panic, and what the engine accepts it still accepts.
func FuzzRewrite(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(randomModule(seed))
	}
	rt := engine(f, wazero.NewRuntimeConfigInterpreter().WithCustomSections(false))
	compiles := func(source []byte) bool {
		module, err := rt.CompileModule(context.Background(), source)
		return err == nil && module.Close(context.Background()) == nil
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		easier := gocode.Rewrite(source)
		if !bytes.Equal(source, easier) && compiles(source) && !compiles(easier) {
			t.Error("it does not compile any more")
		}
	})
}

// result is what came of a call.
type result struct {
	returned uint64
	trapped  bool
	pointer  uint64
	memory   string
}

func (r result) short() result { r.memory = r.memory[:64]; return r }

const pages = 1

func outcome(t *testing.T, source []byte, value uint64) result {
	t.Helper()
	ctx := context.Background()
	rt := engine(t, wazero.NewRuntimeConfig())
	defer rt.Close(ctx)
	module, err := rt.Instantiate(ctx, source)
	if err != nil {
		t.Fatal(err)
	}
	returned, err := module.ExportedFunction("f").Call(ctx, value)
	r := result{trapped: err != nil, pointer: module.ExportedGlobal("global0").(api.MutableGlobal).Get()}
	if err == nil {
		r.returned = returned[0]
	}
	memory, _ := module.Memory().Read(0, pages<<16)
	r.memory = string(memory)
	return r
}

// Where the module keeps a counter that ends its loops, and its stack.
const (
	counter  = 16
	stackTop = 8192
)

func randomModule(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	m := &asm.Module{Pages: pages, Globals: []int32{stackTop}, Data: binary.LittleEndian.AppendUint32(make([]byte, counter), 60)}
	type_ := asm.Type{Params: []byte{asm.I32}, Results: []byte{asm.I32}}
	const functions = 4
	for i := range functions {
		f := &maker{Rand: r, self: i, last: functions - 1, frame: 8 * r.Int32N(20), parts: 1 + r.IntN(9)}
		m.Funcs = append(m.Funcs, asm.Func{Type: type_, Locals: 2, Code: f.function()})
	}
	m.Funcs[0].Name = "f"
	return m.Bytes()
}

// maker writes one function. Its variables are the number of the part, the
// stack pointer and a register.
type maker struct {
	*rand.Rand

	self, last  int
	frame       int32
	parts, part int
	ifs         int
}

const (
	number = iota
	pointer
	register
)

func (m *maker) function() []byte {
	if m.self == m.last { // one that panics
		return asm.Code(asm.Op(0x23, 0, 0x21, pointer), m.access(), asm.Const(1))
	}
	out := asm.Code(asm.Op(0x23, 0, 0x21, pointer, 0x02, 0x40, 0x03, 0x40), bytes.Repeat(asm.Op(0x02, 0x40), m.parts))
	out = append(asm.Code(out, asm.Get(number), asm.Op(0x0e)), wasmfile.AppendU32(nil, uint32(2*m.parts-1))...)
	for part := range m.parts {
		out = append(out, byte(part), byte(part))
	}
	for m.part = range m.parts {
		out = append(out, 0x0b)
		if m.part == 0 && m.frame > 0 {
			out = asm.Code(out, m.move(-m.frame))
		}
		for range m.IntN(5) {
			out = asm.Code(out, m.statement())
		}
	}
	out = asm.Code(out, m.leave(), asm.Op(0x0b), asm.Unreachable, asm.Op(0x0b))
	return asm.Code(out, asm.Const(1))
}

// move adds to the stack pointer.
func (m *maker) move(by int32) []byte {
	op := byte(0x6a)
	if by < 0 {
		op, by = 0x6b, -by
	}
	return asm.Code(asm.Get(pointer), asm.Const(by), asm.Op(op, 0x22, pointer, 0x24, 0))
}

func (m *maker) leave() []byte {
	return asm.Code(m.move(m.frame), m.move(8), asm.Const(0), asm.Op(0x0f))
}

func (m *maker) statement() []byte {
	switch m.IntN(11) {
	case 0, 1, 2:
		return m.access()
	case 10:
		return m.bulk()
	case 9:
		// Go's compiler never does this; nobody relies on where the first function
		// leaves the stack pointer.
		if m.self == 0 && m.IntN(8) == 0 {
			return m.move(8 * (m.Int32N(5) - 2))
		}
		return m.access()
	case 3:
		return asm.Code(asm.Get(register), asm.Const(m.Int32N(1000)), asm.Op([]byte{0x6a, 0x6b, 0x6c, 0x73}[m.IntN(4)], 0x21, register))
	case 4, 5:
		if m.ifs > 2 {
			return nil
		}
		return m.branch()
	case 6, 7:
		return m.call()
	default:
		return m.jump()
	}
}

// access loads or stores at a place on the stack.
func (m *maker) access() []byte {
	base, offset := asm.Get(pointer), byte(4*m.IntN(16))
	if m.IntN(3) == 0 {
		base = asm.Code(base, asm.Op(0xad), asm.Const64(int64(8*m.IntN(8))), asm.Op(0x7c, 0xa7))
	}
	if m.IntN(9) == 0 { // something that is no part of it
		base = asm.Code(base, asm.Const(4), asm.Const(m.Int32()), asm.Op(0x21, register, 0x6a))
	}
	switch m.IntN(4) {
	case 0:
		return asm.Code(base, asm.Const(m.Int32()), asm.Op(0x36, 2, offset))
	case 1:
		return asm.Code(base, asm.Get(pointer), asm.Op(0x28, 2, offset^4, 0x36, 2, offset))
	case 2:
		return asm.Code(base, asm.Get(register), asm.Op(0x3a, 0, offset|1))
	default:
		return asm.Code(base, asm.Op(0x28, 2, offset, 0x21, register))
	}
}

// bulk copies or clears on the stack, sometimes much.
func (m *maker) bulk() []byte {
	place := func() []byte { return asm.Code(asm.Get(pointer), asm.Const(4*m.Int32N(40)), asm.Op(0x6a)) }
	length := asm.Const([]int32{0, 8, 12, 24, 40, 100, 128, 256, 1000}[m.IntN(9)])
	if m.IntN(2) == 0 {
		return asm.Code(place(), asm.Const(0), length, asm.Op(0xfc, 11, 0))
	}
	return asm.Code(place(), place(), length, asm.Op(0xfc, 10, 0, 0))
}

// condition is one of those that Go's compiler writes.
func (m *maker) condition() []byte {
	out := asm.Code(asm.Get(register), asm.Const(m.Int32N(99)))
	switch m.IntN(4) {
	case 0:
		out = asm.Code(asm.Get(register), asm.Op(0xad, 0x50)) // i64.eqz
	case 1:
		out = asm.Code(asm.Get(register), asm.Const(3), asm.Op(0x71)) // and
	default:
		out = append(out, byte(0x46+m.IntN(10)))
	}
	if m.IntN(2) == 0 {
		out = append(out, 0x45)
	}
	return out
}

func (m *maker) branch() []byte {
	out := asm.Code(m.condition(), asm.Op(0x04, 0x40))
	m.ifs++
	defer func() { m.ifs-- }()
	for range 1 + m.IntN(2) {
		out = asm.Code(out, m.statement())
	}
	if m.IntN(4) == 0 {
		out = asm.Code(out, asm.Op(0x05), m.statement())
	}
	return append(out, 0x0b)
}

// call calls a function further down, and leaves if that says so.
func (m *maker) call() []byte {
	callee := m.self + 1 + m.IntN(m.last-m.self)
	back := asm.Code(asm.Get(pointer), asm.Const64(m.Int64()), asm.Op(0x37, 3, 0))
	out := asm.Code(m.move(-8), back, asm.Const(0), asm.Call(uint32(callee)), asm.Op(0x23, 0, 0x21, pointer))
	if m.IntN(6) == 0 && callee != m.last {
		return asm.Code(out, asm.Op(0x04, 0x40), asm.Unreachable, asm.Op(0x0b))
	}
	return asm.Code(out, asm.Op(0x0d, byte(m.inLoop()+1)))
}

// inLoop is the label of the loop.
func (m *maker) inLoop() int { return m.ifs + m.parts - 1 - m.part }

// jump goes to a part, back only while the counter lasts.
func (m *maker) jump() []byte {
	if m.parts == 1 {
		return nil
	}
	part := 1 + m.IntN(m.parts-1)
	to := func(inner int) []byte {
		return asm.Code(asm.Const(int32(2*part+m.IntN(2))), asm.Op(0x21, number, 0x0c, byte(m.inLoop()+inner)))
	}
	if part > m.part && m.IntN(2) == 0 && m.ifs > 0 {
		return to(0)
	}
	count := asm.Code(asm.Const(counter), asm.Op(0x28, 2, 0))
	down := asm.Code(asm.Const(counter), count, asm.Const(1), asm.Op(0x6b, 0x36, 2, 0))
	return asm.Code(down, count, asm.Const(0), asm.Op(0x4a, 0x04, 0x40), to(1), asm.Op(0x0b))
}
