package meter_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/musubi-run/musubi/host/wasm/internal/asm"
	"github.com/musubi-run/musubi/host/wasm/meter"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// contents starts a module and returns its memory and how many data segments it has.
func contents(t *testing.T, engine wazero.Runtime, source []byte) (memory []byte, segments uint32) {
	t.Helper()
	module, err := engine.InstantiateWithConfig(context.Background(), source, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatal(err)
	}
	view, _ := module.Memory().Read(0, module.Memory().Size())
	sections, err := wasmfile.Sections(source)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sections {
		if s.ID == wasmfile.SectionData {
			segments = wasmfile.NewReader(s.Body).U32()
		}
	}
	return view, segments
}

func TestJoinedDataIsTheSameData(t *testing.T) {
	engine := newEngine(t, wazero.NewRuntimeConfigInterpreter())
	at := func(address int32, text string) asm.Segment { return asm.Segment{Address: address, Data: []byte(text)} }
	for name, c := range map[string]struct {
		segments []asm.Segment
		want     uint32
	}{
		"side by side":             {[]asm.Segment{at(0, "ab"), at(2, "cd")}, 1},
		"small gap":                {[]asm.Segment{at(0, "ab"), at(66, "cd")}, 1},
		"large gap":                {[]asm.Segment{at(0, "ab"), at(67, "cd")}, 2},
		"backwards":                {[]asm.Segment{at(100, "ab"), at(0, "cd")}, 2},
		"overlapping":              {[]asm.Segment{at(0, "abcd"), at(2, "xy")}, 2},
		"gap over earlier data":    {[]asm.Segment{at(0, "aaaaaaaaaa"), at(2, "b"), at(5, "c")}, 3},
		"gap beside earlier data":  {[]asm.Segment{at(100, "a"), at(0, "b"), at(5, "c")}, 2},
		"empty":                    {[]asm.Segment{at(0, ""), at(0, "a"), at(1, "")}, 1},
		"address of the last page": {[]asm.Segment{at(65535, "a")}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			module := asm.Module{Pages: 1, Segments: c.segments}
			metered, err := meter.Rewrite(module.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			plain, _ := contents(t, engine, module.Bytes())
			joined, segments := contents(t, engine, metered)
			if !bytes.Equal(plain, joined) || segments != c.want {
				t.Errorf("%d segments, want %d; the same memory: %v", segments, c.want, bytes.Equal(plain, joined))
			}
		})
	}
}

func TestAnyDataJoinsToTheSame(t *testing.T) {
	engine := newEngine(t, wazero.NewRuntimeConfigInterpreter())
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		module := asm.Module{Pages: 1}
		address := int32(0)
		for range random.IntN(100) {
			if random.IntN(5) == 0 {
				address = random.Int32N(2000)
			}
			data := bytes.Repeat([]byte{byte(1 + random.IntN(255))}, random.IntN(20))
			module.Segments = append(module.Segments, asm.Segment{Address: address, Data: data})
			address += int32(len(data)) + random.Int32N(40)
		}
		metered, err := meter.Rewrite(module.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		plain, before := contents(t, engine, module.Bytes())
		joined, after := contents(t, engine, metered)
		if !bytes.Equal(plain, joined) || after > before {
			t.Fatalf("%d segments became %d: %v", before, after, module.Segments)
		}
	}
}
