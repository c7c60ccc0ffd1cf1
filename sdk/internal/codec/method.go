package codec

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
	"time"
	"unsafe"
)

// check fails if a type's own method did.
func (d *decoder) check(err error) bool { return err == nil || d.fail(err) }

func decodeTime(d *decoder, p *plan, at unsafe.Pointer) bool {
	if d.peek() != '"' {
		return d.otherwise(p)
	}
	text, ok := d.raw()
	if !ok {
		return false
	}
	text = text[1 : len(text)-1]
	return d.check((*time.Time)(at).UnmarshalText(unsafe.Slice(unsafe.StringData(text), len(text)))) // read only
}

// decodeByMethod hands the text of a value to the type's own UnmarshalJSON.
func decodeByMethod(d *decoder, p *plan, at unsafe.Pointer) bool {
	text, ok := d.raw()
	if !ok {
		return false
	}
	if u, ok := reflect.NewAt(p.typ, at).Interface().(json.Unmarshaler); ok {
		return d.check(u.UnmarshalJSON([]byte(text)))
	}
	return true
}

func decodeByText(d *decoder, p *plan, at unsafe.Pointer) bool {
	if d.peek() != '"' {
		return d.otherwise(p)
	}
	text, ok := d.text()
	if !ok {
		return false
	}
	if u, ok := reflect.NewAt(p.typ, at).Interface().(encoding.TextUnmarshaler); ok {
		return d.check(u.UnmarshalText([]byte(text)))
	}
	return true
}

func decodeBytes(d *decoder, p *plan, at unsafe.Pointer) bool {
	if d.peek() != '"' {
		if d.peek() == 'n' {
			*(*[]byte)(at) = nil
		}
		return d.otherwise(p)
	}
	text, ok := d.text()
	if !ok {
		return false
	}
	content, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return d.problem("wants " + p.want)
	}
	*(*[]byte)(at) = content
	return true
}

// quoted returns the plan of a field with the option "string": a scalar within quotes.
func quoted(inner *plan) *plan {
	return &plan{
		typ: inner.typ, size: inner.size, elem: inner, want: "a string",
		decode: decodeQuoted, encode: encodeQuoted,
	}
}

// quotable says whether the option "string" means anything for t.
func quotable(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	kind := t.Kind()
	return kind == reflect.String || kind == reflect.Bool || reflect.Int <= kind && kind <= reflect.Float64
}

func decodeQuoted(d *decoder, p *plan, at unsafe.Pointer) bool {
	if d.peek() == 'n' {
		return p.elem.decode(d, p.elem, at)
	}
	if d.peek() != '"' {
		return d.otherwise(p)
	}
	text, ok := d.text()
	if !ok {
		return false
	}
	if strings.TrimSpace(text) != text {
		return d.problem("has blanks within its quotes")
	}
	inner := decoder{data: withoutZeros(text)}
	return p.elem.decode(&inner, p.elem, at) && inner.end() || d.fail(inner.err)
}

// withoutZeros drops zeros in front of a number: platforms that quote numbers also pad them.
func withoutZeros(text string) string {
	digits, negative := strings.CutPrefix(text, "-")
	for len(digits) > 1 && digits[0] == '0' && digits[1]-'0' <= 9 {
		digits = digits[1:]
	}
	if negative {
		return "-" + digits
	}
	return digits
}
