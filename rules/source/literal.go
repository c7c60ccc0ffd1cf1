package source

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
)

// Literal is what a scalar without expressions stands for.
type Literal int

// The literals.
const (
	String Literal = iota
	Null
	Bool
	Int
	Float
)

var (
	integer     = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	decimal     = regexp.MustCompile(`^-?(0|[1-9][0-9]*)\.([0-9]*[1-9]|0)$`)
	zeroFirst   = regexp.MustCompile(`^[-+]?0[0-9]+(\.[0-9]*)?$`)
	oddNumber   = regexp.MustCompile(`^[-+]?(\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|0[xob][0-9a-fA-F_]+|\.(?i:inf|nan))$`)
	calendar    = regexp.MustCompile(`^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?$`)
	sexagesimal = regexp.MustCompile(`^[0-9]+(:[0-9]{2})+$`)
	yesNo       = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|true|false)$`)
)

// Literal says what the scalar is. A plain scalar that other readers of YAML,
// or its writer, may take for something else is a trap and reported; it then
// counts as text.
func (n *Node) Literal(r *Report) Literal {
	if !n.IsPlain() {
		return String
	}
	text := n.Text()
	if !suspicious(text) {
		return String
	}
	switch {
	case text == "" || text == "null":
		return Null
	case text == "true" || text == "false":
		return Bool
	case integer.MatchString(text):
		if _, err := strconv.ParseInt(text, 10, 64); err == nil {
			return Int
		}
	case decimal.MatchString(text):
		return Float
	}
	if kind, found := trapOf(text); found {
		span := n.Span()
		r.AddFix(span, span.Fix(`"`+text+`"`), kind, text)
	}
	return String
}

// suspicious says whether a plain scalar may be anything but text: most are not.
func suspicious(text string) bool {
	return text == "" || strings.IndexByte("0123456789+-.~yYnNtTfFoO", text[0]) >= 0
}

// trapOf says which trap a plain scalar falls into, if any.
func trapOf(text string) (diag.Kind, bool) {
	switch {
	case text == "~" || strings.EqualFold(text, "null"):
		return oddNull, true
	case yesNo.MatchString(text):
		return oddBool, true
	case integer.MatchString(text):
		return numberTooLong, true
	case zeroFirst.MatchString(text):
		return leadingZero, true
	case strings.HasPrefix(text, "+") && oddNumber.MatchString(text):
		return leadingPlus, true
	case oddNumber.MatchString(text):
		return numberForm, true
	case calendar.MatchString(text):
		return plainDate, true
	case sexagesimal.MatchString(text):
		return plainTime, true
	}
	return diag.Kind{}, false
}

// The traps of plain values.
var (
	oddNull = diag.Kind{
		Code: "null-form",
		EN:   `%[1]s is YAML for nothing. Write null if that is meant, or "%[1]s" for the text.`,
		JA:   `%[1]s は YAML では「値なし」です。値なしなら null、文字なら "%[1]s" と書いてください。`,
	}
	oddBool = diag.Kind{
		Code: "bool-form",
		EN:   `%[1]s is a yes-or-no value for some readers of YAML. Write true or false, or "%[1]s" for the text.`,
		JA:   `%[1]s は真偽値として読まれることがあります。真偽値なら true か false、文字なら "%[1]s" と書いてください。`,
	}
	leadingZero = diag.Kind{
		Code: "leading-zero",
		EN:   `%[1]s would be read as a number and lose its leading zero. Put it into quotes.`,
		JA:   `%[1]s は数値として読まれ、先頭の 0 が消えます。引用符で囲んでください。`,
	}
	leadingPlus = diag.Kind{
		Code: "leading-plus",
		EN:   `%[1]s would be read as a number and lose its plus sign. Put it into quotes.`,
		JA:   `%[1]s は数値として読まれ、先頭の + が消えます。引用符で囲んでください。`,
	}
	numberTooLong = diag.Kind{
		Code: "number-too-long",
		EN:   `%[1]s has more digits than a number can hold. If it is an id, put it into quotes.`,
		JA:   `%[1]s は数値として扱える桁数を超えています。ID なら引用符で囲んでください。`,
	}
	numberForm = diag.Kind{
		Code: "number-form",
		EN:   `%[1]s would be read as a number and written differently afterwards. Write the number plainly, or put it into quotes.`,
		JA:   `%[1]s は数値として読まれ、表記が変わります。数値なら普通の書き方に、文字なら引用符で囲んでください。`,
	}
	plainDate = diag.Kind{
		Code: "plain-date",
		EN:   `%[1]s is a date for some readers of YAML and changes its form. Put it into quotes.`,
		JA:   `%[1]s は YAML の日付として読まれ、形が変わることがあります。引用符で囲んでください。`,
	}
	plainTime = diag.Kind{
		Code: "plain-time",
		EN:   `%[1]s is a number of base 60 for some readers of YAML. Put it into quotes.`,
		JA:   `%[1]s は YAML では 60 進数の数値として読まれることがあります。引用符で囲んでください。`,
	}
)
