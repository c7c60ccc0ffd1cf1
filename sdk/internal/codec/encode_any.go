package codec

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unsafe"
)

func encodeInterface(e *encoder, p *plan, at unsafe.Pointer) error {
	if p.typ.NumMethod() == 0 {
		return e.any(*(*any)(at))
	}
	value := reflect.NewAt(p.typ, at).Elem()
	if value.IsNil() {
		return e.null()
	}
	return e.any(value.Elem().Interface())
}

// any writes a value of whatever type it is.
func (e *encoder) any(v any) error {
	switch v := v.(type) {
	case nil:
		return e.null()
	case string:
		e.string(v)
	case bool:
		e.buf = strconv.AppendBool(e.buf, v)
	case int64:
		e.buf = strconv.AppendInt(e.buf, v, 10)
	case int:
		e.buf = strconv.AppendInt(e.buf, int64(v), 10)
	case float64:
		return e.float(v, 64)
	case map[string]any:
		return e.plainMap(v)
	case []any:
		return e.plainList(v)
	default:
		return e.other(v)
	}
	return nil
}

func (e *encoder) other(v any) error {
	p, err := planOf(reflect.TypeOf(v))
	if err != nil {
		return err
	}
	return p.encode(e, p, addressOf(v))
}

func (e *encoder) plainMap(m map[string]any) error {
	if err := e.enter(); err != nil {
		return err
	}
	e.buf = append(e.buf, '{')
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		e.name(i, name)
		if err := e.any(m[name]); err != nil {
			return inField(err, name)
		}
	}
	e.buf = append(e.buf, '}')
	e.depth--
	return nil
}

func (e *encoder) plainList(list []any) error {
	if err := e.enter(); err != nil {
		return err
	}
	e.buf = append(e.buf, '[')
	for i, v := range list {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		if err := e.any(v); err != nil {
			return inElement(err, i)
		}
	}
	e.buf = append(e.buf, ']')
	e.depth--
	return nil
}

func encodeTime(e *encoder, _ *plan, at unsafe.Pointer) error {
	var err error
	e.buf = append(e.buf, '"')
	e.buf, err = (*time.Time)(at).AppendText(e.buf)
	e.buf = append(e.buf, '"')
	return err
}

// encodeRaw writes JSON that somebody else made, once it is known to be JSON.
func encodeRaw(e *encoder, _ *plan, at unsafe.Pointer) error {
	text := *(*[]byte)(at)
	if text == nil {
		return e.null()
	}
	return e.raw(text)
}

// raw writes text, JSON, without blanks around it.
func (e *encoder) raw(text []byte) error {
	d := decoder{data: unsafe.String(unsafe.SliceData(text), len(text))} // read only, and only here
	value, ok := d.raw()
	if !ok || !d.end() {
		return d.err
	}
	e.buf = append(e.buf, value...)
	return nil
}

func encodeByMethod(e *encoder, p *plan, at unsafe.Pointer) error {
	m, ok := reflect.NewAt(p.typ, at).Interface().(json.Marshaler)
	if !ok {
		return e.null()
	}
	text, err := m.MarshalJSON()
	if err != nil {
		return err
	}
	return e.raw(text)
}

func encodeByText(e *encoder, p *plan, at unsafe.Pointer) error {
	m, ok := reflect.NewAt(p.typ, at).Interface().(encoding.TextMarshaler)
	if !ok {
		return e.null()
	}
	text, err := m.MarshalText()
	if err != nil {
		return err
	}
	e.string(string(text))
	return nil
}

func encodeBytes(e *encoder, _ *plan, at unsafe.Pointer) error {
	e.buf = append(e.buf, '"')
	e.buf = base64.StdEncoding.AppendEncode(e.buf, *(*[]byte)(at))
	e.buf = append(e.buf, '"')
	return nil
}

// encodeQuoted writes a scalar within quotes, null as it is.
func encodeQuoted(e *encoder, p *plan, at unsafe.Pointer) error {
	inner := encoder{}
	if err := p.elem.encode(&inner, p.elem, at); err != nil {
		return err
	}
	if string(inner.buf) == "null" {
		return e.null()
	}
	e.string(string(inner.buf))
	return nil
}
