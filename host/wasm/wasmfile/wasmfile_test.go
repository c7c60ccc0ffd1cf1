package wasmfile_test

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/musubi-run/musubi/host/wasm/internal/asm"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

func TestIntegersAreReadAsWritten(t *testing.T) {
	for _, want := range []uint32{0, 1, 127, 128, 16383, 16384, math.MaxInt32, math.MaxUint32} {
		r := wasmfile.NewReader(wasmfile.AppendU32(nil, want))
		if got := r.U32(); got != want || r.Finish() != nil {
			t.Errorf("%d reads as %d, %v", want, got, r.Finish())
		}
	}
	for _, want := range []int32{0, 1, -1, 63, 64, -64, -65, math.MaxInt32, math.MinInt32} {
		if got := int32(wasmfile.S32(wasmfile.AppendS64(nil, int64(want)))); got != want {
			t.Errorf("%d reads as %d", want, got)
		}
	}
}

func TestOverlongIntegersAreRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"six bytes":       {0x80, 0x80, 0x80, 0x80, 0x80, 0x00},
		"over 32 bits":    {0xff, 0xff, 0xff, 0xff, 0x1f},
		"never ends":      bytes.Repeat([]byte{0x80}, 100),
		"ends in between": {0x80},
	} {
		r := wasmfile.NewReader(b)
		if got := r.U32(); got != 0 || r.Err() == nil {
			t.Errorf("%s reads as %d", name, got)
		}
	}
}

func TestReaderStaysAtItsFirstError(t *testing.T) {
	r := wasmfile.NewReader([]byte{5, 1, 2})
	if got := r.Sized(); got != nil || !errors.Is(r.Err(), wasmfile.ErrTruncated) {
		t.Fatalf("read %v, %v", got, r.Err())
	}
	r.Fail(errors.New("later"))
	if r.Byte() != 0 || r.Len() != 0 || !errors.Is(r.Finish(), wasmfile.ErrTruncated) {
		t.Errorf("went on: %v", r.Finish())
	}
}

func TestLinksAreRead(t *testing.T) {
	m := asm.Module{
		Pages:   1,
		Imports: []asm.Import{{Module: "env", Name: "f"}},
		Funcs:   []asm.Func{{Name: "run"}},
	}
	links, err := wasmfile.ReadLinks(m.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(links.Imports) != 1 || links.Imports[0].Name != "f" || links.Imports[0].Kind != wasmfile.Func {
		t.Errorf("imports %+v", links.Imports)
	}
	if !links.Exported(wasmfile.Func, "run") || !links.Exported(wasmfile.Memory, "memory") || links.Exported(wasmfile.Func, "memory") {
		t.Errorf("exports %+v", links.Exports)
	}
}

func FuzzReadLinks(f *testing.F) {
	m := asm.Module{Pages: 1, Imports: []asm.Import{{Module: "env", Name: "f"}}, Funcs: []asm.Func{{Name: "run"}}}
	f.Add(m.Bytes())
	f.Add([]byte(wasmfile.Header + "\x02\x05\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, source []byte) {
		links, err := wasmfile.ReadLinks(source)
		if err == nil && len(links.Imports)+len(links.Exports) > len(source) {
			t.Errorf("%d bytes hold %d links", len(source), len(links.Imports)+len(links.Exports))
		}
	})
}
