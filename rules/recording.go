package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Recording is a real run: its event, and what the steps' calls answered, by path.
type Recording struct {
	Event   *Event
	Results map[string][]byte
	Errors  map[string]*abi.Error
}

// RecordTest turns a real run of a flow into a test for tests.yaml. Personal
// data is replaced, the same by the same everywhere, and what the flow then
// does is what the test expects.
func RecordTest(f *Flow, name string, r *Recording) ([]byte, error) {
	mask := &mask{seen: map[string]string{}}
	ev := &Event{ID: "test", Connection: r.Event.Connection, Source: r.Event.Source, Type: r.Event.Type, Subject: r.Event.Subject, Time: r.Event.Time}
	data, err := mask.json(r.Event.Data)
	if err != nil {
		return nil, fmt.Errorf("reading the event's data: %w", err)
	}
	ev.Data = data
	answers := &cannedAnswers{results: map[string][]json.RawMessage{}, errors: r.Errors, used: map[string]int{}}
	for _, path := range slices.Sorted(maps.Keys(r.Results)) {
		result, err := mask.json(r.Results[path])
		if err != nil {
			return nil, fmt.Errorf("reading the result of %s: %w", path, err)
		}
		answers.results[path] = []json.RawMessage{result}
	}
	return writeTest(name, ev, answers, f.Simulate(ev, answers)), nil
}

// writeTest writes one item of a tests.yaml; JSON is YAML too.
func writeTest(name string, ev *Event, answers *cannedAnswers, trace *Trace) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "  - name: %s\n", quoteYAML(name))
	fmt.Fprintf(&b, "    event:\n      subject: %s\n      time: %s\n      data: %s\n", jsonText(ev.Subject), jsonText(ev.happened()), ev.Data)
	if len(answers.results) > 0 {
		b.WriteString("    results:\n")
		for _, path := range slices.Sorted(maps.Keys(answers.results)) {
			fmt.Fprintf(&b, "      %s: %s\n", jsonText(path), answers.results[path][0])
		}
	}
	if len(answers.errors) > 0 {
		b.WriteString("    errors:\n")
		for _, path := range slices.Sorted(maps.Keys(answers.errors)) {
			e := answers.errors[path]
			fmt.Fprintf(&b, "      %s: {kind: %s, message: %s}\n", jsonText(path), e.Kind, jsonText(e.Message))
		}
	}
	fmt.Fprintf(&b, "    expect:\n      outcome: %s\n      steps:%s\n", trace.Outcome, expectedSteps(trace))
	return []byte(b.String())
}

func expectedSteps(trace *Trace) string {
	if len(trace.Effects) == 0 {
		return " []"
	}
	var b strings.Builder
	for i := range trace.Effects {
		e := &trace.Effects[i]
		fmt.Fprintf(&b, "\n        - {step: %s, %s: %s", jsonText(e.Path), e.Kind, jsonText(e.Target))
		fields := effectFields(e)
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			fmt.Fprintf(&b, ", %s: %s", name, fields[name])
		}
		b.WriteString("}")
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

// mask replaces personal data, the same by the same.
type mask struct{ seen map[string]string }

var (
	mailLike  = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	phoneLike = regexp.MustCompile(`^\+?[0-9][0-9() -]{8,14}[0-9]$`)
	// personalKey matches names of fields that hold what a person is called, where they live, when they were born.
	personalKey = regexp.MustCompile(`(?i)(name|kana|mail|phone|tel|fax|address|addr|street|city|zip|postcode|birth|line_?id|memo|note|氏名|名前|住所|電話|メール|生年月日|郵便)`)
)

func (m *mask) json(data []byte) (json.RawMessage, error) {
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(m.value("", v))
}

func (m *mask) value(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			v[k] = m.value(k, v[k])
		}
	case []any:
		for i := range v {
			v[i] = m.value(key, v[i])
		}
	case string:
		return m.text(key, v)
	}
	return v
}

func (m *mask) text(key, text string) string {
	if text == "" {
		return text
	}
	if known, ok := m.seen[text]; ok {
		return known
	}
	n := len(m.seen) + 1
	var replaced string
	switch {
	case mailLike.MatchString(text):
		replaced = fmt.Sprintf("person%d@example.com", n)
	case !personalKey.MatchString(key):
		return text
	case dateLike.MatchString(text):
		replaced = "1990-01-01" + text[len("1990-01-01"):]
	case phoneLike.MatchString(text):
		replaced = fmt.Sprintf("0900000%04d", n)
	default:
		replaced = fmt.Sprintf("仮名%d", n)
	}
	m.seen[text] = replaced
	return replaced
}

var dateLike = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}`)
