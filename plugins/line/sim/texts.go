package main

import (
	"fmt"
	"regexp"
	"strings"
)

const (
	maxSender = 20
	maxSaid   = 300
	maxEmojis = 20
)

// checkSender checks who a message says that it is from.
func checkSender(m map[string]any, at string) []detail {
	sender, there := m["sender"].(map[string]any)
	if !there {
		return nil
	}
	var faults []detail
	if units(as[string](sender["name"])) > maxSender {
		faults = append(faults, detail{fmt.Sprintf("Length must be between 0 and %d", maxSender), at + ".sender.name"})
	}
	if icon, given := sender["iconUrl"]; given && !isHTTPS(as[string](icon)) {
		faults = append(faults, detail{"Must be a valid HTTPS URL", at + ".sender.iconUrl"})
	}
	return faults
}

func isHTTPS(address string) bool {
	return strings.HasPrefix(address, "https://") && len(address) <= 2000 && ascii(address)
}

// place is a name in braces that something stands for.
var place = regexp.MustCompile(`\{([a-zA-Z0-9_]+)\}`)

// checkPlaces checks the braces of a text of version 2: each pair names what
// stands for it, and those that are meant as they are, are doubled.
func checkPlaces(m map[string]any, at string) []detail {
	text := strings.NewReplacer("{{", "", "}}", "").Replace(as[string](m["text"]))
	known := as[map[string]any](m["substitution"])
	var faults []detail
	for _, found := range place.FindAllStringSubmatch(text, -1) {
		if known[found[1]] == nil {
			faults = append(faults, detail{"must be specified", at + ".substitution." + found[1]})
		}
	}
	if strings.ContainsAny(place.ReplaceAllString(text, ""), "{}") {
		faults = append(faults, detail{"invalid braces", at + ".text"})
	}
	return faults
}

// checkSaid checks the texts that the reader is shown, or says, by an action.
func checkSaid(action map[string]any, kind, at string) []detail {
	var faults []detail
	for _, name := range map[string][]string{"postback": {"displayText", "fillInText"}, "message": {"text"}}[kind] {
		if units(as[string](action[name])) > maxSaid {
			faults = append(faults, detail{fmt.Sprintf("must not be longer than %d characters", maxSaid), at + "/" + name})
		}
	}
	if kind == "message" && as[string](action["text"]) == "" {
		faults = append(faults, detail{"must be specified", at + "/text"})
	}
	return faults
}
