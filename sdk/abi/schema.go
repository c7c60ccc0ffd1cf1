package abi

import "encoding/json"

// Schema is the part of JSON Schema that connectors derive from Go types. An
// object lists its properties and takes no others, unless Additional gives the
// schema of the rest. The zero Schema allows anything.
type Schema struct {
	Type SchemaType `json:"type,omitempty"`
	// Format narrows a string: "date-time" (RFC 3339), "date" (2006-01-02),
	// "decimal" (1234.50, with all its digits), "uri", "email", "byte" (base64).
	Format     string             `json:"format,omitempty"`
	Properties map[string]*Schema `json:"properties,omitempty"`
	Required   []string           `json:"required,omitempty"`
	Items      *Schema            `json:"items,omitempty"`
	Additional *Schema            `json:"additionalProperties,omitempty"`
	Enum       []string           `json:"enum,omitempty"`
	Default    json.RawMessage    `json:"default,omitempty"`
	// Nullable says that null is a value too: the platform sends it for "nothing".
	Nullable bool `json:"nullable,omitempty"`
	// ReadOnly says that the platform alone writes the value.
	ReadOnly bool `json:"readOnly,omitempty"`
	// Declared says that the value can be anything, and that ops may declare its
	// shape in the connection's .objects.json: the data of a trigger under the
	// trigger's name, the result of an action under the name in its input "shape".
	Declared bool `json:"declared,omitempty"`
	// Doc and DocJA describe the field to a person.
	Doc   string `json:"description,omitempty"`
	DocJA string `json:"description_ja,omitempty"`
}

// SchemaType is a JSON Schema type; empty means any.
type SchemaType string

// The schema types.
const (
	TypeAny     SchemaType = ""
	TypeObject  SchemaType = "object"
	TypeArray   SchemaType = "array"
	TypeString  SchemaType = "string"
	TypeInteger SchemaType = "integer"
	TypeNumber  SchemaType = "number"
	TypeBoolean SchemaType = "boolean"
)
