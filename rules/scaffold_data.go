package rules

import (
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/sdk/abi"
)

// sourceData is the record that a new flow takes its values from.
type sourceData struct {
	// base is how expressions call it.
	base   string
	schema *abi.Schema
}

// sourceValue is one value of it, as expressions write it.
type sourceValue struct {
	// expr is the value, present the same when it is known to be there.
	expr, present string
	optional      bool
	schema        *abi.Schema
	// literal is set for a text.
	literal string
}

// value finds a way through the data, or takes a text in double quotes.
func (d sourceData) value(from string) (sourceValue, error) {
	if text, ok := strings.CutPrefix(from, `"`); ok {
		return sourceValue{literal: jsonText(strings.ReplaceAll(strings.TrimSuffix(text, `"`), "${", "$${"))}, nil
	}
	v := sourceValue{expr: d.base, present: d.base, schema: d.schema}
	for name := range strings.SplitSeq(from, ".") {
		property := v.schema.Properties[name]
		if property == nil {
			return v, unknownSource(from, name, v.schema)
		}
		v.optional = v.optional || property.Nullable || !slices.Contains(v.schema.Required, name)
		v.expr += selector(name, v.optional)
		v.present += selector(name, false)
		v.schema = property
	}
	return v, nil
}

// missing is a condition that holds when the value is absent, or is an empty
// text: platforms send one for what nobody filled in. It is empty for what is always there.
func (v sourceValue) missing() string {
	text := v.isText()
	switch {
	case text && v.optional:
		return v.expr + ".orValue('') == ''"
	case text:
		return v.expr + " == ''"
	case v.optional:
		return "!has(" + v.present + ")"
	default:
		return ""
	}
}

// isText says whether the value is a text that people fill in.
func (v sourceValue) isText() bool {
	return v.literal == "" && shape.IsText(v.schema) && len(v.schema.Enum) == 0
}

// unlessEmpty is the value such that an empty text is left out: what nobody
// filled in at one platform must not wipe out what the other has.
func (v sourceValue) unlessEmpty() sourceValue {
	if !v.isText() {
		return v
	}
	v.expr, v.optional = v.expr+".filled()", true
	return v
}

func unknownSource(from, name string, in *abi.Schema) error {
	known := slices.Sorted(maps.Keys(in.Properties))
	if near := diag.Closest(name, known); near != "" {
		return notFound("there is no %s in %s: did you mean %s?", name, from, near)
	}
	return notFound("there is no %s in %s; there are: %s", name, from, quotedSome(known))
}

// selector takes a field out of what stands before it.
func selector(name string, optional bool) string {
	mark := ""
	if optional {
		mark = "?"
	}
	if isIdentifier(name) {
		return "." + mark + name
	}
	return "[" + mark + "'" + name + "']"
}

// template writes the value for a field, as text if the field is one and the value is not.
func (v sourceValue) template(field *abi.Schema, quote bool) string {
	if v.literal != "" {
		return v.literal
	}
	expr := v.expr
	if field != nil && field.Type == abi.TypeString && field.Format == "" && (v.schema.Type != abi.TypeString || v.schema.Format != "") {
		expr = "string(" + v.expr + ")"
		if v.optional {
			expr = v.expr + ".optMap(v, string(v))"
		}
	}
	if quote {
		return `"${` + expr + `}"`
	}
	return "${" + expr + "}"
}

// SourceField is one value that a new flow can pass on.
type SourceField struct {
	// Path is its way through the data, as in billing_address.zip.
	Path   string
	Schema *abi.Schema
}

// SourceFields lists the single values of the record that a draft takes its
// values from: of Read's result, or of the event's data.
func SourceFields(d Draft, catalog *Catalog) ([]SourceField, error) {
	from, err := connectionOf(catalog, d.Connection)
	if err != nil {
		return nil, err
	}
	if d.Read != "" {
		if action := actionOf(from.Manifest, d.Read); action != nil {
			return fieldsOf("", orEmpty(action.Output)), nil
		}
		return nil, notFound("%s has no action %s", d.Connection, d.Read)
	}
	data, err := triggerData(from.Manifest, d.Connection, d.Event)
	if err != nil {
		return nil, err
	}
	return fieldsOf("", data), nil
}

func fieldsOf(prefix string, s *abi.Schema) []SourceField {
	var all []SourceField
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		switch property := s.Properties[name]; property.Type {
		case abi.TypeObject:
			all = append(all, fieldsOf(prefix+name+".", property)...)
		case abi.TypeString, abi.TypeInteger, abi.TypeNumber, abi.TypeBoolean:
			all = append(all, SourceField{prefix + name, property})
		default:
		}
	}
	return all
}

// ReadingAction returns the action that reads the whole record which an event
// is about: noun.get for noun.past, with nothing required but one text, its id.
// It is empty where there is none.
func ReadingAction(m *abi.Manifest, event string) string {
	noun, _, _ := strings.Cut(event, ".")
	a := actionOf(m, noun+".get")
	if a == nil || !a.Reads || a.Output == nil || a.Input == nil || len(a.Input.Required) != 1 {
		return ""
	}
	if id := a.Input.Properties[a.Input.Required[0]]; id == nil || id.Type != abi.TypeString {
		return ""
	}
	return a.Name
}
