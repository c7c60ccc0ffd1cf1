package rest

import (
	"fmt"
	"reflect"
)

// scalarText is textOf for types made from scalars.
func scalarText(value any) (string, error) {
	switch kind := reflect.ValueOf(value).Kind(); {
	case kind == reflect.String, kind == reflect.Bool, reflect.Int <= kind && kind <= reflect.Float64:
		return fmt.Sprint(value), nil
	default:
		return "", misuse("%T cannot stand in an address: make it a string first", value)
	}
}
