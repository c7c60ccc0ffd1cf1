package meter

import "github.com/musubi-run/musubi/host/wasm/wasmfile"

// write returns the function's text with all edits.
func (f *function) write() []byte {
	out := f.out[:0]
	groups := f.groups
	if f.bulk {
		groups++
	}
	out = append(wasmfile.AppendU32(out, groups), f.locals...)
	if f.bulk {
		out = append(out, 1, typeI32)
	}
	from := 0
	for _, e := range f.edits {
		out = append(out, f.code[from:e.at]...)
		from = e.at + e.skip
		out = f.apply(out, e)
	}
	out = append(out, f.code[from:]...)
	f.out = out
	return out
}

func (f *function) apply(out []byte, e edit) []byte {
	switch e.kind {
	case charge:
		out = f.appendFuel(out, opGlobalGet)
		out = wasmfile.AppendS64(append(out, opI64Const), 1+e.value/Stretch)
		return f.appendPay(out)
	case chargeOperand:
		out = wasmfile.AppendU32(append(out, opLocalTee), f.count)
		out = f.appendFuel(out, opGlobalGet)
		out = wasmfile.AppendU32(append(out, opLocalGet), f.count)
		out = wasmfile.AppendS64(append(out, opI64ExtendU, opI64Const), e.value)
		return f.appendPay(append(out, opI64ShrU))
	default:
		return wasmfile.AppendU32(out, uint32(e.value)) //nolint:gosec // an index
	}
}

// appendPay appends: fuel = fuel - cost; if fuel < 0, refuel. Both operands are
// on the stack.
func (f *function) appendPay(out []byte) []byte {
	out = f.appendFuel(append(out, opI64Sub), opGlobalSet)
	out = f.appendFuel(out, opGlobalGet)
	out = append(out, opI64Const, 0, opI64LtS, opIf, voidBlock, opCall)
	return append(wasmfile.AppendU32(out, f.module.imported), opEnd)
}

func (f *function) appendFuel(out []byte, op byte) []byte {
	return wasmfile.AppendU32(append(out, op), f.module.globals)
}
