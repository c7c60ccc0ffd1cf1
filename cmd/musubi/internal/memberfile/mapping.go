// Package memberfile reads the customers and orders that carts export as CSV,
// as facts of the shared model. A mapping file says which column is what.
package memberfile

import (
	"bytes"
	"cmp"
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
		return nil, wrong("this is no mapping: %v", "対応表として読めません: %v", err)
	}
	m.Currency = cmp.Or(strings.ToUpper(m.Currency), "JPY")
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Mapping) check() error {
	fields := kinds[m.Kind]
	var found faults
	if m.Connection == "" {
		found = append(found, wrong("connection is missing: the cart or channel that the file comes from", "connection に、ファイルの元のカートまたはチャネルの接続を書いてください"))
	}
	if fields == nil {
		return append(found, wrong("kind must be customer, order, subscription or contact, not %q", "kind は customer、order、subscription、contact のどれかです(「%s」ではなく)", m.Kind)).joined("\n")
	}
	if m.Encoding != "" && m.Encoding != utf8Name && m.Encoding != cp932Name {
		found = append(found, wrong("encoding must be %s or %s, not %q", "encoding は %s か %s です(「%s」ではなく)", utf8Name, cp932Name, m.Encoding))
	}
	for _, name := range slices.Concat(slices.Sorted(maps.Keys(m.Columns)), slices.Sorted(maps.Keys(m.Values))) {
		if _, known := fields[name]; !known {
			found = append(found, unknownField(m.Kind, name))
		}
	}
	if key := keyOf(m.Kind); len(m.Columns[key]) == 0 {
		found = append(found, wrong("columns: %s is missing", "columns に %s がありません", key))
	}
	return found.joined("\n")
}

func unknownField(kind abi.Model, name string) *Fault {
	names := slices.Sorted(maps.Keys(kinds[kind]))
	if near := diag.Closest(name, names); near != "" {
		return wrong("a %s has no field %q: did you mean %q?", "%s に「%s」という項目はありません。「%s」ではありませんか?", kind, name, near)
	}
	return wrong("a %s has no field %q: possible are %s", "%s に「%s」という項目はありません。使える項目: %s", kind, name, strings.Join(names, ", "))
}

// keyOf is the field that tells two rows of a kind apart.
func keyOf(kind abi.Model) string {
	if kind == abi.ModelContact {
		return "user_id"
	}
	return "id"
}
