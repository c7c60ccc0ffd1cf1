package rules

import "github.com/musubi-run/musubi/rules/diag"

// Lang is the language in which people read messages.
type Lang = diag.Lang

// The languages.
const (
	English  = diag.English
	Japanese = diag.Japanese
)

// ParseLang reads a language from a flag or from LANG, as in "ja_JP.UTF-8".
// What is not Japanese is English.
func ParseLang(env string) Lang { return diag.ParseLang(env) }

// Problem is one fault of a rules file, with its place.
type Problem = diag.Problem

// Problems are all the faults of a set of rules files, by file and line.
type Problems = diag.Problems
