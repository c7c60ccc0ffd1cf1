// Package meter writes a fuel counter into WebAssembly modules. Every function
// and every loop pays for its code when it begins; when the fuel is used up the
// host is asked for more, and may end the call instead. The same call burns the
// same fuel, on every machine.
//
// A unit of fuel is about the time of one instruction: a turn of a short loop,
// a call of a short function, or [Stretch] instructions of a longer one.
//
// A module is changed in this way only:
//
//   - it imports [RefuelModule].[RefuelName], which is called for more fuel;
//   - a mutable global holds the fuel; it is exported as [FuelExport]. Code of
//     the module that would reach either is refused;
//   - another global holds how much deeper calls may nest; it is exported as
//     [DepthExport]. Calls that could lead back to their caller take one from it
//     and give it back: those through a table, and those of the caller itself or
//     of a function behind it in the file, of which every cycle has one;
//   - functions and loops begin with a charge, so nothing runs for long
//     without paying: no loop, and no recursion either;
//   - instructions that work on as many bytes as an operand says are charged by it;
//   - tables may not grow beyond [MaxTable], since they are memory too;
//     a module that would make the engine allocate much more than it is long is refused;
//   - data segments that lie side by side are joined, because the engine takes
//     its time for each and a Go program has tens of thousands;
//   - custom sections are dropped, because what they say would no longer be true.
//
// An opcode that is not understood is refused: its length would be a guess.
package meter

import (
	"fmt"

	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// Revision changes whenever Rewrite writes something else than before, so that
// what was compiled then is not taken for what would be compiled now.
const Revision = "3"

const (
	// FuelExport is the name of the exported global, an i64: what is left. It is
	// negative while the refuel function runs.
	FuelExport = "musubi_fuel"
	// DepthExport is the name of the exported global, an i32, that says how much
	// deeper calls may nest. It is negative while the refuel function runs
	// because they nest too deep.
	DepthExport = "musubi_depth"
	// RefuelModule is the module of the import that is called when the fuel is
	// used up or calls nest too deep. It takes and returns nothing: it adds to the
	// fuel, or ends the call. Where calls nest too deep it must not come back.
	RefuelModule = "musubi_meter"
	// RefuelName is the name of that import.
	RefuelName = "refuel"

	// StartFuel is what a module has for its start function, before anybody
	// could set the global.
	StartFuel = 100_000_000
	// StartDepth is how deep calls may nest before anybody could set the global.
	StartDepth = 10_000
	// Stretch is how many instructions cost a unit.
	Stretch = 64
	// MaxTable is how many elements a table may hold, unless it begins with
	// more; maxElements how many all tables of a module may begin with.
	MaxTable    = 1 << 16
	maxElements = 1 << 20
)

// Rewrite returns the metered module. The input is not changed, and is not
// validated beyond what metering needs: the engine does that with the result.
func Rewrite(wasm []byte) ([]byte, error) {
	sections, err := wasmfile.Sections(wasm)
	if err != nil {
		return nil, err
	}
	m := &module{}
	if err := m.read(sections); err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(wasm)+len(wasm)/4)
	out = append(out, wasmfile.Header...)
	for _, s := range m.sections {
		body, err := m.rewrite(s)
		if err != nil {
			return nil, fmt.Errorf("section %d: %w", s.ID, err)
		}
		out = append(out, s.ID)
		out = wasmfile.AppendU32(out, uint32(len(body))) //nolint:gosec // the module was smaller than 4 GiB
		out = append(out, body...)
	}
	return out, nil
}

func (m *module) rewrite(s wasmfile.Section) ([]byte, error) {
	switch s.ID {
	case wasmfile.SectionType:
		return addItem(s.Body, []byte{functionForm, 0, 0}), nil
	case wasmfile.SectionImport:
		return addItem(s.Body, m.refuelImport()), nil
	case wasmfile.SectionTable:
		return clampTables(s.Body)
	case wasmfile.SectionGlobal:
		return m.addGlobals(s.Body)
	case wasmfile.SectionExport:
		return m.moveExports(s.Body)
	case wasmfile.SectionStart:
		return m.moveStart(s.Body)
	case wasmfile.SectionElement:
		return m.moveElements(s.Body)
	case wasmfile.SectionCode:
		return m.code(s.Body)
	case wasmfile.SectionData:
		return m.joinData(s.Body)
	default:
		return s.Body, nil
	}
}

// addItem appends an item to a section that is a list.
func addItem(body, item []byte) []byte {
	r := wasmfile.NewReader(body)
	count := r.U32()
	return append(append(wasmfile.AppendU32(nil, count+1), r.Rest()...), item...)
}
