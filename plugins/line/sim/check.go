package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
)

// checkMessages checks message objects as LINE does: all faults of the form of
// a message in one answer, those of a Flex or template message in one of its own.
func checkMessages(messages []map[string]any) *refusal {
	if len(messages) == 0 || len(messages) > 5 {
		return refused(http.StatusBadRequest, "The request body has 1 error(s)", detail{"Size must be between 1 and 5", "messages"})
	}
	var faults []detail
	for i, m := range messages {
		at := fmt.Sprintf("messages[%d]", i)
		faults = append(faults, checkMessage(m, at)...)
		if inner := checkContents(m); len(inner) > 0 {
			return refused(http.StatusBadRequest, fmt.Sprintf("A message (%s) in the request body is invalid", at), inner...)
		}
	}
	if len(faults) > 0 {
		return refused(http.StatusBadRequest, fmt.Sprintf("The request body has %d error(s)", len(faults)), faults...)
	}
	return nil
}

// as returns v as a T, or nothing of the kind: what has another type is not there.
func as[T any](v any) T {
	t, ok := v.(T)
	if !ok {
		var none T
		return none
	}
	return t
}

// units counts UTF-16 code units.
func units(text string) int { return len(utf16.Encode([]rune(text))) }

// clusters counts what a reader takes for characters, as LINE does in labels
// and templates: an emoji of several parts is one, and so are a flag and a
// letter with its marks.
func clusters(text string) int {
	n, joined, flag := 0, false, false
	for _, r := range text {
		isFlag := r >= 0x1f1e6 && r <= 0x1f1ff
		switch {
		case unicode.In(r, unicode.M) || r == joiner || (r >= 0x1f3fb && r <= 0x1f3ff), joined, flag && isFlag:
			isFlag = false
		default:
			n++
		}
		joined, flag = r == joiner, isFlag
	}
	return n
}

// joiner makes one emoji of two (zero width joiner).
const joiner = 0x200d

func checkMessage(m map[string]any, at string) []detail {
	var faults []detail
	length := func(name string, most int) { faults = append(faults, lengthOf(m, name, most, at)...) }
	address := func(name string) {
		if !isHTTPS(as[string](m[name])) {
			faults = append(faults, detail{"Must be a valid HTTPS URL", at + "." + name})
		}
	}
	switch m["type"] {
	case "text":
		length("text", 5000)
		if count(m["emojis"]) > maxEmojis {
			faults = append(faults, detail{fmt.Sprintf("Size must be between 0 and %d", maxEmojis), at + ".emojis"})
		}
	case "textV2":
		length("text", 5000)
		faults = append(faults, checkPlaces(m, at)...)
	case "image", "video":
		address("originalContentUrl")
		address("previewImageUrl")
	case "sticker":
		length("packageId", 20)
		length("stickerId", 20)
	case "template", "flex":
		length("altText", 1500)
	case "audio", "location", "imagemap", "coupon":
		faults = append(faults, checkOther(m, at)...)
	default:
		faults = append(faults, detail{"must be one of the message types", at + ".type"})
	}
	return slices.Concat(faults, checkSender(m, at), checkQuickReply(m, at))
}

func checkQuickReply(m map[string]any, at string) []detail {
	quick, there := m["quickReply"].(map[string]any)
	if !there {
		return nil
	}
	items := as[[]any](quick["items"])
	if len(items) == 0 || len(items) > 13 {
		return []detail{{"Size must be between 1 and 13", at + ".quickReply.items"}}
	}
	var faults []detail
	for i, item := range items {
		button := as[map[string]any](item)
		where := fmt.Sprintf("%s.quickReply.items[%d]", at, i)
		if button["type"] != "action" {
			faults = append(faults, detail{"invalid property", where + ".type"})
		}
		faults = append(faults, checkActionAt(button, where)...)
		faults = append(faults, dotted(checkLabel(actionOf(button), "/action"), where)...)
	}
	return faults
}

// checkActionAt checks the action of a quick reply's button, or of a rich menu's
// area. Those are named with dots, not as JSON pointers.
func checkActionAt(of map[string]any, at string) []detail {
	return dotted(checkAction(actionOf(of), "/action", maxLabel), at)
}

// dotted names the properties of faults with dots, from at on.
func dotted(faults []detail, at string) []detail {
	for i := range faults {
		faults[i].Property = at + strings.ReplaceAll(faults[i].Property, "/", ".")
	}
	return faults
}

func ascii(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// checkContents checks what is within a Flex or template message. Properties
// are JSON pointers from there on.
func checkContents(m map[string]any) []detail {
	switch m["type"] {
	case "flex":
		return checkFlex(m["contents"])
	case "template":
		template, ok := m["template"].(map[string]any)
		if !ok {
			return []detail{{"must be specified", "/"}}
		}
		return checkTemplate(template)
	default:
		return nil
	}
}

// maxLabel is how long a label may be in templates, quick replies and rich menus.
const maxLabel = 20

func checkTemplate(t map[string]any) []detail {
	switch as[string](t["type"]) {
	case "buttons":
		return slices.Concat(checkHead(t, "", 160), checkActions(t["actions"], "/actions", [2]int{1, 4}))
	case "confirm":
		return slices.Concat(checkText(t, "/text", 240), checkActions(t["actions"], "/actions", [2]int{2, 2}))
	case "carousel", "image_carousel":
		return checkColumns(t)
	default:
		return []detail{{"invalid property", "/type"}}
	}
}

// checkHead checks title and text. A text that stands with a title or an image
// may have 60 characters, one alone as many as plain.
func checkHead(in map[string]any, at string, plain int) []detail {
	title := as[string](in["title"])
	if title != "" || as[string](in["thumbnailImageUrl"]) != "" {
		plain = 60
	}
	faults := checkText(in, at+"/text", plain)
	if clusters(title) > 40 {
		faults = append(faults, detail{"must not be longer than 40 characters", at + "/title"})
	}
	return faults
}

func checkColumns(t map[string]any) []detail {
	columns := as[[]any](t["columns"])
	if len(columns) == 0 || len(columns) > 10 {
		return []detail{{"size must be between 1 and 10", "/columns"}}
	}
	var faults []detail
	first := as[map[string]any](columns[0])
	for i, item := range columns {
		column := as[map[string]any](item)
		at := fmt.Sprintf("/columns/%d", i)
		if t["type"] == "image_carousel" {
			faults = append(faults, checkAction(as[map[string]any](column["action"]), at+"/action", 12)...)
			continue
		}
		faults = append(faults, checkHead(column, at, 120)...)
		faults = append(faults, checkActions(column["actions"], at+"/actions", [2]int{1, 3})...)
		if count(column["actions"]) != count(first["actions"]) {
			faults = append(faults, detail{"all columns must have the same number of actions", at + "/actions"})
		}
		for _, name := range []string{"title", "thumbnailImageUrl"} {
			if (as[string](column[name]) == "") != (as[string](first[name]) == "") {
				faults = append(faults, detail{"all columns must have it or none", at + "/" + name})
			}
		}
	}
	return faults
}

func count(list any) int {
	items := as[[]any](list)
	return len(items)
}

func checkText(in map[string]any, at string, most int) []detail {
	text := as[string](in["text"])
	if text == "" || clusters(text) > most {
		return []detail{{fmt.Sprintf("length must be between 1 and %d", most), at}}
	}
	return nil
}

func checkActions(list any, at string, span [2]int) []detail {
	items := as[[]any](list)
	if len(items) < span[0] || len(items) > span[1] {
		return []detail{{fmt.Sprintf("size must be between %d and %d", span[0], span[1]), at}}
	}
	var faults []detail
	for i, item := range items {
		action, where := as[map[string]any](item), fmt.Sprintf("%s/%d", at, i)
		faults = slices.Concat(faults, checkAction(action, where, maxLabel), checkLabel(action, where))
	}
	return faults
}

var actionTypes = []string{"uri", "postback", "message", "datetimepicker", "clipboard", "camera", "cameraRoll", "location", "richmenuswitch"}

func checkAction(action map[string]any, at string, label int) []detail {
	kind := as[string](action["type"])
	if !slices.Contains(actionTypes, kind) {
		return []detail{{"invalid property", at + "/type"}}
	}
	var faults []detail
	if text := as[string](action["label"]); clusters(text) > label {
		faults = append(faults, detail{fmt.Sprintf("must not be longer than %d characters", label), at + "/label"})
	}
	if uri := as[string](action["uri"]); kind == "uri" && (len(uri) > 1000 || !ascii(uri) || !hasScheme(uri)) {
		faults = append(faults, detail{"invalid uri scheme", at + "/uri"})
	}
	if data := as[string](action["data"]); kind == "postback" && (data == "" || units(data) > 300) {
		faults = append(faults, detail{"length must be between 1 and 300", at + "/data"})
	}
	return append(faults, checkSaid(action, kind, at)...)
}

func hasScheme(uri string) bool {
	return slices.ContainsFunc([]string{"http://", "https://", "line://", "tel:"}, func(s string) bool { return strings.HasPrefix(uri, s) })
}

// size is how long a value is as JSON, in bytes.
func size(v any) int {
	text, err := json.Marshal(v)
	if err != nil { // it came as JSON
		return 0
	}
	return len(text)
}
