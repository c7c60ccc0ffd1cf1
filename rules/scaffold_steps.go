package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

// upsert writes the step that updates a record or creates it.
func (s *scaffold) upsert(b *strings.Builder) error {
	fmt.Fprintf(b, "  - upsert: %s\n    object: %s\n", s.Target, quoteYAML(s.Object))
	if s.Link != "" {
		fmt.Fprintf(b, "    link: %s\n", s.Link)
	}
	fields := s.target.Objects[s.Object]
	match, err := s.inline(s.Match, fields, true)
	if err != nil {
		return err
	}
	set, err := s.block(s.Set, fields)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "    match: {%s}\n    set:%s", match, set)
	return nil
}

// call writes the step that calls an action. Inputs that are required and that
// nobody named get values to be replaced.
func (s *scaffold) call(b *strings.Builder) error {
	fmt.Fprintf(b, "  - call: %s.%s\n", s.Target, s.Action)
	input := orEmpty(s.action.Input)
	named := make([]string, len(s.Set))
	for i, m := range s.Set {
		named[i] = m.Field
	}
	given, err := s.inline(s.Set, input, false)
	if err != nil {
		return err
	}
	rest := strings.Trim(sampleInput(input, named), "{}")
	if all := strings.Trim(given+", "+rest, ", "); all != "" {
		fmt.Fprintf(b, "    with: {%s}\n", all)
	}
	return nil
}

// inline writes mappings on one line; those that are needed are known to be there.
func (s *scaffold) inline(mappings []Mapping, fields *abi.Schema, needed bool) (string, error) {
	written := make([]string, len(mappings))
	for i, m := range mappings {
		v, err := s.data.value(m.From)
		if err != nil {
			return "", err
		}
		if needed && v.optional {
			v.expr, v.optional = v.present, false
		}
		written[i] = quoteYAML(m.Field) + ": " + v.template(field(fields, m.Field), true)
	}
	return strings.Join(written, ", "), nil
}

// block writes mappings one below the other.
func (s *scaffold) block(mappings []Mapping, fields *abi.Schema) (string, error) {
	if len(mappings) == 0 {
		return " {}\n", nil
	}
	b := strings.Builder{}
	b.WriteByte('\n')
	for _, m := range mappings {
		v, err := s.data.value(m.From)
		if err != nil {
			return "", err
		}
		matched := slices.ContainsFunc(s.Match, func(o Mapping) bool { return o.From == m.From })
		switch {
		case matched && v.optional:
			v.expr, v.optional = v.present, false
		case !matched && !required(fields, m.Field):
			v = v.unlessEmpty()
		}
		fmt.Fprintf(&b, "      %s: %s\n", quoteYAML(m.Field), v.template(field(fields, m.Field), false))
	}
	return b.String(), nil
}

// required says whether a field is declared as one that a record cannot do without.
func required(fields *abi.Schema, name string) bool {
	return fields != nil && slices.Contains(fields.Required, name)
}

// field returns a field's schema, nil if it is not declared.
func field(fields *abi.Schema, name string) *abi.Schema {
	if fields == nil {
		return nil
	}
	return fields.Properties[name]
}

// sampleInput writes the required inputs of an action that are not given, with values to be replaced.
func sampleInput(s *abi.Schema, given []string) string {
	if s == nil {
		return "{}"
	}
	var fields []string
	for _, name := range s.Required {
		property := s.Properties[name]
		switch {
		case slices.Contains(given, name):
		case property != nil && property.Type == abi.TypeString && property.Format == "" && len(property.Enum) == 0:
			fields = append(fields, quoteYAML(name)+": \"${event.subject}\"")
		default:
			fields = append(fields, quoteYAML(name)+": "+testJSON([]byte(jsonText(stand(name, property)))))
		}
	}
	return "{" + strings.Join(fields, ", ") + "}"
}
