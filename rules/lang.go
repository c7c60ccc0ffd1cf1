package rules

import "strings"

// Lang is the language in which people read messages.
type Lang string

// The languages.
const (
	English  Lang = "en"
	Japanese Lang = "ja"
)

// ParseLang reads a language from a flag or from LANG, as in "ja_JP.UTF-8".
// What is not Japanese is English.
func ParseLang(env string) Lang {
	if tag := strings.ToLower(env); tag == "ja" || strings.HasPrefix(tag, "ja_") || strings.HasPrefix(tag, "ja-") || strings.HasPrefix(tag, "ja.") {
		return Japanese
	}
	return English
}
