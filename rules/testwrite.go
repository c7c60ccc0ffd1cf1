package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/source"
)

// writeTest writes one item of a tests.yaml that expects what the trace did;
// JSON is YAML too.
func writeTest(name string, ev *Event, results map[string]json.RawMessage, trace *Trace) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  - name: %s\n", quoteYAML(name))
	fmt.Fprintf(&b, "    event:\n      subject: %s\n      data: %s\n", jsonText(ev.Subject), testJSON(ev.Data))
	if len(results) > 0 {
		b.WriteString("    results:\n")
		for _, path := range slices.Sorted(maps.Keys(results)) {
			fmt.Fprintf(&b, "      %s: %s\n", path, testJSON(results[path]))
		}
	}
	fmt.Fprintf(&b, "    expect:\n      outcome: %s\n      steps:%s\n", trace.Outcome, expectedSteps(trace))
	return b.String()
}

func expectedSteps(trace *Trace) string {
	if len(trace.Effects) == 0 {
		return " []"
	}
	var b strings.Builder
	for i := range trace.Effects {
		e := &trace.Effects[i]
		fmt.Fprintf(&b, "\n        - {%s: %s", e.Kind, e.Target)
		fields := effectFields(e)
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			fmt.Fprintf(&b, ", %s: %s", name, testJSON(fields[name]))
		}
		b.WriteString("}")
	}
	return b.String()
}

// testJSON is JSON as a test holds it: with room after colons and commas, and
// without expressions.
func testJSON(data []byte) string {
	return strings.ReplaceAll(spaced(data), "${", "$${")
}

// spaced puts a space behind the colons and commas of JSON, so that YAML reads it.
func spaced(data []byte) string {
	var b strings.Builder
	inText, escaped := false, false
	for _, c := range string(data) {
		b.WriteRune(c)
		switch {
		case escaped:
			escaped = false
		case inText && c == '\\':
			escaped = true
		case c == '"':
			inText = !inText
		case !inText && (c == ':' || c == ','):
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// jsonText returns a value as JSON.
func jsonText(v any) string {
	data, err := json.Marshal(v)
	if err != nil { // strings, times, numbers, lists and maps only: cannot happen
		return "null"
	}
	return string(data)
}

// quoteYAML returns text as YAML reads it back.
func quoteYAML(text string) string {
	if source.PlainSafe(text) {
		return text
	}
	return jsonText(text)
}
