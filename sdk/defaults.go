package sdk

import (
	"encoding/json"
	"reflect"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/internal/codec"
	"github.com/musubi-run/musubi/sdk/internal/schema"
)

// decode reads data into v, a pointer, over the defaults that v's tags give. No data is an empty object.
func decode(data []byte, v any, unmarshal func([]byte, any) error) error {
	t := reflect.TypeOf(v).Elem()
	if hasDefaults(t) {
		defaults, err := defaultsOf(t)
		if err != nil {
			return err
		}
		if err := codec.Unmarshal(defaults, v); err != nil {
			return err
		}
	}
	if len(data) == 0 {
		return nil
	}
	return unmarshal(data, v)
}

func hasDefaults(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for field := range t.Fields() {
		if _, ok := field.Tag.Lookup("default"); ok {
			return true
		}
		if field.Anonymous && hasDefaults(field.Type) {
			return true
		}
	}
	return false
}

// defaultsOf returns an object with every default of t's fields.
func defaultsOf(t reflect.Type) ([]byte, error) {
	s, err := schema.Of(t)
	if err != nil {
		return nil, err
	}
	return codec.Marshal(defaultValues(s))
}

func defaultValues(s *abi.Schema) map[string]json.RawMessage {
	values := map[string]json.RawMessage{}
	for name, property := range s.Properties {
		if property.Default != nil {
			values[name] = property.Default
		}
	}
	return values
}
