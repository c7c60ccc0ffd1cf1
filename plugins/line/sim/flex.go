package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Sizes of Flex messages, as JSON.
const (
	maxBubble   = 30 << 10
	maxCarousel = 50 << 10
)

var color = regexp.MustCompile(`^#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})$`)

// placed are the properties of everything that has a place within a box.
var placed = []string{"type", "flex", "margin", "position", "offsetTop", "offsetBottom", "offsetStart", "offsetEnd"}

// Properties that Flex components have. Any other is refused.
var flexProperties = map[string][]string{
	"bubble":   {"type", "size", "direction", "header", "hero", "body", "footer", "styles", "action"},
	"carousel": {"type", "contents"},
	"box": slices.Concat(placed, []string{
		"layout", "contents", "spacing", "backgroundColor", "borderColor", "borderWidth", "cornerRadius", "width", "height", "maxWidth", "maxHeight",
		"justifyContent", "alignItems", "background", "action", "paddingAll", "paddingTop", "paddingBottom", "paddingStart", "paddingEnd",
	}),
	"text": slices.Concat(placed, []string{
		"text", "contents", "size", "weight", "color", "align", "gravity", "wrap", "maxLines", "decoration", "style", "action", "adjustMode",
		"lineSpacing", "scaling",
	}),
	"span":      {"type", "text", "size", "weight", "color", "style", "decoration"},
	"button":    slices.Concat(placed, []string{"action", "style", "color", "height", "gravity", "adjustMode", "scaling"}),
	"image":     slices.Concat(placed, []string{"url", "size", "aspectRatio", "aspectMode", "backgroundColor", "action", "align", "gravity", "animated"}),
	"icon":      slices.Concat(placed, []string{"url", "size", "aspectRatio", "scaling"}),
	"video":     {"type", "url", "previewUrl", "altContent", "aspectRatio", "action"},
	"separator": {"type", "margin", "color"},
	"filler":    {"type", "flex"},
}

// checkFlex checks a container: a bubble, or a carousel of bubbles of one size.
func checkFlex(contents any) []detail {
	container := as[map[string]any](contents)
	switch container["type"] {
	case "bubble":
		if size(container) > maxBubble {
			return []detail{{"too large", "/"}}
		}
		return checkComponent(container, "")
	case "carousel":
		bubbles := as[[]any](container["contents"])
		if len(bubbles) == 0 || len(bubbles) > 12 || size(container) > maxCarousel {
			return []detail{{"must be from 1 to 12 bubbles of 50 KB in all", "/contents"}}
		}
		return append(checkSizes(bubbles), checkComponent(container, "")...)
	default:
		return []detail{{"invalid property", "/type"}}
	}
}

// checkSizes checks that all bubbles have the first one's size. One that says none is mega.
func checkSizes(bubbles []any) []detail {
	sizeOf := func(i int) string { return cmp.Or(as[string](as[map[string]any](bubbles[i])["size"]), "mega") }
	var faults []detail
	for i := range bubbles {
		if sizeOf(i) != sizeOf(0) {
			faults = append(faults, detail{"all bubbles must have the same size", fmt.Sprintf("/contents/%d/size", i)})
		}
	}
	return faults
}

// checkComponent checks a component and all within.
func checkComponent(c map[string]any, at string) []detail {
	kind := as[string](c["type"])
	known, ok := flexProperties[kind]
	if !ok {
		return []detail{{"invalid property", at + "/type"}}
	}
	faults := checkOwn(kind, c, at)
	for name, value := range c {
		here := at + "/" + name
		if !slices.Contains(known, name) {
			faults = append(faults, detail{"invalid property", here})
			continue
		}
		faults = append(faults, checkProperty(name, value, here)...)
	}
	slices.SortFunc(faults, func(a, b detail) int { return strings.Compare(a.Property, b.Property) })
	return faults
}

// checkOwn checks what a component of that kind must have.
func checkOwn(kind string, c map[string]any, at string) []detail {
	switch kind {
	case "text", "span":
		if text := as[string](c["text"]); text == "" && c["contents"] == nil {
			return []detail{{"must be non-empty text", at + "/text"}}
		}
	case "image", "icon", "video":
		if url := as[string](c["url"]); !strings.HasPrefix(url, "https://") || !ascii(url) || len(url) > 2000 {
			return []detail{{"invalid uri scheme", at + "/url"}}
		}
	case "button":
		if label := as[string](actionOf(c)["label"]); label == "" {
			return []detail{{"must be specified", at + "/action/label"}}
		}
	case "box":
		if _, ok := c["contents"].([]any); !ok {
			return []detail{{"must be specified", at + "/contents"}}
		}
	}
	return nil
}

func actionOf(c map[string]any) map[string]any {
	action := as[map[string]any](c["action"])
	return action
}

func checkProperty(name string, value any, at string) []detail {
	switch v := value.(type) {
	case map[string]any:
		switch name {
		case "action":
			return checkAction(v, at, 40)
		case "styles", "background":
			return nil
		default:
			return checkComponent(v, at)
		}
	case []any:
		var faults []detail
		for i, item := range v {
			inner := as[map[string]any](item)
			faults = append(faults, checkComponent(inner, fmt.Sprintf("%s/%d", at, i))...)
		}
		return faults
	case string:
		if strings.HasSuffix(strings.ToLower(name), "color") && !color.MatchString(v) {
			return []detail{{"invalid color", at}}
		}
	}
	return nil
}
