package main

import (
	"encoding/json"
	"fmt"
	"slices"
)

// maxPlaceName is how long a location's title and address may be.
const maxPlaceName = 100

// checkOther checks the kinds of message that are rarely sent, by what must be there.
func checkOther(m map[string]any, at string) []detail {
	var faults []detail
	number := func(of map[string]any, name, where string) {
		switch of[name].(type) {
		case float64, json.Number:
		default:
			faults = append(faults, detail{"May not be null", where + "." + name})
		}
	}
	address := func(name string) {
		if !isHTTPS(as[string](m[name])) {
			faults = append(faults, detail{"Must be a valid HTTPS URL", at + "." + name})
		}
	}
	switch m["type"] {
	case "audio":
		address("originalContentUrl")
		number(m, "duration", at)
	case "location":
		for _, name := range []string{"title", "address"} {
			faults = append(faults, lengthOf(m, name, maxPlaceName, at)...)
		}
		number(m, "latitude", at)
		number(m, "longitude", at)
	case "imagemap":
		address("baseUrl")
		faults = append(faults, lengthOf(m, "altText", 1500, at)...)
		size := as[map[string]any](m["baseSize"])
		number(size, "width", at+".baseSize")
		number(size, "height", at+".baseSize")
	case "coupon":
		faults = append(faults, lengthOf(m, "couponId", 255, at)...)
	}
	return faults
}

// lengthOf checks a text that must be there.
func lengthOf(m map[string]any, name string, most int, at string) []detail {
	text := as[string](m[name])
	switch {
	case text == "":
		return []detail{{"May not be empty", at + "." + name}}
	case units(text) > most:
		return []detail{{fmt.Sprintf("Length must be between 0 and %d", most), at + "." + name}}
	}
	return nil
}

// checkLabel checks that a button says something; in an image carousel and in a
// rich menu it need not.
func checkLabel(action map[string]any, at string) []detail {
	kind := as[string](action["type"])
	if slices.Contains(actionTypes, kind) && as[string](action["label"]) == "" {
		return []detail{{"must be specified", at + "/label"}}
	}
	return nil
}
