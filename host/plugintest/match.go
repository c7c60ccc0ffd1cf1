package plugintest

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// subset returns how got, JSON, fails to hold what want says, empty if it does
// not fail. Of an object only the named fields count, and null stands for absent
// too; a list must have the same length.
func subset(at string, want, got any) []string {
	switch w := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %s, want an object", at, show(got))}
		}
		var faults []string
		for name, inner := range w {
			faults = append(faults, subset(at+"."+name, inner, object[name])...)
		}
		return faults
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(w) {
			return []string{fmt.Sprintf("%s is %s, want a list of %d", at, show(got), len(w))}
		}
		var faults []string
		for i := range w {
			faults = append(faults, subset(fmt.Sprintf("%s[%d]", at, i), w[i], list[i])...)
		}
		return faults
	default:
		if !reflect.DeepEqual(want, got) {
			return []string{fmt.Sprintf("%s is %s, want %s", at, show(got), show(want))}
		}
		return nil
	}
}

// subsetJSON is subset for texts.
func subsetJSON(at string, want, got []byte) []string {
	wanted, err := decodeAny(want)
	if err != nil {
		return []string{at + ": what is wanted: " + err.Error()}
	}
	given, err := decodeAny(got)
	if err != nil {
		return []string{at + ": " + err.Error()}
	}
	return subset(at, wanted, given)
}

func show(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%.300s", text)
}
