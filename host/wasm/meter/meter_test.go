package meter_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/musubi-run/musubi/host/wasm/internal/asm"
	"github.com/musubi-run/musubi/host/wasm/meter"
	"github.com/musubi-run/musubi/host/wasm/opcode"
)

// errEmpty ends a guest that has used up its fuel.
var errEmpty = errors.New("out of fuel")

// burn runs the export "run" of a module with that much fuel and returns how
// much it used; err is errEmpty if that was not enough.
func burn(t *testing.T, m asm.Module, fuel int64) (used int64, err error) {
	t.Helper()
	ctx := context.Background()
	engine := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCoreFeatures(features))
	t.Cleanup(func() { _ = engine.Close(ctx) })
	builder := engine.NewHostModuleBuilder(meter.RefuelModule)
	builder.NewFunctionBuilder().WithGoFunction(api.GoFunc(func(context.Context, []uint64) { panic(errEmpty) }), nil, nil).Export(meter.RefuelName)
	if _, err := builder.Instantiate(ctx); err != nil {
		t.Fatal(err)
	}
	metered, err := meter.Rewrite(m.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	guest, err := engine.InstantiateWithConfig(ctx, metered, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return 0, err
	}
	tank, ok := guest.ExportedGlobal(meter.FuelExport).(api.MutableGlobal)
	if !ok {
		t.Fatal("the fuel cannot be set")
	}
	tank.Set(uint64(fuel))
	_, err = guest.ExportedFunction("run").Call(ctx)
	return fuel - int64(tank.Get()), err
}

func run(code ...[]byte) asm.Module {
	return asm.Module{Pages: 1, Table: 10, Funcs: []asm.Func{{Name: "run", Locals: 1, Code: asm.Code(code...)}}}
}

// count repeats code while a local variable counts down from n.
func count(n int32, code ...[]byte) []byte {
	return asm.Code(
		asm.Const(n), asm.Op(0x21, 0), // local.set 0
		asm.Op(0x03, 0x40), asm.Code(code...), // loop
		asm.Get(0), asm.Const(1), asm.Op(0x6b), asm.Op(0x22, 0), // local 0 minus 1, tee
		asm.Op(0x0d, 0), asm.Op(0x0b), // br_if 0
	)
}

func nops(n int) []byte { return []byte(strings.Repeat("\x01", n)) }

func TestFuelIsCountedExactly(t *testing.T) {
	for name, c := range map[string]struct {
		module asm.Module
		want   int64
	}{
		"nothing":              {run(), 1},
		"a stretch":            {run(nops(62)), 1},
		"longer":               {run(nops(63)), 2},
		"ten turns":            {run(count(10)), 10},
		"ten long turns":       {run(count(10, nops(64))), 20},
		"loop after branch":    {run(asm.Op(0x02, 0x40, 0x41, 0, 0x0d, 0, 0x0b), count(10)), 11},
		"out of the main loop": {run(asm.Op(0x03, 0x40, 0x02, 0x40, 0x41, 1, 0x0d, 2, 0x0b, 0x00, 0x0b)), 1},
		"table out of it":      {run(asm.Op(0x02, 0x40, 0x03, 0x40, 0x41, 1, 0x0e, 2, 0, 1, 2, 0x0b, 0x00, 0x0b), nops(60)), 2},
		"fill a page":          {run(asm.Const(0), asm.Const(0), asm.Const(65536), asm.Op(0xfc, 11, 0)), 1 + 65536/64},
		"copy a page":          {run(asm.Const(0), asm.Const(0), asm.Const(65536), asm.Op(0xfc, 10, 0, 0)), 1 + 65536/64},
		"fill a table":         {run(asm.Const(0), asm.Op(0xd0, 0x70), asm.Const(8), asm.Op(0xfc, 17, 0)), 2},
		"grow the memory":      {run(asm.Const(0), asm.Op(0x40, 0), asm.Drop), 17},
		"both arms of an if":   {run(asm.Const(1), asm.Op(0x04, 0x40), nops(64), asm.Op(0x05), nops(64), asm.Op(0x0b)), 3},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := burn(t, c.module, 1_000_000); got != c.want || err != nil {
				t.Errorf("burned %d, want %d; %v", got, c.want, err)
			}
		})
	}
}

func TestNothingRunsForEver(t *testing.T) {
	self := func(code ...[]byte) asm.Module {
		return asm.Module{Pages: 1, Table: 1, Elements: []uint32{0}, Funcs: []asm.Func{{Name: "run", Code: asm.Code(code...)}}}
	}
	for name, module := range map[string]asm.Module{
		"loop":                  run(asm.Loop()),
		"nested loops":          run(asm.Loop(asm.Loop())),
		"loop in dead code":     run(asm.Loop(asm.Op(0x0c, 0), asm.Loop())),
		"tail call":             self(asm.Op(0x12, 0)),
		"indirect tail call":    self(asm.Const(0), asm.Op(0x13, 0, 0)),
		"call before a loop":    {Pages: 1, Funcs: []asm.Func{{Name: "run", Code: asm.Code(asm.Op(0x12, 0), asm.Loop())}}},
		"branch table":          run(asm.Op(0x03, 0x40), asm.Const(7), asm.Op(0x0e, 1, 0, 0), asm.Op(0x0b)),
		"bulk copies":           run(asm.Loop(asm.Const(0), asm.Const(0), asm.Const(65536), asm.Op(0xfc, 10, 0, 0))),
		"exponential recursion": {Pages: 1, Funcs: []asm.Func{{Name: "run", Code: asm.Call(1)}, fork}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := burn(t, module, 100_000); !errors.Is(err, errEmpty) {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

// fork calls itself twice, forty deep, without a loop.
var fork = asm.Func{Locals: 0, Code: asm.Code(
	asm.Const(0), asm.Const(0), asm.Op(0x28, 2, 0), asm.Const(1), asm.Op(0x6a), asm.Op(0x36, 2, 0), // depth++
	asm.Const(0), asm.Op(0x28, 2, 0), asm.Const(40), asm.Op(0x48), // depth < 40
	asm.Op(0x04, 0x40), asm.Call(1), asm.Call(1), asm.Op(0x0b),
	asm.Const(0), asm.Const(0), asm.Op(0x28, 2, 0), asm.Const(1), asm.Op(0x6b), asm.Op(0x36, 2, 0), // depth--
)}

func TestStartFunctionIsMetered(t *testing.T) {
	module := asm.Module{Pages: 1, Start: "run", Funcs: []asm.Func{{Name: "run", Code: asm.Loop()}}}
	if _, err := burn(t, module, 1); !errors.Is(err, errEmpty) {
		t.Errorf("started with %v", err)
	}
}

func TestGuestCannotReachTheMeter(t *testing.T) {
	for name, c := range map[string]struct {
		module asm.Module
		text   string
	}{
		"set the fuel":       {run(asm.Const64(1<<40), asm.Op(0x24, 0)), "global that does not exist"},
		"read the fuel":      {run(asm.Op(0x23, 0), asm.Drop), "global that does not exist"},
		"use the scratch":    {run(asm.Op(0x20, 1), asm.Drop), "local variable that does not exist"},
		"call past the end":  {run(asm.Call(1)), "function that does not exist"},
		"take its reference": {run(asm.Op(0xd2, 1), asm.Drop), "function that does not exist"},
		"use its type":       {run(asm.Const(0), asm.Op(0x11, 1, 0)), "type that does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := meter.Rewrite(c.module.Bytes()); err == nil || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestMeteringTwiceIsRefused(t *testing.T) {
	module := run()
	once, err := meter.Rewrite(module.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := meter.Rewrite(once); err == nil || !strings.Contains(err.Error(), meter.FuelExport) {
		t.Errorf("got %v", err)
	}
}

func TestTablesCannotGrowWithoutEnd(t *testing.T) {
	grow := asm.Code(asm.Op(0xd0, 0x70), asm.Const(1<<16), asm.Op(0xfc, 15, 0)) // table.grow
	failed := asm.Code(asm.Const(-1), asm.Op(0x46, 0x04, 0x40), asm.Unreachable, asm.Op(0x0b))
	if _, err := burn(t, run(grow, failed), 1_000_000); err == nil {
		t.Error("the table grew over its limit")
	}
}

func TestUnknownOpcodesAreRefusedByName(t *testing.T) {
	for family, code := range map[string][]byte{
		"threads":                   {0xfe, 0x00, 2, 0},
		"exception handling":        {0x06, 0x40, 0x0b},
		"garbage collection":        {0xfb, 0x01},
		"typed function references": {0x14, 0},
		"relaxed SIMD":              {0xfd, 0x80, 0x02},
		"stack switching":           {0xe0},
		"no known proposal":         {0xff},
	} {
		module := run(code)
		_, err := meter.Rewrite(module.Bytes())
		op, ok := errors.AsType[*opcode.Error](err)
		if !ok || op.Family != family || op.Op != code[0] {
			t.Errorf("%s: %v", family, err)
		}
	}
}

func TestModulesThatWouldChokeTheEngineAreRefused(t *testing.T) {
	blocks := func(n int, code ...byte) asm.Module {
		return run(bytes.Repeat(code, n), bytes.Repeat([]byte{0x0b}, n))
	}
	many := run()
	many.Funcs[0].Locals = 49_999
	for range 80 {
		many.Funcs = append(many.Funcs, asm.Func{Locals: 49_999})
	}
	table := run()
	table.Table = 1<<20 + 1
	for name, c := range map[string]struct {
		module asm.Module
		text   string
	}{
		"long function":   {run(nops(1 << 20)), "bytes of code"},
		"nested blocks":   {blocks(21_000, 0x02, 0x40), "too long to compile"},
		"nested loops":    {blocks(4_500, 0x03, 0x40), "too long to compile"},
		"loops in a row":  {run(bytes.Repeat([]byte{0x03, 0x40, 0x0b}, 4_500)), "too long to compile"},
		"many locals":     {many, "local variables"},
		"too many locals": {asm.Module{Funcs: []asm.Func{{Locals: 50_001}}}, "local variables"},
		"giant table":     {table, "tables begin with"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := meter.Rewrite(c.module.Bytes()); err == nil || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v", err)
			}
		})
	}
}
