package codec

import (
	"reflect"
	"slices"
	"unsafe"
)

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
