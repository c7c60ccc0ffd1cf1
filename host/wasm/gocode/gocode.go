// Package gocode makes the code of Go's compiler easier for the engine. It
// changes how a function does what it does, not what. It knows Go's code by how
// functions begin; code of other compilers hardly ever looks like that.
//
// Go's compiler knows neither jumps nor registers of WebAssembly: it puts a
// function's parts one behind the other, goes from one to another through a
// jump table at the beginning, keeps variables on a stack of its own in the
// memory, and looks after every call whether the callers are to leave too. The
// engine then checks each access to that stack against the end of the memory,
// and takes every call of a panic for something that comes back. So:
//
//   - a jump through the table to a part further down leads there at once
//     (file jump.go);
//   - a function that panics does not come back (panic.go);
//   - a function's frame on the stack is checked once, when the function begins
//     (frame.go);
//   - short copies and fills are loads and stores (short.go).
//
// What is not understood stays as it was. Whether a module is valid, the engine
// finds out afterwards.
package gocode

import (
	"errors"

	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// Revision changes whenever Rewrite writes something else than before, so that
// what was compiled then is not taken for what would be compiled now.
const Revision = "4"

// Rewrite returns the module with easier code. The input is not changed.
func Rewrite(wasm []byte) []byte {
	sections, err := wasmfile.Sections(wasm)
	if err != nil {
		return wasm
	}
	m := &module{}
	out := make([]byte, 0, len(wasm)+len(wasm)/8)
	out = append(out, wasmfile.Header...)
	for _, s := range sections {
		body := s.Body
		if err := m.note(s); err != nil {
			return wasm
		}
		switch s.ID {
		case wasmfile.SectionType:
			body = m.addTaking(body)
		case wasmfile.SectionCode:
			if body, err = m.code(body); err != nil {
				return wasm
			}
		}
		out = wasmfile.AppendU32(append(out, s.ID), uint32(len(body))) //nolint:gosec // the module was smaller than 4 GiB
		out = append(out, body...)
	}
	if !m.changed {
		return wasm
	}
	return out
}

// module is what has to be known of a module before its code can be changed.
type module struct {
	// params is the number of parameters by type, one says which types have an i32
	// for their only result, and types is the type by function without the imported
	// ones.
	params   []uint32
	one      []bool
	types    []uint32
	imported uint32 // functions
	// taking is a type of blocks that take an i32.
	taking uint32
	// panics says which functions never return 0, without the imported ones.
	panics []bool
	// room is how many bytes of pieces may still take the place of bulk
	// instructions, which are much shorter. Go programs need an eighth of it.
	room int
	// changed says that some function was.
	changed bool
}

// note remembers what a section says.
func (m *module) note(s wasmfile.Section) error {
	r := wasmfile.NewReader(s.Body)
	switch s.ID {
	case wasmfile.SectionType:
		for n := r.U32(); n > 0 && r.Err() == nil; n-- {
			r.Byte()
			m.params = append(m.params, wasmfile.TakeTypes(r))
			results := r.Remaining()
			count := wasmfile.TakeTypes(r)
			m.one = append(m.one, count == 1 && len(results) > 1 && results[1] == wasmfile.TypeI32)
		}
	case wasmfile.SectionImport:
		links, err := wasmfile.ReadImports(s.Body)
		if err != nil {
			return err
		}
		for _, l := range links {
			if l.Kind == wasmfile.Func {
				m.imported++
			}
		}
	case wasmfile.SectionFunction:
		for n := r.U32(); n > 0 && r.Err() == nil; n-- {
			m.types = append(m.types, r.U32())
		}
	}
	return r.Err()
}

// addTaking adds a type to the types.
func (m *module) addTaking(body []byte) []byte {
	m.taking = uint32(len(m.params)) //nolint:gosec // counted by a u32
	r := wasmfile.NewReader(body)
	count := r.U32()
	const function, parameters, results = 0x60, 1, 0
	return append(append(wasmfile.AppendU32(nil, count+1), r.Rest()...), function, parameters, wasmfile.TypeI32, results)
}

// code rewrites the code section.
func (m *module) code(body []byte) ([]byte, error) {
	texts, err := m.split(body)
	if err != nil {
		return nil, err
	}
	m.findPanics(texts)
	m.room = len(body)/4 + 1<<16
	out := make([]byte, 0, len(body)+len(body)/8)
	out = wasmfile.AppendU32(out, uint32(len(texts))) //nolint:gosec // counted by a u32
	f := &function{module: m}
	for i, source := range texts {
		text, changed := f.rewrite(source, m.parameters(i))
		m.changed = m.changed || changed
		out = wasmfile.AppendU32(out, uint32(len(text))) //nolint:gosec // far below 4 GiB
		out = append(out, text...)
	}
	return out, nil
}

// maxFunctions is how many functions of a module are looked at.
const maxFunctions = 200_000

// answers reports whether a function has an i32 for its only result.
func (m *module) answers(function int) bool {
	return function < len(m.types) && uint64(m.types[function]) < uint64(len(m.one)) && m.one[m.types[function]]
}

// parameters is how many parameters a function has.
func (m *module) parameters(function int) uint32 {
	if function < len(m.types) && uint64(m.types[function]) < uint64(len(m.params)) {
		return m.params[m.types[function]]
	}
	return 0
}

// split returns the text of every function.
func (m *module) split(body []byte) ([][]byte, error) {
	r := wasmfile.NewReader(body)
	var texts [][]byte
	count := r.U32()
	if count > maxFunctions {
		return nil, errors.New("it has too many functions")
	}
	for ; count > 0 && r.Err() == nil; count-- {
		texts = append(texts, r.Sized())
	}
	return texts, r.Finish()
}
