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
