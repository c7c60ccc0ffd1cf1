package org

import (
	"strings"
	"sync/atomic"
	"unicode"
)

// FieldType is a field's type as describe names it.
type FieldType string

// The field types.
const (
	ID        FieldType = "id"
	String    FieldType = "string"
	TextArea  FieldType = "textarea"
	Email     FieldType = "email"
	Phone     FieldType = "phone"
	URL       FieldType = "url"
	Picklist  FieldType = "picklist"
	MultiPick FieldType = "multipicklist"
	Boolean   FieldType = "boolean"
	Double    FieldType = "double"
	Int       FieldType = "int"
	Currency  FieldType = "currency"
	Percent   FieldType = "percent"
	Date      FieldType = "date"
	DateTime  FieldType = "datetime"
	Reference FieldType = "reference"
	Base64    FieldType = "base64"
	Address   FieldType = "address"
)

// maxFilterable is the length above which a text cannot stand in a filter.
const maxFilterable = 4000

// anyObject is the target of a reference to whatever.
const anyObject = "*"

// Field is a field of an object. Its JSON form is how tests add custom ones.
type Field struct {
	Name   string    `json:"name"`
	Type   FieldType `json:"type"`
	Length int       `json:"length,omitempty"`
	// Required fields may not be empty.
	Required bool `json:"required,omitempty"`
	// ReadOnly fields are set by the org alone; CreateOnly ones on create.
	ReadOnly   bool     `json:"read_only,omitempty"`
	CreateOnly bool     `json:"create_only,omitempty"`
	Unique     bool     `json:"unique,omitempty"`
	ExternalID bool     `json:"external_id,omitempty"`
	Restricted bool     `json:"restricted,omitempty"`
	Values     []string `json:"values,omitempty"`
	Default    string   `json:"default,omitempty"`
	// Target and Relationship belong to references.
	Target       string `json:"target,omitempty"`
	Relationship string `json:"relationship,omitempty"`

	pos   int // in Record.values
	index atomic.Pointer[index]
}

// Custom says whether the org's admin made it.
func (f *Field) Custom() bool { return strings.HasSuffix(f.Name, "__c") }

// Label is the field's name for people.
func (f *Field) Label() string {
	var b strings.Builder
	for i, r := range strings.TrimSuffix(f.Name, "__c") {
		if i > 0 && unicode.IsUpper(r) && !strings.HasSuffix(b.String(), " ") {
			b.WriteByte(' ')
		}
		if r == '_' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// textual fields hold strings and are compared without case.
func (f *Field) textual() bool {
	switch f.Type {
	case ID, String, TextArea, Email, Phone, URL, Picklist, MultiPick, Reference:
		return true
	default:
		return false
	}
}

func (f *Field) numeric() bool {
	switch f.Type {
	case Double, Int, Currency, Percent:
		return true
	default:
		return false
	}
}

// indexable fields get an index once a filter asks for one value of them.
func (f *Field) indexable() bool {
	switch f.Type {
	case String, Email, Phone, URL, Reference:
		return true
	default:
		return false
	}
}

func (f *Field) filterable() bool {
	return f.Type != Base64 && f.Type != Address && (f.Type != TextArea || f.Length <= maxFilterable)
}
