package org

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// DateTimeLayout is how dateTime values are written: no colon in the offset.
const DateTimeLayout = "2006-01-02T15:04:05.000-0700"

// The local part may not hold two dots in a row: carrier addresses that do are refused.
var emailPattern = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

// convert turns a decoded JSON value into the field's own type and checks what
// can be checked without other records.
func (f *Field) convert(raw any) (any, error) {
	if text, ok := raw.(string); ok {
		if f.Type == Base64 {
			return f.decode(text)
		}
		raw = strings.TrimSpace(text)
		if raw == "" {
			raw = nil
		}
	}
	if raw == nil {
		return nil, nil //nolint:nilnil // null is a value
	}
	switch {
	case f.textual():
		return f.text(raw)
	case f.numeric():
		return f.number(raw)
	case f.Type == Boolean:
		return f.boolean(raw)
	case f.Type == Date:
		return f.date(raw)
	case f.Type == DateTime:
		return f.dateTime(raw)
	}
	return nil, f.unreadable(raw)
}

func (f *Field) unreadable(raw any) *Error {
	shown, err := json.Marshal(raw)
	if err != nil {
		shown = []byte("?")
	}
	return refuse(CodeJSON, "Cannot deserialize instance of %s from value %s or request may be missing a required field", f.Type, shown).on(f.Name)
}

func (f *Field) decode(text string) (any, error) {
	blob, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, f.unreadable("…")
	}
	return blob, nil
}

func (f *Field) text(raw any) (any, error) {
	text, ok := raw.(string)
	if !ok {
		return nil, f.unreadable(raw)
	}
	if f.Length > 0 && len(text) > f.Length && utf8.RuneCountInString(text) > f.Length {
		return nil, refuse(CodeTooLong, "%s: data value too large: %s (max length=%d)", f.Label(), text, f.Length).on(f.Name)
	}
	switch {
	case f.Type == Email && !emailPattern.MatchString(text):
		return nil, refuse(CodeEmail, "%s: invalid email address: %s", f.Label(), text).on(f.Name)
	case f.Type == Picklist && f.Restricted && !slices.Contains(f.Values, text):
		return nil, refuse(CodePicklist, "%s: bad value for restricted picklist field: %s", f.Label(), text).on(f.Name)
	case f.Type == Reference || f.Type == ID:
		if !validID(text) {
			return nil, refuse(CodeMalformedID, "%s: id value of incorrect type: %s", f.Label(), text).on(f.Name)
		}
		return LongID(text), nil
	}
	return text, nil
}

// maxNumber is the largest number that eighteen digits hold.
const maxNumber = 1e18

func (f *Field) number(raw any) (any, error) {
	var n float64
	var err error
	switch v := raw.(type) {
	case float64:
		n = v
	case json.Number:
		n, err = v.Float64()
	case string: // numbers in quotes are read too, and bulk jobs send nothing else
		n, err = strconv.ParseFloat(v, 64)
	default:
		return nil, f.unreadable(raw)
	}
	if err != nil || f.Type == Int && n != float64(int64(n)) {
		return nil, f.unreadable(raw)
	}
	if n >= maxNumber || n <= -maxNumber {
		return nil, refuse(CodeRange, "%s: value outside of valid range on numeric field: %v", f.Label(), raw).on(f.Name)
	}
	return n, nil
}

func (f *Field) boolean(raw any) (any, error) {
	switch v := raw.(type) {
	case bool:
		return v, nil
	case string:
		if b, err := strconv.ParseBool(strings.ToLower(v)); err == nil {
			return b, nil
		}
	}
	return nil, f.unreadable(raw)
}

func (f *Field) date(raw any) (any, error) {
	text, ok := raw.(string)
	if !ok || len(text) < len(time.DateOnly) {
		return nil, f.unreadable(raw)
	}
	if _, err := time.Parse(time.DateOnly, text); err == nil {
		return text, nil
	}
	at, err := ParseTime(text)
	if err != nil {
		return nil, f.unreadable(raw)
	}
	return at.Format(time.DateOnly), nil
}

func (f *Field) dateTime(raw any) (any, error) {
	text, ok := raw.(string)
	if !ok {
		return nil, f.unreadable(raw)
	}
	at, err := ParseTime(text)
	if err != nil {
		return nil, f.unreadable(raw)
	}
	return at, nil
}

// ParseTime reads ISO 8601 with an offset or Z, with or without a colon in it.
func ParseTime(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04:05.999Z0700", text)
	}
	return at.UTC(), err
}

// compare orders two values of one field; nil comes first.
func compare(a, b any) int {
	if a == nil || b == nil {
		return order(a != nil, b != nil)
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(fold(x), fold(y))
		}
	case float64:
		if y, ok := b.(float64); ok {
			return order(x > y, y > x)
		}
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y)
		}
	case bool:
		if y, ok := b.(bool); ok {
			return order(x, y)
		}
	}
	return 0
}

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
