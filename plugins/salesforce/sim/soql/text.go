package soql

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var escapes = map[byte]rune{
	'\\': '\\', '\'': '\'', '"': '"', 'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f',
}

// decode resolves the escapes of a string literal. emit gets each character,
// and whether it was escaped. In LIKE, \_ and \% are escapes too.
func decode(raw string, at int, like bool, emit func(r rune, escaped bool)) {
	for len(raw) > 0 {
		if raw[0] != '\\' {
			r, size := utf8.DecodeRuneInString(raw)
			emit(r, false)
			raw = raw[size:]
			continue
		}
		r, size := unescape(raw, at, like)
		emit(r, true)
		raw = raw[size:]
	}
}

func unescape(raw string, at int, like bool) (rune, int) {
	if len(raw) < 2 {
		panic(malformed(at, "Illegal string literal: a backslash at its end"))
	}
	c := raw[1]
	if r, ok := escapes[c]; ok {
		return r, 2
	}
	if like && (c == '_' || c == '%') {
		return rune(c), 2
	}
	if c == 'u' && len(raw) >= 6 {
		if code, err := strconv.ParseUint(raw[2:6], 16, 16); err == nil {
			return rune(code), 6
		}
	}
	panic(malformed(at, "Invalid string literal '%s'. Illegal character sequence '\\%c' in string literal.", raw, c))
}

func decodeText(raw string, at int) string {
	if strings.IndexByte(raw, '\\') < 0 {
		return raw
	}
	var b strings.Builder
	decode(raw, at, false, func(r rune, _ bool) { b.WriteRune(r) })
	return b.String()
}

// Pattern is the right side of LIKE. Matching ignores case.
type Pattern struct{ parts []part }

type part struct {
	rune rune
	wild byte // '%' any run of characters, '_' any one, 0 for rune itself
}

func decodePattern(raw string, at int) Pattern {
	var p Pattern
	decode(raw, at, true, func(r rune, escaped bool) {
		if !escaped && (r == '%' || r == '_') {
			p.parts = append(p.parts, part{wild: byte(r)})
			return
		}
		p.parts = append(p.parts, part{rune: unicode.ToLower(r)})
	})
	return p
}

// Match says whether the whole of s fits the pattern.
func (p Pattern) Match(s string) bool {
	subject := []rune(strings.ToLower(s))
	i, j := 0, 0
	retry, resume := -1, 0 // after the last %: where to go on in the pattern and in the subject
	for j < len(subject) {
		switch {
		case i < len(p.parts) && p.parts[i].wild == '%':
			retry, resume = i+1, j
			i++
		case i < len(p.parts) && (p.parts[i].wild == '_' || p.parts[i].rune == subject[j]):
			i, j = i+1, j+1
		case retry >= 0:
			resume++
			i, j = retry, resume
		default:
			return false
		}
	}
	for i < len(p.parts) && p.parts[i].wild == '%' {
		i++
	}
	return i == len(p.parts)
}
