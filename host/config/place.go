package config

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// mark is the place of a key or a value in the file. Columns count runes from 1.
type mark struct {
	line, column, end int
}

// marks remembers where each key path stands, so that a fault found later,
// against the connectors, has its place too.
type marks struct {
	file  string
	lines []string
	// at holds the places of values, keys those of their keys.
	at, keys map[string]mark
	// secrets holds, by line, the column from which on the line is not to be shown.
	secrets map[int]int
}

// put remembers where the value at path stands, and its key.
func (m *marks) put(path string, key, value *yaml.Node) {
	m.keys[path] = markOf(key)
	m.at[path] = m.keys[path]
	if value.Kind == yaml.ScalarNode && value.Value != "" {
		m.at[path] = markOf(value)
	}
}

// hide keeps what stands at path, and on the line after it, out of messages.
func (m *marks) hide(path string) { m.hideFrom(m.at[path]) }

func (m *marks) hideFrom(place mark) {
	if m.secrets == nil {
		m.secrets = map[int]int{}
	}
	if column, known := m.secrets[place.line]; !known || place.column < column {
		m.secrets[place.line] = place.column
	}
}

// problem makes a fault of the value at path.
func (m *marks) problem(code, path string, message abi.Text) diag.Problem {
	return m.problemAt(m.nearest(path), code, path, message)
}

// keyProblem makes a fault of the key at path: one that should not be there, or is twice.
func (m *marks) keyProblem(code, path string, message abi.Text) diag.Problem {
	if place, ok := m.keys[path]; ok {
		return m.problemAt(place, code, path, message)
	}
	return m.problem(code, path, message)
}

func (m *marks) problemAt(place mark, code, path string, message abi.Text) diag.Problem {
	return diag.Problem{
		File: m.file, Line: place.line, Column: place.column, EndColumn: place.end,
		Code: code, Message: withPath(path, message),
	}
}

// quote gives each problem the line that it is about, once all secrets are known.
func (m *marks) quote(problems diag.Problems) {
	for i := range problems {
		problems[i].Source = m.source(problems[i].Line)
	}
}

// nearest is the place of the value at path, or of what it would belong to.
func (m *marks) nearest(path string) mark {
	for {
		if place, ok := m.at[path]; ok {
			return place
		}
		if path == "" {
			return mark{line: 1, column: 1, end: 1}
		}
		path = parent(path)
	}
}

// parent cuts the last key of path. Keys hold no dots, but for triggers, whose
// parts then simply are not found.
func parent(path string) string {
	if i := strings.LastIndexAny(path, ".["); i > 0 {
		return path[:i]
	}
	return ""
}

func (m *marks) source(line int) string {
	if line > len(m.lines) {
		return ""
	}
	text := m.lines[line-1]
	column, hidden := m.secrets[line]
	if !hidden {
		return text
	}
	runes := []rune(text)
	return string(runes[:min(column-1, len(runes))]) + "********"
}

func markOf(n *yaml.Node) mark {
	width := 1
	if n.Kind == yaml.ScalarNode && !strings.Contains(n.Value, "\n") {
		width = utf8.RuneCountInString(n.Value)
		if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			width += 2
		}
	}
	return mark{line: n.Line, column: n.Column, end: n.Column + max(width, 1)}
}

func withPath(path string, message abi.Text) abi.Text {
	if path == "" {
		return message
	}
	return abi.Text{EN: path + ": " + message.EN, JA: path + ": " + message.JA}
}
