package rehearse

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Mask replaces what may tell who a person is by made-up values: the same value
// by the same one wherever it stands, of the same form. The zero Mask replaces
// all it knows; it belongs to one goroutine.
type Mask struct {
	// Keep names fields whose values stay as they are.
	Keep []string
	// Rules are the texts of the rules: values that they name in quotes, and
	// domains that they name, stay as they are, so that the same branches are taken.
	Rules string

	known  map[string]string
	counts map[kind]int
	kept   map[string]bool
}

// JSON returns a JSON value with its personal data replaced.
func (m *Mask) JSON(data json.RawMessage) (json.RawMessage, error) {
	if len(data) == 0 {
		return data, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("reading what was recorded: %w", err)
	}
	masked, err := json.Marshal(m.value("", value))
	if err != nil {
		return nil, fmt.Errorf("writing made-up values: %w", err)
	}
	return masked, nil
}

// Subject replaces the id of the record that an event is about; it may be kept
// as the field subject.
func (m *Mask) Subject(id string) string {
	if m.stays("subject", id) {
		return id
	}
	return m.text(kindID, id)
}

// Text replaces the values that were met so far where they stand within a text.
func (m *Mask) Text(text string) string {
	values := slices.SortedFunc(maps.Keys(m.known), func(a, b string) int { return len(b) - len(a) })
	for _, value := range values {
		if _, original, _ := strings.Cut(value, "\x00"); len(original) >= shortest {
			text = strings.ReplaceAll(text, original, m.known[value])
		}
	}
	return text
}

// shortest is how many bytes a value must have to be looked for within texts.
const shortest = 4

// Kept names the fields with texts that were not replaced, sorted.
func (m *Mask) Kept() []string { return slices.Sorted(maps.Keys(m.kept)) }

func (m *Mask) value(field string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			v[name] = m.value(name, v[name])
		}
		return v
	case []any:
		for i := range v {
			v[i] = m.value(field, v[i])
		}
		return v
	case string:
		return m.field(field, v)
	case json.Number:
		if kindOf(field, v.String()) == kindID && !slices.Contains(m.Keep, field) {
			return json.Number(m.text(kindID, v.String()))
		}
	}
	return value
}

func (m *Mask) field(name, text string) string {
	if text == "" || m.stays(name, text) {
		return text
	}
	k := kindOf(name, text)
	if k != kindOther {
		return m.text(k, text)
	}
	masked := m.Text(text)
	if masked == text && name != "" {
		m.note(name)
	}
	return masked
}

// stays says whether a value is to be kept, or the rules speak of this very value.
func (m *Mask) stays(field, text string) bool {
	return slices.Contains(m.Keep, field) || strings.Contains(m.Rules, `"`+text+`"`) || strings.Contains(m.Rules, "'"+text+"'")
}

func (m *Mask) note(name string) {
	if m.kept == nil {
		m.kept = map[string]bool{}
	}
	m.kept[name] = true
}

// text replaces a value of a kind, always by the same.
func (m *Mask) text(k kind, text string) string {
	if m.known == nil {
		m.known, m.counts = map[string]string{}, map[kind]int{}
	}
	if k == kindName {
		return m.name(text)
	}
	key := string(k) + "\x00" + plain(k, text)
	if k == kindPhone || k == kindPostcode { // one number in any writing
		return likeness(text, m.once(key, k, plain(k, text)))
	}
	return m.once(key, k, text)
}

// once makes up a value the first time, and returns it from then on.
func (m *Mask) once(key string, k kind, text string) string {
	if made, ok := m.known[key]; ok {
		return made
	}
	m.counts[k]++
	made := m.makeUp(k, text, m.counts[k])
	m.known[key] = made
	return made
}
