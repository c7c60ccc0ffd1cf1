package main

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// jst is the zone of every time in the API.
var jst = time.FixedZone("Asia/Tokyo", 9*60*60)

const (
	stampLayout = "2006/01/02 15:04:05"
	dayLayout   = "2006/01/02"
)

// coercion turns a value of a request into an attribute; ok is false for a
// value that is dropped.
type coercion func(v any) (attribute any, ok bool)

func toText(v any) (any, bool) {
	if v == nil {
		return nil, true
	}
	return asText(v), true
}

func toInt(v any) (any, bool) {
	text := asText(v)
	if text == "" {
		return nil, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// toFlag takes the 0 and 1 of the API, and what Rails takes besides.
func toFlag(v any) (any, bool) {
	switch asText(v) {
	case "1", "true":
		return true, true
	case "0", "false", "":
		return false, true
	}
	return nil, false
}

func toStamp(v any) (any, bool) {
	text := asText(v)
	if text == "" {
		return nil, true
	}
	t, ok := parseTime(text)
	return t.Format(stampLayout), ok
}

func toDay(v any) (any, bool) {
	text := asText(v)
	if text == "" {
		return nil, true
	}
	t, ok := parseTime(text)
	return t.Format(dayLayout), ok
}

// toIDs takes a list of decimal strings; ["null"] clears it.
func toIDs(v any) (any, bool) {
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	ids := []any{}
	for _, item := range list {
		if text := asText(item); text != "null" {
			ids = append(ids, text)
		}
	}
	return ids, true
}

// toAny keeps a value as it came.
func toAny(v any) (any, bool) { return v, true }

// parseTime reads the forms that requests may hold.
func parseTime(text string) (time.Time, bool) {
	text = strings.ReplaceAll(text, "/", "-")
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, text, jst); err == nil {
			return t, true
		}
	}
	t, err := time.Parse(time.RFC3339, text)
	return t.In(jst), err == nil
}

// object is a JSON object of a request.
type object = map[string]any

// part returns the object under a key, or nil.
func part(body object, key string) object {
	inner, _ := body[key].(object) //nolint:errcheck // nil is the answer
	return inner
}

// objects returns the list of objects under a key.
func objects(body object, key string) []object {
	list, _ := body[key].([]any) //nolint:errcheck // nil is the answer
	found := make([]object, 0, len(list))
	for _, item := range list {
		if o, ok := item.(object); ok {
			found = append(found, o)
		}
	}
	return found
}

// number returns an integer under a key; 0 if there is none.
func number(body object, key string) int64 {
	n, err := strconv.ParseInt(asText(body[key]), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// flag says whether a key holds 1 or true.
func flag(body object, key string) bool {
	v, ok := toFlag(body[key])
	return ok && v == true
}

// accept keeps what a write takes and drops the rest without a word, as the
// platform does.
func accept(keys map[string]coercion, body object) attributes {
	changes := attributes{}
	for key, v := range body {
		coerce, known := keys[key]
		if !known {
			continue
		}
		if attribute, ok := coerce(v); ok {
			changes[key] = attribute
		}
	}
	return changes
}

// decode reads a request's JSON without going through floats.
func decode(decoder *json.Decoder, v any) error {
	decoder.UseNumber()
	return decoder.Decode(v)
}
