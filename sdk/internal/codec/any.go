package codec

import (
	"reflect"
	"unsafe"
)

func decodeAny(d *decoder, _ *plan, at unsafe.Pointer) bool {
	value, ok := d.any()
	if ok {
		*(*any)(at) = value
	}
	return ok
}

// decodeInterface serves interfaces with methods: only null fits them.
func decodeInterface(d *decoder, p *plan, at unsafe.Pointer) bool {
	if d.peek() != 'n' {
		return d.problem("nothing can be decoded into a " + p.typ.String())
	}
	reflect.NewAt(p.typ, at).Elem().SetZero()
	return d.literal("null")
}

// any takes a value of whatever kind it is.
func (d *decoder) any() (value any, ok bool) {
	switch d.peek() {
	case '"':
		value, ok = d.text()
		return value, ok
	case '{':
		m := map[string]any{}
		return m, d.intoMap(m)
	case '[':
		return d.anyList()
	case 't':
		return true, d.literal("true")
	case 'f':
		return false, d.literal("false")
	case 'n':
		return nil, d.literal("null")
	default:
		return d.anyNumber()
	}
}

func (d *decoder) anyNumber() (value any, ok bool) {
	text, ok := d.number()
	if !ok {
		return nil, false
	}
	if value = anyNumber(text); value == nil {
		return nil, d.problem("wants a number that fits float64")
	}
	return value, true
}

func (d *decoder) intoMap(m map[string]any) bool {
	if !d.enter() {
		return false
	}
	for more := !d.empty('}'); more; {
		name, ok := d.key()
		if !ok {
			return false
		}
		value, ok := d.any()
		if !ok {
			return d.inField(name)
		}
		m[name] = value
		if more = d.more('}'); d.err != nil {
			return false
		}
	}
	return true
}

func (d *decoder) anyList() (value any, ok bool) {
	if !d.enter() {
		return nil, false
	}
	list := []any{}
	for more := !d.empty(']'); more; {
		element, ok := d.any()
		if !ok {
			return nil, d.inElement(len(list))
		}
		list = append(list, element)
		if more = d.more(']'); d.err != nil {
			return nil, false
		}
	}
	return list, true
}
