package opcode_test

import (
	"context"
	"math"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/musubi-run/musubi/host/wasm/internal/asm"
	"github.com/musubi-run/musubi/host/wasm/opcode"
)

var samples = []int64{0, 1, -1, 7, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64}

// Of a comparison and its inverse the engine finds exactly one to hold,
// whatever is compared.
func TestInverse(t *testing.T) {
	known := 0
	for op := range 256 {
		inverse, is := opcode.Inverse(byte(op))
		if !is {
			continue
		}
		known++
		a, b := holds(t, byte(op)), holds(t, inverse)
		for i := range a {
			if a[i] == b[i] {
				t.Errorf("0x%02x and 0x%02x are the same for pair %d", op, inverse, i)
			}
		}
	}
	if known != 20 {
		t.Errorf("%d comparisons have an inverse", known)
	}
}

// holds says for which pairs of samples a comparison holds.
func holds(t *testing.T, op byte) (all []bool) {
	t.Helper()
	const firstOfI64 = 0x51
	ctx := context.Background()
	rt := wazero.NewRuntime(ctx)
	defer rt.Close(ctx)
	kind, encode := asm.I32, func(v int64) uint64 { return api.EncodeI32(int32(v)) }
	if op >= firstOfI64 {
		kind, encode = asm.I64, api.EncodeI64
	}
	compare := asm.Func{
		Name: "compare", Type: asm.Type{Params: []byte{kind, kind}, Results: []byte{asm.I32}},
		Code: asm.Code(asm.Get(0), asm.Get(1), asm.Op(op)),
	}
	module, err := rt.Instantiate(ctx, (&asm.Module{Funcs: []asm.Func{compare}}).Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range samples {
		for _, b := range samples {
			result, err := module.ExportedFunction("compare").Call(ctx, encode(a), encode(b))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, api.DecodeI32(result[0]) == 1)
		}
	}
	return all
}
