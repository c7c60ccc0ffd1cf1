package config

import (
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

func (r *reader) settings(to map[string]any) take {
	return func(n *yaml.Node, path string) {
		r.each(n, path, func(name string, value *yaml.Node, at string) {
			to[name] = r.value(value, at)
		})
	}
}

// value reads a setting to what JSON knows: nil, bool, string, json.Number,
// []any, map[string]any. Dates stay text, as written.
func (r *reader) value(n *yaml.Node, path string) any {
	switch n.Kind {
	case yaml.MappingNode:
		object := map[string]any{}
		r.each(n, path, func(name string, value *yaml.Node, at string) { object[name] = r.value(value, at) })
		return object
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for i, item := range n.Content {
			at := fmt.Sprintf("%s[%d]", path, i)
			r.at[at] = markOf(item)
			if r.plain(item, at) {
				list = append(list, r.value(item, at))
			}
		}
		return list
	default:
		return r.scalarValue(n, path)
	}
}

func (r *reader) scalarValue(n *yaml.Node, path string) any {
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		return r.number(n, path)
	default:
		return n.Value
	}
}

// number reads a number that means the same in YAML and in JSON. A leading
// zero (a telephone number, say), 0x1f or 1_000 does not: it wants quotes.
func (r *reader) number(n *yaml.Node, path string) any {
	if !json.Valid([]byte(n.Value)) {
		advice := say("%[1]s would be read as another number: write \"%[1]s\" if it is text", "%[1]s は別の数値として読まれます。文字列なら \"%[1]s\" と書いてください", n.Value)
		r.fault("ambiguous-number", path, advice)
		return nil
	}
	return json.Number(strings.TrimSpace(n.Value))
}
