package meter

import (
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/host/wasm/opcode"
	"github.com/musubi-run/musubi/host/wasm/wasmfile"
)

// refuelImport is the import of the refuel function, whose type was added last.
func (m *module) refuelImport() []byte {
	item := appendName(appendName(nil, RefuelModule), RefuelName)
	item = append(item, byte(wasmfile.Func))
	return wasmfile.AppendU32(item, uint32(len(m.params))) //nolint:gosec // counted by a u32
}

func appendName(b []byte, name string) []byte {
	return append(wasmfile.AppendU32(b, uint32(len(name))), name...) //nolint:gosec // a constant
}

// clampTables gives every table a maximum.
func clampTables(body []byte) ([]byte, error) {
	r := wasmfile.NewReader(body)
	count, total := r.U32(), uint64(0)
	out := wasmfile.AppendU32(nil, count)
	for ; count > 0 && r.Err() == nil; count-- {
		element, flags := wasmfile.TakeRefType(r), r.Byte()
		if flags > 1 {
			return nil, fmt.Errorf("table limits of form 0x%02x are not supported", flags)
		}
		least, most := r.U32(), uint32(MaxTable)
		if total += uint64(least); total > maxElements {
			return nil, fmt.Errorf("its tables begin with more than %d elements", maxElements)
		}
		if flags == 1 {
			declared := r.U32()
			if declared < least {
				return nil, errors.New("a table begins larger than it may become")
			}
			most = min(most, declared)
		}
		out = append(out, element, 1)
		out = wasmfile.AppendU32(wasmfile.AppendU32(out, least), max(least, most))
	}
	return out, r.Finish()
}

// addGlobals adds fuel and depth to the globals. A global may begin as a function.
func (m *module) addGlobals(body []byte) ([]byte, error) {
	const mutable = 1
	r := wasmfile.NewReader(body)
	count := r.U32()
	out := wasmfile.AppendU32(nil, count+2)
	var err error
	for ; count > 0 && err == nil; count-- {
		out = append(out, wasmfile.TakeType(r), r.Byte()) // its type, and whether it can change
		out, err = m.moveExpression(out, r)
	}
	if err == nil {
		err = r.Finish()
	}
	out = append(out, wasmfile.TypeI64, mutable, opcode.I64Const)
	out = append(wasmfile.AppendS64(out, StartFuel), opcode.End, wasmfile.TypeI32, mutable, opcode.I32Const)
	return append(wasmfile.AppendS64(out, StartDepth), opcode.End), err
}

// moveExpression copies a constant expression to out.
func (m *module) moveExpression(out []byte, r *wasmfile.Reader) ([]byte, error) {
	for {
		before := r.Remaining()
		in, err := opcode.Next(r)
		if err != nil {
			return nil, err
		}
		if in.Op == opcode.RefFunc {
			index, err := m.move(in.Index)
			if err != nil {
				return nil, err
			}
			out = wasmfile.AppendU32(append(out, opcode.RefFunc), index)
			continue
		}
		out = append(out, before[:len(before)-r.Len()]...)
		if in.Op == opcode.End {
			return out, nil
		}
	}
}

// moveExports moves the functions among the exports and adds fuel and depth.
func (m *module) moveExports(body []byte) ([]byte, error) {
	exports, err := wasmfile.ReadExports(body)
	if err != nil {
		return nil, err
	}
	out := wasmfile.AppendU32(nil, uint32(len(exports))+2) //nolint:gosec // counted by a u32
	for _, e := range exports {
		if e.Name == FuelExport || e.Name == DepthExport {
			return nil, errTwice
		}
		if e.Kind == wasmfile.Global && e.Index >= m.globals {
			return nil, errGlobal
		}
		if e.Kind == wasmfile.Func {
			if e.Index, err = m.move(e.Index); err != nil {
				return nil, err
			}
		}
		out = wasmfile.AppendU32(append(appendName(out, e.Name), byte(e.Kind)), e.Index)
	}
	out = wasmfile.AppendU32(append(appendName(out, FuelExport), byte(wasmfile.Global)), m.globals)
	return wasmfile.AppendU32(append(appendName(out, DepthExport), byte(wasmfile.Global)), m.globals+1), nil
}

func (m *module) moveStart(body []byte) ([]byte, error) {
	r := wasmfile.NewReader(body)
	index, err := m.move(r.U32())
	if err == nil {
		err = r.Finish()
	}
	return wasmfile.AppendU32(nil, index), err
}

// The bits of an element segment's form.
const (
	segmentInactive    = 1 // passive, or declarative with segmentExplicit
	segmentExplicit    = 2 // names its table, if it is active
	segmentExpressions = 4 // has expressions for elements, not indices
	lastSegment        = 7
)

// moveElements moves the functions in the element segments.
func (m *module) moveElements(body []byte) ([]byte, error) {
	r := wasmfile.NewReader(body)
	count := r.U32()
	out := wasmfile.AppendU32(nil, count)
	var err error
	for ; count > 0 && err == nil; count-- {
		out, err = m.moveSegment(out, r)
	}
	if err == nil {
		err = r.Finish()
	}
	return out, err
}

func (m *module) moveSegment(out []byte, r *wasmfile.Reader) (_ []byte, err error) {
	form := r.U32()
	if form > lastSegment {
		return nil, fmt.Errorf("the element segment form %d is not supported", form)
	}
	out = wasmfile.AppendU32(out, form)
	if form&segmentInactive == 0 {
		if form&segmentExplicit != 0 {
			out = wasmfile.AppendU32(out, r.U32())
		}
		if out, err = m.moveExpression(out, r); err != nil {
			return nil, err
		}
	}
	if form&(segmentInactive|segmentExplicit) != 0 {
		out = append(out, takeElementType(r, form))
	}
	return m.moveItems(out, r, form&segmentExpressions != 0)
}

// takeElementType takes what a segment's elements are: a type where they are
// expressions, else a kind, of which there is one.
func takeElementType(r *wasmfile.Reader, form uint32) byte {
	if form&segmentExpressions != 0 {
		return wasmfile.TakeRefType(r)
	}
	kind := r.Byte()
	if kind != 0 {
		r.Fail(fmt.Errorf("the element kind 0x%02x is not supported", kind))
	}
	return kind
}

func (m *module) moveItems(out []byte, r *wasmfile.Reader, expressions bool) (_ []byte, err error) {
	count := r.U32()
	out = wasmfile.AppendU32(out, count)
	for ; count > 0; count-- {
		if expressions {
			out, err = m.moveExpression(out, r)
		} else {
			var index uint32
			index, err = m.move(r.U32())
			out = wasmfile.AppendU32(out, index)
		}
		if err == nil {
			err = r.Err()
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
