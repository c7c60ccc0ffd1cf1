package main

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// maxNote is how long an order's note may be, in characters.
const maxNote = 5000

// isOfType says whether a metafield of that type takes the value.
func isOfType(value, kind string) bool {
	var err error
	switch kind {
	case "date":
		_, err = time.Parse(time.DateOnly, value)
	case "number_integer":
		_, err = strconv.ParseInt(value, 10, 64)
	case "number_decimal":
		_, err = strconv.ParseFloat(value, 64)
	case "boolean":
		return value == "true" || value == "false"
	case "json":
		return json.Valid([]byte(value))
	case "url":
		at, wrong := url.Parse(value)
		return wrong == nil && slices.Contains([]string{"http", "https", "mailto", "sms", "tel"}, at.Scheme)
	}
	return err == nil
}

// checkInputs checks the metafields, tags and note that come within the input
// of a record of that kind.
func checkInputs(kind string, in object) *refusal {
	for i, m := range objects(in["metafields"]) {
		switch value := text(m, "value"); {
		case value == "":
			return &refusal{[]any{"metafields", strconv.Itoa(i), "value"}, "Value can't be blank.", "BLANK"}
		case !isOfType(value, text(m, "type")):
			return &refusal{[]any{"metafields", strconv.Itoa(i), "value"}, "Value is not of the type " + text(m, "type") + ".", "INVALID_VALUE"}
		}
	}
	if kind == kindOrder && utf8.RuneCountInString(text(in, "note")) > maxNote {
		return &refusal{[]any{"note"}, "Note is too long (maximum is 5000 characters)", "TOO_LONG"}
	}
	tags := texts(cleanTags(texts(in["tags"])))
	return checkTags(kind, tags, tags)
}
