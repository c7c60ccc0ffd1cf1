package meter_test

import (
	"context"
	"errors"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/musubi-run/musubi/host/wasm/internal/asm"
	"github.com/musubi-run/musubi/host/wasm/meter"
)

// descend runs the export "run" of a module that may nest calls that deep, with
// all the fuel it wants, and returns how deep it could still go at the end. It
// ends with errEmpty when the depth is used up.
func descend(t *testing.T, m asm.Module, depth int32) (left int32, err error) {
	t.Helper()
	ctx := context.Background()
	engine := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCoreFeatures(features))
	t.Cleanup(func() { _ = engine.Close(ctx) })
	refuel := api.GoModuleFunc(func(_ context.Context, guest api.Module, _ []uint64) {
		if int32(guest.ExportedGlobal(meter.DepthExport).Get()) < 0 {
			panic(errEmpty)
		}
		guest.ExportedGlobal(meter.FuelExport).(api.MutableGlobal).Set(1 << 30)
	})
	builder := engine.NewHostModuleBuilder(meter.RefuelModule)
	builder.NewFunctionBuilder().WithGoModuleFunction(refuel, nil, nil).Export(meter.RefuelName)
	if _, err := builder.Instantiate(ctx); err != nil {
		t.Fatal(err)
	}
	metered, err := meter.Rewrite(m.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	guest, err := engine.InstantiateWithConfig(ctx, metered, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatal(err)
	}
	counter := guest.ExportedGlobal(meter.DepthExport).(api.MutableGlobal)
	counter.Set(uint64(depth))
	_, err = guest.ExportedFunction("run").Call(ctx)
	return int32(counter.Get()), err
}

// nest calls the function at that index, again and again until the word at 0
// has gone up to n.
func nest(n int32, call ...[]byte) []byte {
	load := asm.Code(asm.Const(0), asm.Op(0x28, 2, 0))
	return asm.Code(
		asm.Const(0), load, asm.Const(1), asm.Op(0x6a), asm.Op(0x36, 2, 0), // word++
		load, asm.Const(n), asm.Op(0x48, 0x04, 0x40), // if word < n
		asm.Code(call...), asm.Op(0x0b),
	)
}

// circles are ways in which functions call one another, n calls deep at the most.
func circles(n int32) map[string]asm.Module {
	module := func(funcs ...asm.Func) asm.Module {
		return asm.Module{Pages: 1, Table: 4, Elements: []uint32{0, uint32(len(funcs) - 1)}, Funcs: funcs}
	}
	return map[string]asm.Module{
		"itself":        module(asm.Func{Name: "run", Code: nest(n, asm.Call(0))}),
		"further down":  module(asm.Func{Name: "run", Code: nest(n, asm.Call(1))}, asm.Func{Code: nest(n, asm.Call(1))}),
		"two in turn":   module(asm.Func{Name: "run", Code: nest(n, asm.Call(1))}, asm.Func{Code: nest(n, asm.Call(0))}),
		"through table": module(asm.Func{Name: "run", Code: nest(n, asm.Const(0), asm.Op(0x11, 0, 0))}),
		"table, back":   module(asm.Func{Name: "run", Code: nest(n, asm.Const(1), asm.Op(0x11, 0, 0))}, asm.Func{Code: nest(n, asm.Call(0))}),
	}
}

func TestRecursionEndsAtItsDepth(t *testing.T) {
	for name, module := range circles(1 << 30) {
		if _, err := descend(t, module, 500); !errors.Is(err, errEmpty) {
			t.Errorf("%s: ended with %v", name, err)
		}
	}
}

func TestWhatReturnsGivesItsDepthBack(t *testing.T) {
	for name, module := range circles(100) {
		if left, err := descend(t, module, 100); err != nil || left != 100 {
			t.Errorf("%s: %d of 100 are left, %v", name, left, err)
		}
	}
}

func TestCallsThatLeadNowhereCostNoDepth(t *testing.T) {
	leaf := asm.Func{Code: nops(1)}
	module := asm.Module{Pages: 1, Funcs: []asm.Func{leaf, {Code: asm.Call(0)}, {Name: "run", Code: asm.Call(1)}}}
	if left, err := descend(t, module, 0); err != nil || left != 0 {
		t.Errorf("%d, %v", left, err)
	}
}
