package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/jp"
)

// value is one JSON value as the platform wrote it; "" is no value.
type value string

// pair is one member of an object. Names are those of the platform, which need no escapes.
type pair struct {
	name  string
	value value
}

// UnmarshalJSON keeps the value as it is.
func (v *value) UnmarshalJSON(data []byte) error {
	*v = value(data)
	return nil
}

// text returns a scalar as text; "" for null, for a list and for an object.
func (v value) text() string {
	if v == "" || v[0] == '{' || v[0] == '[' || v == "null" {
		return ""
	}
	if v[0] != '"' {
		return string(v)
	}
	if inner := v[1 : len(v)-1]; strings.IndexByte(string(inner), '\\') < 0 {
		return string(inner)
	}
	var text string
	if err := sdk.Decode([]byte(v), &text); err != nil {
		return ""
	}
	return text
}

// integer returns a whole number, nil if there is none. 4879.0 is one: exports write ids so.
func (v value) integer() *int64 {
	text := v.text()
	if text == "" {
		return nil
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(text), ".0"), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// flag returns a truth value, nil if there is none.
func (v value) flag() *bool {
	var yes bool
	switch strings.ToLower(v.text()) {
	case "true", "1":
		yes = true
	case "false", "0":
	default:
		return nil
	}
	return &yes
}

// moment returns a time, zero if there is none.
func (v value) moment() time.Time {
	text := v.text()
	if text == "" {
		return time.Time{}
	}
	t, err := jp.ParseTime(text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// pairsOf returns the members of an object in valid JSON. They share its text:
// reading a record's fifty attributes costs one list instead of a map.
func pairsOf(text string) []pair {
	pairs := make([]pair, 0, 1+len(text)/20) // some twenty bytes a member
	rest := skipBlanks(text[1:])
	for rest != "" && rest[0] == '"' {
		name := rest[:valueEnd(rest)]
		rest = skipBlanks(skipBlanks(rest[len(name):])[1:])
		end := valueEnd(rest)
		pairs = append(pairs, pair{name: name[1 : len(name)-1], value: value(rest[:end])})
		rest = skipBlanks(rest[end:])
		if rest != "" && rest[0] == ',' {
			rest = skipBlanks(rest[1:])
		}
	}
	return pairs
}

func skipBlanks(text string) string {
	i := 0
	for i < len(text) && isBlank(text[i]) {
		i++
	}
	return text[i:]
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// valueEnd returns where the value at the beginning of text ends.
func valueEnd(text string) int {
	switch text[0] {
	case '"':
		return stringEnd(text)
	case '{', '[':
		return nestedEnd(text)
	default:
		return scalarEnd(text)
	}
}

func scalarEnd(text string) int {
	for i := range len(text) {
		if c := text[i]; c == ',' || c == '}' || c == ']' || isBlank(c) {
			return i
		}
	}
	return len(text)
}

func stringEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

func nestedEnd(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i += stringEnd(text[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}
