// Package asm writes small WebAssembly modules by hand, for tests: guests that
// no compiler would make.
package asm

import (
	"encoding/binary"
	"strconv"

	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// Value types.
const (
	I32 byte = 0x7f
	I64 byte = 0x7e
)

// Type is the type of a function.
type Type struct{ Params, Results []byte }

// Import is an imported function.
type Import struct {
	Module, Name string
	Type         Type
}

// Func is a function, exported if it has a name. It has Locals more variables
// of type i32 than parameters. Its code is without the final end.
type Func struct {
	Name   string
	Type   Type
	Locals int
	Code   []byte
}

// Segment is a piece of data at an address.
type Segment struct {
	Address int32
	Data    []byte
}

// Module is a module with one exported memory.
type Module struct {
	Imports []Import
	Funcs   []Func
	// Pages is the size of the memory, in pages of 64 KiB; 0 means no memory.
	Pages uint32
	// Data is what the memory begins with; Segments are copied over it, in order.
	Data     []byte
	Segments []Segment
	// Globals are variables of type i32, exported as global0 and so on.
	Globals []int32
	// Table is the size of a table of functions, the first ones being Elements.
	Table    uint32
	Elements []uint32
	// Start is the name of the start function; empty means none.
	Start string
}

// Bytes returns the module's binary form.
func (m *Module) Bytes() []byte {
	out := []byte(wasmfile.Header)
	out = section(out, wasmfile.SectionType, m.types())
	out = section(out, wasmfile.SectionImport, m.imports())
	out = section(out, wasmfile.SectionFunction, m.functions())
	if m.Table > 0 {
		out = section(out, wasmfile.SectionTable, [][]byte{append([]byte{0x70, 0}, u32(m.Table)...)})
	}
	if m.Pages > 0 {
		out = section(out, wasmfile.SectionMemory, [][]byte{append([]byte{0}, u32(m.Pages)...)})
	}
	out = section(out, wasmfile.SectionGlobal, m.globals())
	out = section(out, wasmfile.SectionExport, m.exports())
	for i, f := range m.Funcs {
		if m.Start != "" && f.Name == m.Start {
			out = raw(out, wasmfile.SectionStart, u32(m.index(i)))
		}
	}
	if len(m.Elements) > 0 {
		out = section(out, wasmfile.SectionElement, [][]byte{m.elements()})
	}
	out = section(out, wasmfile.SectionCode, m.code())
	return section(out, wasmfile.SectionData, m.data())
}

func (m *Module) data() (items [][]byte) {
	segments := m.Segments
	if len(m.Data) > 0 {
		segments = append([]Segment{{0, m.Data}}, segments...)
	}
	for _, s := range segments {
		item := append(append([]byte{0}, Const(s.Address)...), 0x0b)
		items = append(items, append(append(item, u32(uint32(len(s.Data)))...), s.Data...))
	}
	return items
}

func (m *Module) index(defined int) uint32 { return uint32(len(m.Imports) + defined) }

func (m *Module) types() (items [][]byte) {
	for _, i := range m.Imports {
		items = append(items, i.Type.bytes())
	}
	for _, f := range m.Funcs {
		items = append(items, f.Type.bytes())
	}
	return items
}

func (t Type) bytes() []byte {
	out := append([]byte{0x60}, u32(uint32(len(t.Params)))...)
	out = append(append(out, t.Params...), u32(uint32(len(t.Results)))...)
	return append(out, t.Results...)
}

func (m *Module) imports() (items [][]byte) {
	for n, i := range m.Imports {
		item := append(name(i.Module), name(i.Name)...)
		items = append(items, append(append(item, byte(wasmfile.Func)), u32(uint32(n))...))
	}
	return items
}

func (m *Module) functions() (items [][]byte) {
	for i := range m.Funcs {
		items = append(items, u32(m.index(i)))
	}
	return items
}

func (m *Module) globals() (items [][]byte) {
	for _, g := range m.Globals {
		items = append(items, append(append([]byte{I32, 1}, Const(g)...), 0x0b))
	}
	return items
}

func (m *Module) exports() (items [][]byte) {
	for i := range m.Globals {
		items = append(items, append(append(name("global"+strconv.Itoa(i)), byte(wasmfile.Global)), u32(uint32(i))...))
	}
	for i, f := range m.Funcs {
		if f.Name != "" {
			items = append(items, append(append(name(f.Name), byte(wasmfile.Func)), u32(m.index(i))...))
		}
	}
	if m.Pages > 0 {
		items = append(items, append(name("memory"), byte(wasmfile.Memory), 0))
	}
	return items
}

func (m *Module) elements() []byte {
	out := append(append([]byte{0}, Const(0)...), 0x0b)
	out = append(out, u32(uint32(len(m.Elements)))...)
	for _, e := range m.Elements {
		out = append(out, u32(e)...)
	}
	return out
}

func (m *Module) code() (items [][]byte) {
	for _, f := range m.Funcs {
		body := []byte{0}
		if f.Locals > 0 {
			body = append(append([]byte{1}, u32(uint32(f.Locals))...), I32)
		}
		body = append(append(body, f.Code...), 0x0b)
		items = append(items, append(u32(uint32(len(body))), body...))
	}
	return items
}

func section(out []byte, id byte, items [][]byte) []byte {
	if len(items) == 0 {
		return out
	}
	body := u32(uint32(len(items)))
	for _, item := range items {
		body = append(body, item...)
	}
	return raw(out, id, body)
}

func raw(out []byte, id byte, body []byte) []byte {
	return append(append(append(out, id), u32(uint32(len(body)))...), body...)
}

func name(s string) []byte { return append(u32(uint32(len(s))), s...) }

func u32(v uint32) []byte { return wasmfile.AppendU32(nil, v) }

// Code joins pieces of code.
func Code(pieces ...[]byte) (out []byte) {
	for _, p := range pieces {
		out = append(out, p...)
	}
	return out
}

// Op is an instruction with its immediate bytes.
func Op(b ...byte) []byte { return b }

// Const is i32.const.
func Const(v int32) []byte { return wasmfile.AppendS64([]byte{0x41}, int64(v)) }

// Const64 is i64.const.
func Const64(v int64) []byte { return wasmfile.AppendS64([]byte{0x42}, v) }

// Call calls the function with that index, imports first.
func Call(index uint32) []byte { return append([]byte{0x10}, u32(index)...) }

// Get is local.get.
func Get(local uint32) []byte { return append([]byte{0x20}, u32(local)...) }

// Loop repeats the code for ever.
func Loop(code ...[]byte) []byte {
	return Code([]byte{0x03, 0x40}, Code(code...), []byte{0x0c, 0, 0x0b})
}

// Drop is drop, Unreachable is unreachable.
var (
	Drop        = []byte{0x1a}
	Unreachable = []byte{0x00}
)

// Frame is a section of an ABI frame: a tag, a length and the body.
func Frame(tag byte, body string) []byte {
	out := binary.LittleEndian.AppendUint32([]byte{tag}, uint32(len(body)))
	return append(out, body...)
}
