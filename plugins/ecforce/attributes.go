package main

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// attributes are a record's values as the platform wrote them. They are read
// tolerantly, because the API writes numbers where webhook templates write
// text: what cannot be read as what is asked for is as good as absent.
type attributes map[string]json.RawMessage

// text returns a scalar as text; "" for null, for a list or object, and for what is not there.
func (a attributes) text(name string) string { return textOf(a[name]) }

func textOf(raw json.RawMessage) string {
	if len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || string(raw) == "null" {
		return ""
	}
	if raw[0] != '"' {
		return string(raw)
	}
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	var text string
	if err := sdk.Decode(raw, &text); err != nil {
		return ""
	}
	return text
}

// integer returns a whole number, nil if there is none. 4879.0 is one: exports write ids so.
func (a attributes) integer(name string) *int64 {
	text := strings.TrimSuffix(strings.TrimSpace(a.text(name)), ".0")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// number is integer, 0 if there is none.
func (a attributes) number(name string) int64 {
	if n := a.integer(name); n != nil {
		return *n
	}
	return 0
}

// flag returns a truth value in any of the platform's spellings, nil if there is none.
func (a attributes) flag(name string) *bool {
	var yes bool
	switch strings.ToLower(a.text(name)) {
	case "true", "1":
		yes = true
	case "false", "0":
	default:
		return nil
	}
	return &yes
}

// moment returns a time; the platform's times are Japan's.
func (a attributes) moment(name string) time.Time {
	t, err := jp.ParseTime(a.text(name))
	if err != nil {
		return time.Time{}
	}
	return t
}

// day returns the date of a time or date.
func (a attributes) day(name string) commerce.Date { return commerce.DateOf(a.moment(name)) }

// yen returns an amount, nil if there is none.
func (a attributes) yen(name string) *commerce.Money {
	if n := a.integer(name); n != nil {
		return commerce.Yen(*n)
	}
	return nil
}

// words splits a comma-separated text, such as the names of labels.
func (a attributes) words(name string) []string {
	var words []string
	for word := range strings.SplitSeq(a.text(name), ",") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}

// object returns the object under a name, or nil.
func (a attributes) object(name string) attributes {
	var inner attributes
	if raw := a[name]; len(raw) == 0 || raw[0] != '{' || sdk.Decode(raw, &inner) != nil {
		return nil
	}
	return inner
}

// first returns the first of the names that has text.
func (a attributes) first(names ...string) string {
	for _, name := range names {
		if text := a.text(name); text != "" {
			return text
		}
	}
	return ""
}
