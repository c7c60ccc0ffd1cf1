// Package shape gives expressions their types. It turns the connectors'
// schemas into CEL types, decodes JSON once into compact values of those
// types, and writes values as JSON again.
package shape

import (
	"slices"
	"sync/atomic"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Type is a schema, ready for checking and decoding.
type Type struct {
	cel    *types.Type
	schema *abi.Schema
	decode decoder
	// elem is what a list or a map holds, or what an object's further fields hold.
	elem   *Type
	fields []Field
	index  map[string]int
	// fromGo is the struct type that values are made of, once there was one.
	fromGo atomic.Pointer[goStruct]
}

// Field is one field of an object.
type Field struct {
	Name string
	Type *Type
	// Optional fields may be absent, or null, which is the same to rules.
	Optional bool
	Schema   *abi.Schema
}

// CEL returns the type as CEL knows it.
func (t *Type) CEL() *types.Type { return t.cel }

// Schema returns the schema that the type was made from.
func (t *Type) Schema() *abi.Schema { return t.schema }

// Elem returns what a list or map holds; nil for other types.
func (t *Type) Elem() *Type { return t.elem }

// IsAny says whether the type takes everything.
func (t *Type) IsAny() bool { return t.schema.Type == abi.TypeAny }

// IsText says whether the type is plain text, not a date or a time.
func (t *Type) IsText() bool { return t.cel == types.StringType }

// IsObject says whether the type has named fields.
func (t *Type) IsObject() bool { return t.index != nil }

// Fields returns an object's fields, sorted by name.
func (t *Type) Fields() []Field { return t.fields }

// Object returns an object with these fields; names that are not declared are left out.
func (t *Type) Object(fields map[string]ref.Val) *Object {
	o := &Object{typ: t, slots: make([]ref.Val, len(t.fields))}
	for name, v := range fields {
		if i, ok := t.index[name]; ok {
			o.slots[i] = v
		}
	}
	return o
}

// View returns an object of this type with those fields of o that it has too.
func (t *Type) View(o *Object) *Object {
	view := &Object{typ: t, slots: make([]ref.Val, len(t.fields))}
	for i, f := range t.fields {
		view.slots[i] = o.find(f.Name)
	}
	return view
}

// Open says whether an object may have fields that are not declared.
func (t *Type) Open() bool { return t.IsObject() && t.elem != nil }

// Field returns the field of that name. An open object has every field.
func (t *Type) Field(name string) (Field, bool) {
	if i, ok := t.index[name]; ok {
		return t.fields[i], true
	}
	if t.Open() {
		return Field{Name: name, Type: t.elem, Optional: true, Schema: t.elem.schema}, true
	}
	return Field{}, false
}

// FieldNames returns the names of an object's fields, sorted.
func (t *Type) FieldNames() []string {
	names := make([]string, len(t.fields))
	for i, f := range t.fields {
		names[i] = f.Name
	}
	return names
}

// scalars are the types that need no name.
func scalar(s *abi.Schema) (*types.Type, decoder) {
	switch s.Type {
	case abi.TypeString:
		switch s.Format {
		case "date-time":
			return types.TimestampType, decodeTimestamp
		case "date":
			return value.DateType, decodeDate
		case "decimal":
			return value.DecimalType, decodeDecimal
		case "birthday":
			return value.BirthdayType, decodeBirthday
		default:
			return types.StringType, decodeString
		}
	case abi.TypeInteger:
		return types.IntType, decodeInteger
	case abi.TypeNumber:
		return types.DoubleType, decodeNumber
	case abi.TypeBoolean:
		return types.BoolType, decodeBool
	default:
		return types.DynType, decodeAny
	}
}

// IsText says whether values of a schema are texts to expressions: times, dates and decimals are not.
func IsText(s *abi.Schema) bool {
	cel, _ := scalar(s)
	return cel == types.StringType
}

// optional says whether a property may be absent or null.
func optional(object *abi.Schema, name string) bool {
	return object.Properties[name].Nullable || !slices.Contains(object.Required, name)
}
