// Package schema derives JSON Schemas from Go types, at describe time only.
//
// Field tags: json (name, omitempty, omitzero), doc and ja (what it is, in
// English and Japanese), default, enum (comma-separated), format.
package schema

import (
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Schemer is a type that knows its schema better than its fields tell.
type Schemer interface{ Schema() *abi.Schema }

var (
	schemerType = reflect.TypeFor[Schemer]()
	timeType    = reflect.TypeFor[time.Time]()
	rawType     = reflect.TypeFor[json.RawMessage]()
	numberType  = reflect.TypeFor[json.Number]()
	textType    = reflect.TypeFor[encoding.TextMarshaler]()
	jsonType    = reflect.TypeFor[json.Marshaler]()
)

// Of returns the schema of t. It fails for a type that JSON cannot hold or
// whose JSON cannot be known, naming the path of the field.
func Of(t reflect.Type) (*abi.Schema, error) {
	d := deriver{}
	return d.of(t, t.String())
}

// deriver holds the named types under way: a type within itself has no finite schema.
type deriver struct{ open []reflect.Type }

func (d *deriver) of(t reflect.Type, at string) (*abi.Schema, error) {
	if t.Kind() == reflect.Pointer {
		s, err := d.of(t.Elem(), at)
		if err != nil {
			return nil, err
		}
		s.Nullable = s.Type != abi.TypeAny
		return s, nil
	}
	if s, ok := known(t); ok {
		return s, nil
	}
	if t.Implements(jsonType) || reflect.PointerTo(t).Implements(jsonType) {
		return nil, fmt.Errorf("%s: %s writes its own JSON: give it a method Schema() *abi.Schema", at, t)
	}
	if t.Implements(textType) || reflect.PointerTo(t).Implements(textType) {
		return &abi.Schema{Type: abi.TypeString}, nil
	}
	return d.byKind(t, at)
}

// known returns the schema of the types that are not described by their kind.
func known(t reflect.Type) (*abi.Schema, bool) {
	switch {
	case t.Implements(schemerType):
		s, ok := reflect.Zero(t).Interface().(Schemer)
		return copied(s, ok)
	case reflect.PointerTo(t).Implements(schemerType):
		s, ok := reflect.New(t).Interface().(Schemer)
		return copied(s, ok)
	case t == timeType:
		return &abi.Schema{Type: abi.TypeString, Format: "date-time"}, true
	case t == rawType:
		return &abi.Schema{}, true
	case t == numberType:
		return &abi.Schema{Type: abi.TypeNumber}, true
	}
	return nil, false
}

// copied protects a schema that a type hands out from what a field's tags add to it.
func copied(s Schemer, ok bool) (*abi.Schema, bool) {
	if !ok {
		return nil, false
	}
	own := *s.Schema()
	return &own, true
}

func (d *deriver) byKind(t reflect.Type, at string) (*abi.Schema, error) {
	switch t.Kind() {
	case reflect.Bool:
		return &abi.Schema{Type: abi.TypeBoolean}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &abi.Schema{Type: abi.TypeInteger}, nil
	case reflect.Float32, reflect.Float64:
		return &abi.Schema{Type: abi.TypeNumber}, nil
	case reflect.String:
		return &abi.Schema{Type: abi.TypeString}, nil
	case reflect.Interface:
		return &abi.Schema{}, nil
	case reflect.Slice, reflect.Array:
		return d.list(t, at)
	case reflect.Map:
		return d.dictionary(t, at)
	case reflect.Struct:
		return d.object(t, at)
	default:
		return nil, fmt.Errorf("%s: %s has no JSON", at, t)
	}
}

func (d *deriver) list(t reflect.Type, at string) (*abi.Schema, error) {
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		return &abi.Schema{Type: abi.TypeString, Format: "byte"}, nil
	}
	items, err := d.of(t.Elem(), at+"[]")
	if err != nil {
		return nil, err
	}
	return &abi.Schema{Type: abi.TypeArray, Items: items}, nil
}

func (d *deriver) dictionary(t reflect.Type, at string) (*abi.Schema, error) {
	if t.Key().Kind() != reflect.String {
		return nil, fmt.Errorf("%s: the keys of %s must be strings", at, t)
	}
	values, err := d.of(t.Elem(), at+"[]")
	if err != nil {
		return nil, err
	}
	return &abi.Schema{Type: abi.TypeObject, Additional: values}, nil
}

func (d *deriver) object(t reflect.Type, at string) (*abi.Schema, error) {
	for _, open := range d.open {
		if open == t {
			return nil, fmt.Errorf("%s: %s contains itself: use any, or give it a method Schema() *abi.Schema", at, t)
		}
	}
	d.open = append(d.open, t)
	defer func() { d.open = d.open[:len(d.open)-1] }()
	s := &abi.Schema{Type: abi.TypeObject}
	if err := d.fields(s, t, at); err != nil {
		return nil, err
	}
	return s, nil
}

// fields adds the fields of the struct t to s. Fields of embedded structs are
// t's own, unless t has one of the same name.
func (d *deriver) fields(s *abi.Schema, t reflect.Type, at string) error {
	var embedded []reflect.StructField
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" && options == "":
			continue
		case field.Anonymous && name == "":
			embedded = append(embedded, field)
			continue
		case !field.IsExported():
			continue
		case name == "":
			return fmt.Errorf("%s.%s: the json tag with the name is missing", at, field.Name)
		}
		if err := d.field(s, field, name, options, at+"."+name); err != nil {
			return err
		}
	}
	for _, field := range embedded {
		if err := d.embed(s, field, at); err != nil {
			return err
		}
	}
	return nil
}

func (d *deriver) embed(s *abi.Schema, field reflect.StructField, at string) error {
	t := field.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return fmt.Errorf("%s: only structs may be embedded, not %s", at, t)
	}
	inner, err := d.object(t, at)
	if err != nil {
		return err
	}
	own := maps.Clone(s.Properties)
	for name, property := range inner.Properties {
		if own[name] == nil {
			put(s, name, property, false)
		}
	}
	for _, name := range inner.Required { // in their order: the same source gives the same manifest
		if own[name] == nil && field.Type.Kind() != reflect.Pointer {
			s.Required = append(s.Required, name)
		}
	}
	return nil
}

func (d *deriver) field(s *abi.Schema, field reflect.StructField, name, options, at string) error {
	property, err := d.of(field.Type, at)
	if err != nil {
		return err
	}
	if err := annotate(property, field, at); err != nil {
		return err
	}
	optional := hasOption(options, "omitempty") || hasOption(options, "omitzero") ||
		field.Type.Kind() == reflect.Pointer || property.Default != nil
	put(s, name, property, !optional)
	return nil
}

func put(s *abi.Schema, name string, property *abi.Schema, required bool) {
	if s.Properties == nil {
		s.Properties = map[string]*abi.Schema{}
	}
	s.Properties[name] = property
	if required {
		s.Required = append(s.Required, name)
	}
}

func hasOption(options, want string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == want {
			return true
		}
	}
	return false
}
