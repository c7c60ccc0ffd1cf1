package codec

import (
	"reflect"
	"strings"
	"unsafe"
)

// slice is how Go lays out every slice.
type slice struct {
	data unsafe.Pointer
	len  int
	cap  int
}

func decodeStruct(d *decoder, p *plan, at unsafe.Pointer) bool {
	if d.peek() != '{' {
		return d.otherwise(p)
	}
	o := p.object
	var seen []bool
	if d.defaults && o.demands {
		seen = make([]bool, len(o.fields))
	}
	if !d.enter() {
		return false
	}
	next := 0
	for more := !d.empty('}'); more; {
		index := d.fieldIndex(o, next)
		if index < 0 {
			return false
		}
		if index < len(o.fields) {
			f := &o.fields[index]
			if seen != nil {
				seen[index] = d.given(f)
			}
			value := f.at(at, true)
			if !f.plan.decode(d, f.plan, value) || (d.defaults && f.words != "" && !d.checkWords(f, value)) {
				return d.inField(f.name)
			}
			next = index + 1
		}
		if more = d.more('}'); d.err != nil {
			return false
		}
	}
	return d.complete(o, at, seen)
}

// fieldIndex takes the name of a member and returns which field it is. For a
// member without a field it takes the value too and returns len(o.fields); if
// that is an error it returns -1. next is the field that probably follows:
// documents list their members in the same order again and again.
func (d *decoder) fieldIndex(o *object, next int) int {
	if next < len(o.fields) {
		want := o.fields[next].prefix[1:]
		if d.peek() == '"' && startsWith(d.data, d.pos, want) {
			d.pos += len(want)
			return next
		}
	}
	name, ok := d.key()
	if !ok {
		return -1
	}
	if index, ok := o.find(name); ok {
		return index
	}
	if d.strict {
		d.fail(&Error{Path: name, Problem: "there is no such field"})
		return -1
	}
	if !d.skip() {
		return -1
	}
	return len(o.fields)
}

// checkWords fails if a text, or one in a list of texts, is none of the
// field's words. An optional text may be empty.
func (d *decoder) checkWords(f *field, at unsafe.Pointer) bool {
	value := reflect.NewAt(f.plan.typ, at).Elem()
	for value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	switch value.Kind() {
	case reflect.String:
		return f.allows(value.String()) || (value.Len() == 0 && !f.required) || d.wrongWord(f)
	case reflect.Slice:
		for i := range value.Len() {
			if item := value.Index(i); item.Kind() == reflect.String && !f.allows(item.String()) {
				return d.wrongWord(f) || d.inElement(i)
			}
		}
	default: // a nil pointer
	}
	return true
}

func (d *decoder) wrongWord(f *field) bool {
	return d.problem("wants one of " + strings.ReplaceAll(strings.Trim(f.words, ","), ",", ", "))
}

// allows says whether word is one of the field's words.
func (f *field) allows(word string) bool {
	return !strings.Contains(word, ",") && strings.Contains(f.words, ","+word+",")
}

// given says whether the value that follows counts as one for f: null does
// where it means something.
func (d *decoder) given(f *field) bool {
	return d.peek() != 'n' || f.plan.want == "" || f.plan.elem != nil
}

// complete gives missing fields their defaults and fails if a required one is
// missing; seen is nil if nobody asks.
func (d *decoder) complete(o *object, at unsafe.Pointer, seen []bool) bool {
	for i, was := range seen {
		f := &o.fields[i]
		switch {
		case was:
		case f.standard != "":
			inner := decoder{data: f.standard}
			if !f.plan.decode(&inner, f.plan, f.at(at, true)) {
				return d.fail(inField(inner.err, f.name))
			}
		case f.required && d.whole:
			return d.fail(&Error{Path: f.name, Problem: "is missing"})
		}
	}
	return true
}

func decodePointer(d *decoder, p *plan, at unsafe.Pointer) bool {
	slot := (*unsafe.Pointer)(at)
	if d.peek() == 'n' {
		*slot = nil
		return d.literal("null")
	}
	if *slot == nil {
		*slot = reflect.New(p.elem.typ).UnsafePointer()
	}
	return p.elem.decode(d, p.elem, *slot)
}

func decodeSlice(d *decoder, p *plan, at unsafe.Pointer) bool {
	list := reflect.NewAt(p.typ, at).Elem()
	if d.peek() != '[' {
		if d.peek() == 'n' {
			list.SetZero()
		}
		return d.otherwise(p)
	}
	if !d.enter() {
		return false
	}
	list.Set(reflect.MakeSlice(p.typ, 0, 0))
	header := (*slice)(at)
	for more := !d.empty(']'); more; {
		if header.len == header.cap {
			list.Grow(max(4, header.cap))
		}
		index := header.len
		header.len++
		if !p.elem.decode(d, p.elem, unsafe.Add(header.data, uintptr(index)*p.elem.size)) { //nolint:gosec // never negative
			return d.inElement(index)
		}
		if more = d.more(']'); d.err != nil {
			return false
		}
	}
	return true
}

// decodeArray fills an array; what the list has too much is dropped, what it lacks is zero.
func decodeArray(d *decoder, p *plan, at unsafe.Pointer) bool {
	if d.peek() != '[' {
		return d.otherwise(p)
	}
	if !d.enter() {
		return false
	}
	array := reflect.NewAt(p.typ, at).Elem()
	index := 0
	for more := !d.empty(']'); more; index++ {
		if !d.element(p, array, index) {
			return d.inElement(index)
		}
		if more = d.more(']'); d.err != nil {
			return false
		}
	}
	for ; index < array.Len(); index++ {
		array.Index(index).SetZero()
	}
	return true
}

func (d *decoder) element(p *plan, array reflect.Value, index int) bool {
	if index >= array.Len() {
		return d.skip()
	}
	return p.elem.decode(d, p.elem, array.Index(index).Addr().UnsafePointer())
}

// decodeMap adds the members to the map that is there, as encoding/json does.
func decodeMap(d *decoder, p *plan, at unsafe.Pointer) bool {
	target := reflect.NewAt(p.typ, at).Elem()
	if d.peek() != '{' {
		if d.peek() == 'n' {
			target.SetZero()
		}
		return d.otherwise(p)
	}
	if target.IsNil() {
		target.Set(reflect.MakeMap(p.typ))
	}
	if p.typ == plainMapType {
		return d.intoMap(*(*map[string]any)(at))
	}
	if !d.enter() {
		return false
	}
	for more := !d.empty('}'); more; {
		name, ok := d.key()
		if !ok {
			return false
		}
		value := reflect.New(p.elem.typ)
		if !p.elem.decode(d, p.elem, value.UnsafePointer()) {
			return d.inField(name)
		}
		target.SetMapIndex(reflect.ValueOf(name).Convert(p.typ.Key()), value.Elem())
		if more = d.more('}'); d.err != nil {
			return false
		}
	}
	return true
}
