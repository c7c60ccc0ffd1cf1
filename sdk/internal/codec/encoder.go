package codec

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"
	"unsafe"
)

// encoder writes one document to buf.
type encoder struct {
	buf   []byte
	depth int
}

// addressOf returns the address of a copy of v.
func addressOf(v any) unsafe.Pointer {
	value := reflect.New(reflect.TypeOf(v))
	value.Elem().Set(reflect.ValueOf(v))
	return value.UnsafePointer()
}

const hexDigits = "0123456789abcdef"

// string writes s in quotes. Most strings need no escape and are copied whole.
func (e *encoder) string(s string) {
	n := cleanBytes(s)
	if n < len(s) {
		e.buf = append(append(e.buf, '"'), s[:n]...)
		e.escape(s[n:])
		e.buf = append(e.buf, '"')
		return
	}
	begin := len(e.buf)
	if cap(e.buf) < begin+n+2 {
		e.buf = slices.Grow(e.buf, n+2)
	}
	e.buf = e.buf[:begin+n+2]
	e.buf[begin], e.buf[begin+n+1] = '"', '"'
	copy(e.buf[begin+1:], s)
}

// cleanBytes returns how many bytes at the beginning of s can be written as
// they are. It stops at a whole character.
func cleanBytes(s string) int {
	n, ascii := plainBytes(s)
	if ascii {
		return n
	}
	if ok, separators := validUTF8(s[:n]); !ok || separators {
		return 0
	}
	return n
}

// escape writes s with all that JSON wants escaped.
func (e *encoder) escape(s string) {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			e.escapeByte(c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			e.buf = append(e.buf, `\ufffd`...)
		case r == '\u2028' || r == '\u2029':
			e.buf = append(e.buf, `\u202`...)
			e.buf = append(e.buf, hexDigits[r&0xf])
		default:
			e.buf = append(e.buf, s[i:i+size]...)
		}
		i += size
	}
}

func (e *encoder) escapeByte(c byte) {
	switch {
	case c == '"' || c == '\\':
		e.buf = append(e.buf, '\\', c)
	case c >= ' ':
		e.buf = append(e.buf, c)
	case c == '\n':
		e.buf = append(e.buf, `\n`...)
	case c == '\r':
		e.buf = append(e.buf, `\r`...)
	case c == '\t':
		e.buf = append(e.buf, `\t`...)
	case c == '\b':
		e.buf = append(e.buf, `\b`...)
	case c == '\f':
		e.buf = append(e.buf, `\f`...)
	default:
		e.buf = append(e.buf, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
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

func encodeStruct(e *encoder, p *plan, at unsafe.Pointer) error {
	if err := e.enter(); err != nil {
		return err
	}
	e.buf = append(e.buf, '{')
	first := true
	for i := range p.object.fields {
		f := &p.object.fields[i]
		member := unsafe.Add(at, f.offset)
		if f.path != nil {
			member = f.at(at, false)
		}
		if member == nil || f.omitted(member) {
			continue
		}
		prefix := f.prefix
		if first {
			prefix, first = prefix[1:], false
		}
		e.buf = append(e.buf, prefix...)
		if err := f.plan.encode(e, f.plan, member); err != nil {
			return inField(err, f.name)
		}
	}
	e.buf = append(e.buf, '}')
	e.depth--
	return nil
}

func encodePointer(e *encoder, p *plan, at unsafe.Pointer) error {
	target := *(*unsafe.Pointer)(at)
	if target == nil {
		return e.null()
	}
	if err := e.enter(); err != nil {
		return err
	}
	err := p.elem.encode(e, p.elem, target)
	e.depth--
	return err
}

func encodeSlice(e *encoder, p *plan, at unsafe.Pointer) error {
	list := (*slice)(at)
	return e.list(p.elem, list.data, list.len)
}

func encodeArray(e *encoder, p *plan, at unsafe.Pointer) error {
	return e.list(p.elem, at, p.typ.Len())
}

// list writes count values that lie one behind the other.
func (e *encoder) list(elem *plan, at unsafe.Pointer, count int) error {
	if err := e.enter(); err != nil {
		return err
	}
	e.buf = append(e.buf, '[')
	for i := range count {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		if err := elem.encode(e, elem, unsafe.Add(at, uintptr(i)*elem.size)); err != nil {
			return inElement(err, i)
		}
	}
	e.buf = append(e.buf, ']')
	e.depth--
	return nil
}

func encodeMap(e *encoder, p *plan, at unsafe.Pointer) error {
	source := reflect.NewAt(p.typ, at).Elem()
	if p.typ == plainMapType {
		return e.plainMap(*(*map[string]any)(at))
	}
	if err := e.enter(); err != nil {
		return err
	}
	names := make([]string, 0, source.Len())
	for _, key := range source.MapKeys() {
		names = append(names, key.String())
	}
	slices.Sort(names)
	e.buf = append(e.buf, '{')
	for i, name := range names {
		e.name(i, name)
		value := reflect.New(p.elem.typ)
		value.Elem().Set(source.MapIndex(reflect.ValueOf(name).Convert(p.typ.Key())))
		if err := p.elem.encode(e, p.elem, value.UnsafePointer()); err != nil {
			return inField(err, name)
		}
	}
	e.buf = append(e.buf, '}')
	e.depth--
	return nil
}

// name writes the name of the member with that index, and what stands around it.
func (e *encoder) name(index int, name string) {
	if index > 0 {
		e.buf = append(e.buf, ',')
	}
	e.string(name)
	e.buf = append(e.buf, ':')
}
