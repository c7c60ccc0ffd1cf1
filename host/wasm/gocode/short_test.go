package gocode_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/musubi-run/musubi/host/wasm/gocode"
	"github.com/musubi-run/musubi/host/wasm/internal/asm"
)

// What bulk instructions of a module are tried with.
const longest = 300

// bulkModule has a function for each kind of bulk instruction and each length;
// their parameters are where to and where from.
func bulkModule() []byte {
	m := &asm.Module{Pages: pages, Data: pattern(), Globals: []int32{stackTop}}
	const to, from, length, stack = 0, 1, 2, 3
	begin := asm.Op(0x23, 0, 0x21, stack)
	add := func(name string, code ...[]byte) {
		m.Funcs = append(m.Funcs, asm.Func{Name: name, Type: asm.Type{Params: []byte{asm.I32, asm.I32, asm.I64}}, Locals: 1, Code: asm.Code(begin, asm.Code(code...))})
	}
	for n := range int32(longest) {
		add(fmt.Sprint("copy", n), asm.Get(to), asm.Get(from), asm.Const(n), asm.Op(0xfc, 10, 0, 0))
		add(fmt.Sprint("clear", n), asm.Get(to), asm.Const(0), asm.Const(n), asm.Op(0xfc, 11, 0))
	}
	add("clear", asm.Get(to), asm.Const(0), asm.Get(length), asm.Op(0xa7, 0xfc, 11, 0))
	add("fill", asm.Get(to), asm.Const(7), asm.Const(40), asm.Op(0xfc, 11, 0))
	return m.Bytes()
}

func pattern() []byte {
	data := make([]byte, pages<<16)
	for i := range data {
		data[i] = byte(1 + i%251)
	}
	return data
}

// Short copies and clearings leave the same memory, also where they overlap and
// where they reach beyond the end of the memory.
func TestShortBulkInstructionsDoTheSame(t *testing.T) {
	source := bulkModule()
	easier := gocode.Rewrite(source)
	if n, all := bytes.Count(easier, []byte{0xfc, 11, 0}), bytes.Count(source, []byte{0xfc, 11, 0}); n > all-200 {
		t.Errorf("%d of %d fills are left", n, all)
	}
	for name, config := range map[string]wazero.RuntimeConfig{"compiled": wazero.NewRuntimeConfig(), "interpreted": wazero.NewRuntimeConfigInterpreter()} {
		t.Run(name, func(t *testing.T) {
			rt := engine(t, config)
			want, got := start(t, rt, source), start(t, rt, easier)
			for n := range uint64(longest) {
				for _, to := range []uint64{1000, 1001, pages<<16 - n, pages<<16 - n + 1, pages<<16 - n/2, 1<<32 - 5} {
					both(t, want, got, fmt.Sprint("clear", n), to, 0, 0)
					both(t, want, got, "clear", to, 0, n)
					for _, from := range []uint64{to, to + 1, to - 1, to + 9, to - 17, to + n, 5000, pages<<16 - n, pages<<16 - n + 1} {
						both(t, want, got, fmt.Sprint("copy", n), to, from&(1<<32-1), 0)
					}
				}
			}
			both(t, want, got, "fill", 1000, 0, 0)
		})
	}
}

func start(t *testing.T, rt wazero.Runtime, source []byte) api.Module {
	t.Helper()
	module, err := rt.InstantiateWithConfig(context.Background(), source, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatal(err)
	}
	return module
}

// both calls a function of both modules on fresh memory.
func both(t *testing.T, want, got api.Module, name string, args ...uint64) {
	t.Helper()
	var memories [2][]byte
	var faults [2]bool
	for i, module := range []api.Module{want, got} {
		memories[i], _ = module.Memory().Read(0, pages<<16)
		copy(memories[i], fresh)
		_, err := module.ExportedFunction(name).Call(context.Background(), args...)
		faults[i] = err != nil
	}
	if faults[0] != faults[1] || !bytes.Equal(memories[0], memories[1]) {
		t.Fatalf("%s%v: traps %v, same memory %t", name, args, faults, bytes.Equal(memories[0], memories[1]))
	}
}

var fresh = pattern()

// What bulk instructions grow to is bounded, however many there are.
func TestBulkInstructionsGrowLittle(t *testing.T) {
	fill := asm.Code(asm.Get(0), asm.Const(0), asm.Const(256), asm.Op(0xfc, 11, 0))
	clearing := asm.Code(asm.Get(0), asm.Const(0), asm.Get(1), asm.Op(0xa7, 0xfc, 11, 0))
	for name, code := range map[string][]byte{"fills": fill, "clearings": clearing} {
		m := &asm.Module{Pages: pages, Globals: []int32{stackTop}}
		for range 10 {
			body := asm.Code(asm.Op(0x23, 0, 0x21, 2), bytes.Repeat(code, 5_000))
			m.Funcs = append(m.Funcs, asm.Func{Type: asm.Type{Params: []byte{asm.I32, asm.I64}}, Locals: 1, Code: body})
		}
		source := m.Bytes()
		if easier := gocode.Rewrite(source); len(easier) > 2*len(source) || len(easier) == len(source) {
			t.Errorf("%s: %d bytes became %d", name, len(source), len(easier))
		}
	}
}
