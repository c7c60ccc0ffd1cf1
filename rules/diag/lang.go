package diag

import (
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

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
	tag, _, _ := strings.Cut(strings.ToLower(env), ".")
	tag, _, _ = strings.Cut(strings.ReplaceAll(tag, "-", "_"), "_")
	if tag == string(Japanese) {
		return Japanese
	}
	return English
}

// Pick returns the text in this language.
func (l Lang) Pick(t abi.Text) string {
	if l == Japanese && t.JA != "" {
		return t.JA
	}
	return t.EN
}
