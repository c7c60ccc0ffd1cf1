package sdk

import (
	"reflect"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/internal/schema"
)

// SchemaOf returns the schema of T, derived as those of actions and triggers
// are: from its json, doc, ja and enum tags.
func SchemaOf[T any]() (*abi.Schema, error) { return schema.Of(reflect.TypeFor[T]()) }
