package codec

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"
	"unsafe"
)

// plan is how one type is read and written. It never changes once it is published.
type plan struct {
	decode func(d *decoder, p *plan, at unsafe.Pointer) bool
	encode func(e *encoder, p *plan, at unsafe.Pointer) error

	typ  reflect.Type
	size uintptr
	// want names the type in errors: "a string".
	want string
	// elem is the plan of what a pointer, list or map holds.
	elem *plan
	// object is set for structs.
	object *object
	// hint is how long the last encoding was.
	hint int32
}

var (
	timeType   = reflect.TypeFor[time.Time]()
	rawType    = reflect.TypeFor[json.RawMessage]()
	numberType = reflect.TypeFor[json.Number]()
	// plainMapType is the map that needs no reflection.
	plainMapType = reflect.TypeFor[map[string]any]()

	jsonReader = reflect.TypeFor[json.Unmarshaler]()
	jsonWriter = reflect.TypeFor[json.Marshaler]()
	textReader = reflect.TypeFor[encoding.TextUnmarshaler]()
	textWriter = reflect.TypeFor[encoding.TextMarshaler]()
)

// plans holds the finished plans by type, as encoding/json does: they depend
// on nothing but the type. building guards the making of new ones.
var (
	plans    sync.Map
	building sync.Mutex
)

// planOf returns the plan of t. A type that JSON cannot hold is an error.
func planOf(t reflect.Type) (*plan, error) {
	if p, ok := plans.Load(t); ok {
		return p.(*plan), nil //nolint:errcheck,forcetypeassert // only plans are stored
	}
	building.Lock()
	defer building.Unlock()
	b := builder{open: map[reflect.Type]*plan{}}
	p := b.plan(t)
	if len(b.faults) > 0 {
		return nil, errors.Join(b.faults...)
	}
	for typ, made := range b.open {
		plans.Store(typ, made)
	}
	return p, nil
}

// builder makes the plans of a type and of all that it consists of, which may include itself.
type builder struct {
	open   map[reflect.Type]*plan
	faults []error
}

func (b *builder) plan(t reflect.Type) *plan {
	if p := b.open[t]; p != nil {
		return p
	}
	p := &plan{typ: t, size: t.Size()}
	b.open[t] = p
	b.byKind(p)
	b.byMethod(p)
	switch t {
	case timeType:
		p.decode, p.encode, p.want = decodeTime, encodeTime, "a time"
	case rawType:
		p.decode, p.encode = decodeRaw, encodeRaw
	case numberType:
		p.decode, p.encode, p.want = decodeJSONNumber, encodeJSONNumber, "a number"
	}
	if p.decode == nil || p.encode == nil {
		b.faults = append(b.faults, fmt.Errorf("%s has no JSON", t))
	}
	return p
}

// byMethod lets a type's own methods read and write it.
func (b *builder) byMethod(p *plan) {
	if p.typ.Kind() == reflect.Pointer || p.typ.Kind() == reflect.Interface {
		return // what it points to decides
	}
	address := reflect.PointerTo(p.typ)
	switch {
	case address.Implements(objectReader):
		p.decode, p.want = decodeMembers, "an object"
	case address.Implements(jsonReader):
		p.decode, p.want = decodeByMethod, ""
	case address.Implements(textReader):
		p.decode, p.want = decodeByText, "a string"
	}
	switch {
	case address.Implements(textJSON):
		p.encode = encodeOwnText
	case address.Implements(jsonWriter):
		p.encode = encodeByMethod
	case address.Implements(textWriter):
		p.encode = encodeByText
	}
}

func (b *builder) byKind(p *plan) {
	switch kind := p.typ.Kind(); kind {
	case reflect.String:
		p.decode, p.encode, p.want = decodeString, encodeString, "a string"
	case reflect.Bool:
		p.decode, p.encode, p.want = decodeBool, encodeBool, "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.decode, p.encode, p.want = decodeInt, encodeInt, "a whole number"
		if p.size == 8 {
			p.decode, p.encode = decodeInt64, encodeInt64
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		p.decode, p.encode, p.want = decodeUint, encodeUint, "a whole number"
	case reflect.Float32, reflect.Float64:
		p.decode, p.encode, p.want = decodeFloat, encodeFloat, "a number"
	case reflect.Pointer:
		p.decode, p.encode, p.elem = decodePointer, encodePointer, b.plan(p.typ.Elem())
	case reflect.Interface:
		p.decode, p.encode = decodeInterface, encodeInterface
		if p.typ.NumMethod() == 0 {
			p.decode = decodeAny
		}
	case reflect.Slice, reflect.Array, reflect.Map:
		b.collection(p)
	case reflect.Struct:
		p.decode, p.encode, p.want = decodeStruct, encodeStruct, "an object"
		p.object = b.object(p.typ)
	default: // functions, channels, complex numbers: the caller sees that nothing was set
	}
}

func (b *builder) collection(p *plan) {
	switch {
	case isBytes(p.typ):
		p.decode, p.encode, p.want = decodeBytes, encodeBytes, "base64 text"
		return
	case p.typ.Kind() == reflect.Map && p.typ.Key().Kind() != reflect.String:
		return // no JSON: what a key means is for the type's own methods to say
	}
	p.elem = b.plan(p.typ.Elem())
	switch p.typ.Kind() {
	case reflect.Map:
		p.decode, p.encode, p.want = decodeMap, encodeMap, "an object"
	case reflect.Slice:
		p.decode, p.encode, p.want = decodeSlice, encodeSlice, "a list"
	default:
		p.decode, p.encode, p.want = decodeArray, encodeArray, "a list"
	}
}

// isBytes says whether t is written as base64 text.
func isBytes(t reflect.Type) bool {
	if t.Kind() != reflect.Slice || t.Elem().Kind() != reflect.Uint8 {
		return false
	}
	address := reflect.PointerTo(t.Elem())
	return !address.Implements(jsonWriter) && !address.Implements(textWriter)
}
