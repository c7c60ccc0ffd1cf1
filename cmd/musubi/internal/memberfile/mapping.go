// Package memberfile reads the customers and orders that carts export as CSV,
// as facts of the shared model. A mapping file says which column is what.
package memberfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Mapping says what the columns of a file are.
type Mapping struct {
	// Connection is the cart or channel whose customers, orders, subscriptions or
	// contacts the file holds.
	Connection string    `yaml:"connection"`
	Kind       abi.Model `yaml:"kind"`
	// Encoding is utf-8 or cp932; empty finds out.
	Encoding string `yaml:"encoding"`
	// Columns gives each field of the model the headings whose cells make it up;
	// those of several are joined with a blank.
	Columns map[string]headings `yaml:"columns"`
	// Values replaces cells of a field: the shop's words for states.
	Values map[string]map[string]string `yaml:"values"`
	// Currency is that of amounts; JPY if empty.
	Currency string `yaml:"currency"`
}

// headings are one column or several.
type headings []string

// UnmarshalYAML takes a name or a list of names.
func (h *headings) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*h = headings{node.Value}
		return nil
	}
	return node.Decode((*[]string)(h))
}

// ReadMapping reads a mapping file and checks all of it.
func ReadMapping(text []byte) (*Mapping, error) {
	m := new(Mapping)
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(m); err != nil {
		return nil, fmt.Errorf("reading the mapping: %w", err)
	}
	m.Currency = cmp.Or(strings.ToUpper(m.Currency), "JPY")
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Mapping) check() error {
	fields := kinds[m.Kind]
	var faults []error
	if m.Connection == "" {
		faults = append(faults, errors.New("connection is missing: the cart or channel that the file comes from"))
	}
	if fields == nil {
		return errors.Join(append(faults, fmt.Errorf("kind must be customer, order, subscription or contact, not %q", m.Kind))...)
	}
	if m.Encoding != "" && m.Encoding != utf8Name && m.Encoding != cp932Name {
		faults = append(faults, fmt.Errorf("encoding must be %s or %s, not %q", utf8Name, cp932Name, m.Encoding))
	}
	for _, name := range slices.Concat(slices.Sorted(maps.Keys(m.Columns)), slices.Sorted(maps.Keys(m.Values))) {
		if _, known := fields[name]; !known {
			faults = append(faults, unknownField(m.Kind, name))
		}
	}
	if key := keyOf(m.Kind); len(m.Columns[key]) == 0 {
		faults = append(faults, fmt.Errorf("columns: %s is missing", key))
	}
	return errors.Join(faults...)
}

func unknownField(kind abi.Model, name string) error {
	names := slices.Sorted(maps.Keys(kinds[kind]))
	if near := diag.Closest(name, names); near != "" {
		return fmt.Errorf("a %s has no field %q: did you mean %q?", kind, name, near)
	}
	return fmt.Errorf("a %s has no field %q: possible are %s", kind, name, strings.Join(names, ", "))
}

// keyOf is the field that tells two rows of a kind apart.
func keyOf(kind abi.Model) string {
	if kind == abi.ModelContact {
		return "user_id"
	}
	return "id"
}
