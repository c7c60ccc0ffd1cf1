package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// literalKind is how a field wants its literals written.
type literalKind string

// The kinds of literal. A guess goes by the value: text in quotes, numbers and
// booleans bare. It is wrong for dates, and where a rule gives a number for a
// text field; then describe decides, see [kindsOf].
const (
	guess        literalKind = ""
	asText       literalKind = "text"
	asNumber     literalKind = "number"
	asBoolean    literalKind = "boolean"
	asDate       literalKind = "date"
	asDateTime   literalKind = "datetime"
	unfilterable literalKind = "none"
)

// quote returns s as a string literal. Everything that could end the literal
// or begin an escape is escaped, the backslash first.
func quote(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('\'')
	for _, r := range s {
		switch r {
		case '\\', '\'':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		default:
			if r < ' ' {
				fmt.Fprintf(&b, `\u%04X`, r)
				continue
			}
			b.WriteRune(r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// literal returns value as a field of that kind wants it.
func literal(field string, value any, kind literalKind) (string, error) {
	text, isText := value.(string)
	if !isText {
		var err error
		if text, err = scalar(field, value); err != nil {
			return "", err
		}
	}
	switch kind {
	case guess:
		if isText {
			return quote(text), nil
		}
		return text, nil
	case asText:
		return quote(text), nil
	case asNumber:
		if _, err := strconv.ParseFloat(text, 64); err == nil && !strings.ContainsAny(text, "xXnNiIpP_") {
			return text, nil
		}
	case asBoolean:
		if text == "true" || text == "false" {
			return strings.ToUpper(text), nil
		}
	case asDate:
		return dateLiteral(field, text)
	case asDateTime:
		return timeLiteral(field, text)
	case unfilterable:
		return "", sdk.Errorf(abi.Invalid, "field %s cannot be searched by", field)
	}
	return "", sdk.Errorf(abi.Invalid, "field %s is a %s, which %q is not", field, kind, text)
}

// scalar returns a number or boolean as text.
func scalar(field string, value any) (string, error) {
	switch v := value.(type) {
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return plain(v), nil
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	}
	return "", sdk.Errorf(abi.Invalid, "the value of %s must be a text, a number or true/false, not %T", field, value)
}

func dateLiteral(field, text string) (string, error) {
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at.Format(time.DateOnly), nil
	}
	return "", sdk.Errorf(abi.Invalid, "field %s is a date: write it as 2026-11-02, not %q", field, text)
}

func timeLiteral(field, text string) (string, error) {
	at, err := readTime(text)
	if err != nil {
		return "", sdk.Errorf(abi.Invalid, "field %s is a date and time: write it as 2026-11-02T09:00:00+09:00, not %q", field, text)
	}
	return soqlTime(at), nil
}

// soqlTime is a dateTime literal: UTC, so that no plus needs encoding.
func soqlTime(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

// readTime reads a time as the platform writes it, without a colon in the
// offset, or as RFC 3339.
func readTime(text string) (time.Time, error) {
	at, err := time.Parse("2006-01-02T15:04:05.999Z0700", text)
	if err != nil {
		at, err = time.Parse(time.RFC3339, text)
	}
	return at.UTC(), err
}
