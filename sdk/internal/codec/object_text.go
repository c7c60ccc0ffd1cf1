package codec

import (
	"reflect"
	"slices"
	"unsafe"
)

// Member is one member of an object whose values stay text.
type Member struct {
	Name string
	// JSON is the value as it was written.
	JSON string
}

// ObjectReader is a type that keeps an object as it was written. ReadObject
// gets its text and its members, which share that text, in its order; both are
// checked to be JSON. For null there is neither.
type ObjectReader interface {
	ReadObject(text string, members []Member) error
}

// TextWriter is a type whose JSON is at hand. Nobody checks what it returns.
type TextWriter interface {
	WriteJSON() string
}

var (
	objectReader = reflect.TypeFor[ObjectReader]()
	textJSON     = reflect.TypeFor[TextWriter]()
)

// decodeMembers goes once over an object and hands it to the type's own ReadObject.
func decodeMembers(d *decoder, p *plan, at unsafe.Pointer) bool {
	reader, ok := reflect.NewAt(p.typ, at).Interface().(ObjectReader)
	switch c := d.peek(); {
	case !ok || (c != '{' && c != 'n'):
		return d.otherwise(p)
	case c == 'n':
		return d.literal("null") && d.check(reader.ReadObject("", nil))
	}
	start := d.pos
	return d.members() && d.check(reader.ReadObject(d.data[start:d.pos], slices.Clone(d.found)))
}

// usualMembers is how many there is room for at once.
const usualMembers = 64

// members takes an object and leaves its members in d.found.
func (d *decoder) members() bool {
	if d.found == nil {
		d.found = make([]Member, 0, usualMembers)
	}
	d.found = d.found[:0]
	if !d.enter() {
		return false
	}
	for more := !d.empty('}'); more; {
		name, ok := d.key()
		if !ok {
			return false
		}
		value, ok := d.raw()
		if !ok {
			return d.inField(name)
		}
		d.found = append(d.found, Member{Name: name, JSON: value})
		if more = d.more('}'); d.err != nil {
			return false
		}
	}
	return true
}

func encodeOwnText(e *encoder, p *plan, at unsafe.Pointer) error {
	w, ok := reflect.NewAt(p.typ, at).Interface().(TextWriter)
	if !ok {
		return e.null()
	}
	e.buf = append(e.buf, w.WriteJSON()...)
	return nil
}
