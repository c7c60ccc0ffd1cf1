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

// FromGo returns a Go value as Decode would read its JSON, without writing it.
// The type's schema must be the one that was derived from the Go type. Lists
// that are nil and not left out are empty.
func (t *Type) FromGo(v any) (ref.Val, error) {
	val := t.native(reflect.ValueOf(v))
	switch val := val.(type) {
	case nil:
		return types.NullValue, nil
	case *broken:
		return nil, val.fault
	default:
		return val, nil
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
	for _, f := range t.goFields(v.Type()) {
		field := v.FieldByIndex(f.index)
		if (f.omitEmpty && isEmpty(field)) || (f.omitZero && field.IsZero()) {
			continue
		}
		o.slots[f.slot] = t.fields[f.slot].Type.native(field)
	}
	return o
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

// goField is a struct's field and where it goes.
type goField struct {
	index               []int
	slot                int
	omitEmpty, omitZero bool
}

// goFields are the fields of a struct type that the type has too. They are
// found once: a type is read from one Go type.
func (t *Type) goFields(from reflect.Type) []goField {
	if known := t.fromGo.Load(); known != nil && known.from == from {
		return known.fields
	}
	found := &goStruct{from: from}
	for _, f := range reflect.VisibleFields(from) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if slot, ok := t.index[name]; ok && f.IsExported() {
			found.fields = append(found.fields, goField{
				f.Index, slot, strings.Contains(options, "omitempty"), strings.Contains(options, "omitzero"),
			})
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
