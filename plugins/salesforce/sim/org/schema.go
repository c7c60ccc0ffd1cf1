package org

import (
	_ "embed" // the schema of a fresh org
	"fmt"
	"strconv"
	"strings"
)

//go:embed schema.txt
var schemaText string

// Names that the org's own rules speak of.
const (
	fieldID    = "Id"
	objectUser = "User"
)

// parseSchema reads the schema's text: see the head of schema.txt.
func parseSchema(text string) ([]*Object, error) {
	var objects []*Object
	for number, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if words[0] == "object" {
			objects = append(objects, newObject(words[1], words[2]))
			continue
		}
		if err := addLine(objects[len(objects)-1], line); err != nil {
			return nil, fmt.Errorf("schema.txt:%d: %w", number+1, err)
		}
	}
	return objects, nil
}

func addLine(o *Object, line string) error {
	words := strings.Fields(line)
	kind, argument, _ := strings.Cut(strings.TrimSuffix(words[1], ")"), "(")
	if kind == string(Address) {
		addAddress(o, words[0])
		return nil
	}
	f := &Field{Name: words[0], Type: FieldType(kind)}
	if f.Type == Reference {
		f.Target = argument
	} else if argument != "" {
		length, err := strconv.Atoi(argument)
		if err != nil {
			return err
		}
		f.Length = length
	}
	// A pick list's values may hold blanks, so they are the rest of the line.
	flags, values, _ := strings.Cut(strings.Join(words[2:], " "), "values=")
	if values != "" {
		f.Values = strings.Split(values, "|")
	}
	for _, flag := range strings.Fields(flags) {
		if err := f.set(flag); err != nil {
			return err
		}
	}
	o.add(f)
	return nil
}

func (f *Field) set(flag string) error {
	name, value, _ := strings.Cut(flag, "=")
	switch name {
	case "required":
		f.Required = true
	case "readonly":
		f.ReadOnly = true
	case "createonly":
		f.CreateOnly = true
	case "unique":
		f.Unique = true
	case "external":
		f.ExternalID = true
	case "restricted":
		f.Restricted = true
	case "relation":
		f.Relationship = value
	case "default":
		f.Default = value
	default:
		return fmt.Errorf("no such flag: %s", flag)
	}
	return nil
}

// addressParts are the parts of a compound address and their lengths.
var addressParts = []struct {
	name   string
	length int
}{{"Street", 255}, {"City", 40}, {"State", 80}, {"PostalCode", 20}, {"Country", 80}}

func addAddress(o *Object, prefix string) {
	for _, part := range addressParts {
		kind := String
		if part.name == "Street" {
			kind = TextArea
		}
		o.add(&Field{Name: prefix + part.name, Type: kind, Length: part.length})
	}
	o.add(&Field{Name: prefix + "Address", Type: Address, ReadOnly: true})
}
