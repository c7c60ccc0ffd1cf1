package codec

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"unsafe"
)

// encoder writes one document to buf.
type encoder struct {
	buf   []byte
	depth int
}

// addressOf returns where v lies; nobody may write there. Go keeps a value that
// is larger than a word behind the interface's second word, so most answers of
// connectors, structs of a kilobyte, need no copy.
func addressOf(v any) unsafe.Pointer {
	if reflect.TypeOf(v).Size() > unsafe.Sizeof(uintptr(0)) {
		return (*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1]
	}
	value := reflect.New(reflect.TypeOf(v))
	value.Elem().Set(reflect.ValueOf(v))
	return value.UnsafePointer()
}

func (e *encoder) null() error {
	e.buf = append(e.buf, "null"...)
	return nil
}

// enter goes one level deeper. Values that contain themselves would go on for ever.
func (e *encoder) enter() error {
	e.depth++
	if e.depth > maxDepth {
		return &Error{Problem: "the value nests too deep: it may contain itself"}
	}
	return nil
}

func encodeString(e *encoder, _ *plan, at unsafe.Pointer) error {
	e.string(*(*string)(at))
	return nil
}

func encodeBool(e *encoder, _ *plan, at unsafe.Pointer) error {
	e.buf = strconv.AppendBool(e.buf, *(*bool)(at))
	return nil
}

func encodeInt64(e *encoder, _ *plan, at unsafe.Pointer) error {
	e.buf = strconv.AppendInt(e.buf, *(*int64)(at), 10)
	return nil
}

func encodeInt(e *encoder, p *plan, at unsafe.Pointer) error {
	e.buf = strconv.AppendInt(e.buf, reflect.NewAt(p.typ, at).Elem().Int(), 10)
	return nil
}

func encodeUint(e *encoder, p *plan, at unsafe.Pointer) error {
	e.buf = strconv.AppendUint(e.buf, reflect.NewAt(p.typ, at).Elem().Uint(), 10)
	return nil
}

func encodeFloat(e *encoder, p *plan, at unsafe.Pointer) error {
	if p.size == 4 {
		return e.float(float64(*(*float32)(at)), 32)
	}
	return e.float(*(*float64)(at), 64)
}

// float writes f the way encoding/json and JavaScript do.
func (e *encoder) float(f float64, bits int) error {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return &Error{Problem: "JSON has no infinity and no NaN"}
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 {
		small, big := abs < 1e-6, abs >= 1e21
		if bits == 32 {
			small, big = float32(abs) < 1e-6, float32(abs) >= 1e21
		}
		if small || big {
			format = 'e'
		}
	}
	e.buf = strconv.AppendFloat(e.buf, f, format, -1, bits)
	if n := len(e.buf); format == 'e' && n >= 4 && string(e.buf[n-4:n-1]) == "e-0" {
		e.buf = append(e.buf[:n-2], e.buf[n-1]) // e-09 is written e-9
	}
	return nil
}

func encodeJSONNumber(e *encoder, _ *plan, at unsafe.Pointer) error {
	text := string(*(*json.Number)(at))
	if text == "" {
		text = "0"
	}
	if !isNumberText(text) {
		return &Error{Problem: "a json.Number holds something else than a number"}
	}
	e.buf = append(e.buf, text...)
	return nil
}
