package meter_test

import (
	"os"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/musubi-run/musubi/host/wasm/meter"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// FuzzRewrite: no input makes the rewriter panic, what the engine accepts it
// still accepts metered, and what it refuses it still refuses.
func FuzzRewrite(f *testing.F) {
	for i, file := range specFiles(f, "v2/testdata/*.wasm") {
		if source, err := os.ReadFile(file); err == nil && len(source) < 2000 && i%7 == 0 {
			f.Add(source)
		}
	}
	engine := newEngine(f, wazero.NewRuntimeConfigInterpreter().WithCustomSections(false))
	f.Fuzz(func(t *testing.T, source []byte) {
		metered, err := meter.Rewrite(source)
		if err != nil {
			return
		}
		plain := compiles(engine, withoutCustom(source))
		if plain != compiles(engine, metered) {
			t.Errorf("compiles plain: %v, metered: %v", plain, !plain)
		}
	})
}

// withoutCustom drops the custom sections, as metering does.
func withoutCustom(source []byte) []byte {
	sections, err := wasmfile.Sections(source)
	if err != nil {
		return source
	}
	out := []byte(wasmfile.Header)
	for _, s := range sections {
		if s.ID != wasmfile.SectionCustom {
			out = wasmfile.AppendU32(append(out, s.ID), uint32(len(s.Body)))
			out = append(out, s.Body...)
		}
	}
	return out
}
