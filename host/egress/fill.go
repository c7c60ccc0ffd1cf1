package egress

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

// names are what {name} in a manifest's texts stands for: settings and secrets.
type names map[string]string

// fillNames collects the settings that are plain values, and the secrets. A
// secret hides a setting of the same name.
func fillNames(settings []byte, secrets map[string]string) (names, error) {
	var fields map[string]any
	if len(settings) > 0 {
		decoder := json.NewDecoder(strings.NewReader(string(settings)))
		decoder.UseNumber()
		if err := decoder.Decode(&fields); err != nil {
			return nil, configError(fmt.Errorf("reading the settings: %w", err))
		}
	}
	n := make(names, len(fields)+len(secrets))
	for key, value := range fields {
		switch v := value.(type) {
		case string:
			n[key] = v
		case json.Number, bool:
			n[key] = fmt.Sprint(v)
		case []any: // words joined by spaces, as hosts and scopes are written
			n[key] = strings.Trim(fmt.Sprint(v), "[]")
		}
	}
	maps.Copy(n, secrets)
	return n, nil
}

// fill replaces every {name} of text, in one pass: what a value holds is not
// looked at again. All names that have no value are in the error.
func (n names) fill(text string) (string, error) {
	var out strings.Builder
	var faults []error
	for text != "" {
		before, name, after := cutPlaceholder(text)
		out.WriteString(before)
		text = after
		if name == "" {
			continue
		}
		value := n[name]
		if value == "" {
			faults = append(faults, fmt.Errorf("%s is missing: the credential or the address needs it", name))
		}
		out.WriteString(value)
	}
	return out.String(), errors.Join(faults...)
}

// fillAround is fill for a text of which one {name} stays as it is, for later.
func (n names) fillAround(text, later string) (string, error) {
	with := maps.Clone(n)
	with[strings.Trim(later, "{}")] = later
	return with.fill(text)
}

// fillOptional is fill for a text that may be left out: it is empty when a value is missing.
func (n names) fillOptional(text string) string {
	filled, err := n.fill(text)
	if err != nil {
		return ""
	}
	return filled
}

// cutPlaceholder splits text around its first {name}; name is empty if there is none.
func cutPlaceholder(text string) (before, name, after string) {
	start := strings.IndexByte(text, '{')
	if start < 0 {
		return text, "", ""
	}
	end := strings.IndexByte(text[start:], '}')
	if end < 0 {
		return text, "", ""
	}
	end += start
	if len(abi.Placeholders(text[start:end+1])) == 0 { // braces around something else
		return text[:start+1], "", text[start+1:]
	}
	return text[:start], text[start+1 : end], text[end+1:]
}

func configError(err error) error {
	return &abi.Error{Kind: abi.Config, Message: err.Error()}
}
