package rules

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

// StandIn returns what stands for the answer of a step that is not carried out: an
// object of the right shape whose required fields say what they stand for.
func StandIn(step *Step) []byte {
	var schema *abi.Schema
	switch d := step.Do.(type) {
	case *Call:
		schema = d.Action.Output
	case *Upsert:
		schema = upsertResult
	case *Linked:
		schema = linkedResult
	case *Foreach:
		return []byte("{}") // an empty page
	default:
	}
	data, err := json.Marshal(stand(strings.ReplaceAll(ActionName(step), ".", "-"), schema))
	if err != nil { // strings, numbers, lists and maps only: cannot happen
		return []byte("null")
	}
	return data
}

func stand(name string, s *abi.Schema) any {
	if s == nil {
		return map[string]any{}
	}
	switch s.Type {
	case abi.TypeObject:
		object := map[string]any{}
		for _, field := range slices.Sorted(maps.Keys(s.Properties)) {
			if slices.Contains(s.Required, field) {
				object[field] = stand(name+"-"+field, s.Properties[field])
			}
		}
		return object
	case abi.TypeArray:
		return []any{}
	case abi.TypeInteger, abi.TypeNumber:
		return 0
	case abi.TypeBoolean:
		return false
	case abi.TypeString:
		return standText(name, s)
	default:
		return nil
	}
}

func standText(name string, s *abi.Schema) string {
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Format == "date-time":
		return "2000-01-01T00:00:00Z"
	case s.Format == "decimal":
		return "0"
	case s.Format == "date":
		return "2000-01-01"
	default:
		return "(" + name + ")"
	}
}
