package plugintest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// conform returns how a JSON text differs from what its schema promises, empty if it does not.
func conform(at string, schema *abi.Schema, text []byte) []string {
	value, err := decodeAny(text)
	if err != nil {
		return []string{at + ": " + err.Error()}
	}
	return conformValue(at, schema, value)
}

// decodeAny decodes JSON with numbers kept as they were written.
func decodeAny(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	err := decoder.Decode(&value)
	return value, err
}

func conformValue(at string, schema *abi.Schema, value any) []string {
	if value == nil && !schema.Nullable && schema.Type != abi.TypeAny {
		return []string{at + " is null, which its schema does not allow"}
	}
	switch v := value.(type) {
	case map[string]any:
		if fault := ofType(at, schema, abi.TypeObject); fault != nil {
			return fault
		}
		return conformObject(at, schema, v)
	case []any:
		if fault := ofType(at, schema, abi.TypeArray); fault != nil || schema.Items == nil {
			return fault
		}
		var faults []string
		for i, item := range v {
			faults = append(faults, conformValue(fmt.Sprintf("%s[%d]", at, i), schema.Items, item)...)
		}
		return faults
	case string:
		return conformText(at, schema, v)
	case json.Number:
		return conformNumber(at, schema, v)
	case bool:
		return ofType(at, schema, abi.TypeBoolean)
	default:
		return nil
	}
}

func ofType(at string, schema *abi.Schema, is abi.SchemaType) []string {
	if schema.Type == abi.TypeAny || schema.Type == is {
		return nil
	}
	return []string{fmt.Sprintf("%s is of type %s, its schema says %s", at, is, schema.Type)}
}

func conformObject(at string, schema *abi.Schema, object map[string]any) []string {
	if schema.Type == abi.TypeAny {
		return nil
	}
	var faults []string
	for _, name := range schema.Required {
		if _, ok := object[name]; !ok {
			faults = append(faults, at+"."+name+" is missing, its schema requires it")
		}
	}
	for name, value := range object {
		property := schema.Properties[name]
		if property == nil {
			property = schema.Additional
		}
		if property == nil {
			faults = append(faults, at+"."+name+" is not in the schema")
			continue
		}
		faults = append(faults, conformValue(at+"."+name, property, value)...)
	}
	return faults
}

func conformText(at string, schema *abi.Schema, text string) []string {
	if fault := ofType(at, schema, abi.TypeString); fault != nil {
		return fault
	}
	if len(schema.Enum) > 0 && !slices.Contains(schema.Enum, text) {
		return []string{fmt.Sprintf("%s is %q, its schema allows %q", at, text, schema.Enum)}
	}
	layout := map[string]string{"date-time": time.RFC3339, "date": time.DateOnly}[schema.Format]
	if layout == "" {
		return nil
	}
	if _, err := time.Parse(layout, text); err != nil {
		return []string{fmt.Sprintf("%s is %q, no %s", at, text, schema.Format)}
	}
	return nil
}

func conformNumber(at string, schema *abi.Schema, number json.Number) []string {
	if _, err := number.Int64(); err == nil && schema.Type == abi.TypeInteger {
		return nil
	}
	return ofType(at, schema, abi.TypeNumber)
}
