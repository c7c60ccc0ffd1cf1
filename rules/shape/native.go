package shape

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/value"
)

// Native is an object made of a Go struct, field by field as they are asked for,
// as Decode would read the struct's JSON. Lists that are nil and not left out
// are empty. It belongs to one goroutine.
type Native struct {
	object *Object
	from   reflect.Value
	read   []bool
}

// Native returns the object of a pointer to a struct, without fields so far. The
// type's schema must be the one that was derived from the struct.
func (t *Type) Native(v any) *Native {
	return &Native{&Object{typ: t, slots: make([]ref.Val, len(t.fields))}, reflect.ValueOf(v).Elem(), make([]bool, len(t.fields))}
}

// Object returns the object, which has the fields that were asked for.
func (n *Native) Object() *Object { return n.object }

// Ask reads fields that were not read yet.
func (n *Native) Ask(fields []string) {
	for _, name := range fields {
		if slot, ok := n.object.typ.index[name]; ok && !n.read[slot] {
			n.read[slot] = true
			n.object.take(n.from, slot)
		}
	}
}

// Forget has a field read again when it is asked for the next time.
func (n *Native) Forget(field string) {
	if slot, ok := n.object.typ.index[field]; ok {
		n.read[slot] = false
	}
}

// native returns nil for what is absent, and a *broken for what does not fit.
func (t *Type) native(v reflect.Value) ref.Val {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return t.native(v.Elem())
	case reflect.String:
		return t.nativeText(v.String())
	case reflect.Int, reflect.Int64:
		return types.Int(v.Int())
	case reflect.Bool:
		return types.Bool(v.Bool())
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			return types.Timestamp{Time: at}
		}
		if t.IsObject() {
			return t.nativeObject(v)
		}
	case reflect.Slice:
		if t.elem != nil && !t.IsObject() {
			return t.nativeList(v)
		}
	default:
	}
	return t.throughJSON(v)
}

// throughJSON reads what has no shorter way.
func (t *Type) throughJSON(v reflect.Value) ref.Val {
	data, err := json.Marshal(v.Interface())
	if err != nil {
		return &broken{fault: value.NewFault(notWritable, v.Type().String())}
	}
	return t.decode(&reader{data: data})
}

func (t *Type) nativeText(text string) ref.Val {
	switch t.cel {
	case types.StringType:
		return types.String(text)
	case value.DateType:
		d, err := value.ParseDate(text)
		if err != nil {
			return &broken{fault: value.NewFault(wantDate, text)}
		}
		return d
	case value.BirthdayType:
		b, err := value.ParseBirthday(text)
		if err != nil {
			return &broken{fault: value.NewFault(wantBirthday, text)}
		}
		return b
	default:
		return t.throughJSON(reflect.ValueOf(text))
	}
}

func (t *Type) nativeList(v reflect.Value) ref.Val {
	items := make([]ref.Val, v.Len())
	for i := range items {
		item := t.elem.native(v.Index(i))
		if bad, ok := item.(*broken); ok {
			return bad
		}
		if item == nil {
			item = types.NullValue
		}
		items[i] = item
	}
	return types.NewRefValList(types.DefaultTypeAdapter, items)
}

func (t *Type) nativeObject(v reflect.Value) ref.Val {
	o := &Object{typ: t, slots: make([]ref.Val, len(t.fields))}
	for slot := range o.slots {
		o.take(v, slot)
	}
	return o
}

// take reads a field of a struct.
func (o *Object) take(v reflect.Value, slot int) {
	f := o.typ.goFields(v.Type())[slot]
	if f.index == nil {
		return
	}
	field := v.FieldByIndex(f.index)
	if (f.omitEmpty && isEmpty(field)) || (f.omitZero && field.IsZero()) {
		o.slots[slot] = nil
		return
	}
	o.slots[slot] = o.typ.fields[slot].Type.native(field)
}

// isEmpty says what omitempty leaves out.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	default:
		return v.IsZero()
	}
}

// goField is a struct's field.
type goField struct {
	index               []int // nil: the struct has no such field
	omitEmpty, omitZero bool
}

// goFields are a struct type's fields for each of the type's. They are found
// once: a type is read from one Go type.
func (t *Type) goFields(from reflect.Type) []goField {
	if known := t.fromGo.Load(); known != nil && known.from == from {
		return known.fields
	}
	found := &goStruct{from: from, fields: make([]goField, len(t.fields))}
	for _, f := range reflect.VisibleFields(from) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if slot, ok := t.index[name]; ok && f.IsExported() {
			found.fields[slot] = goField{f.Index, strings.Contains(options, "omitempty"), strings.Contains(options, "omitzero")}
		}
	}
	t.fromGo.Store(found)
	return found.fields
}

// goStruct is a struct type and its fields.
type goStruct struct {
	from   reflect.Type
	fields []goField
}
