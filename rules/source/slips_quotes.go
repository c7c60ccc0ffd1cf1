package source

import (
	"regexp"
	"strings"
	"unicode"
)

// quoteSlip finds a value that begins with a quote and does not end with it.
func quoteSlip(r *Report, l *line) bool {
	quote := l.at(l.value)
	if quote != '"' && quote != '\'' {
		return false
	}
	end := l.closingQuote(l.value)
	switch {
	case end < 0:
		if l.closesBelow(quote) {
			return false
		}
		r.Add(l.span(l.value, len(l.runes)), openQuote)
		return true
	case end+1 < l.end:
		at, fix := l.span(l.value, l.end), ""
		if right, ok := l.requoted(end); ok {
			fix = at.Fix(Quote(right))
		}
		r.AddFix(at, fix, quoteThenMore)
		return true
	}
	return false
}

// requoted returns the value whose first quote is closed at end, before the
// value's own end: without the quotes around it, if the same ones stand within
// it as in "${x.orValue("none")}". False means that a quote has no other half.
func (l *line) requoted(end int) (string, bool) {
	text := l.text(l.value, l.end)
	quote := string(l.runes[l.value])
	if strings.Count(text, quote)%2 != 0 {
		return "", false
	}
	next := l.at(end + 1)
	first := l.text(l.value, end)
	within := unicode.IsLetter(next) || unicode.IsDigit(next) || string(next) == quote || strings.Count(first, "{") > strings.Count(first, "}")
	if !within || !strings.HasSuffix(text, quote) {
		return text, true
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, quote), quote)
	return text, !strings.Contains(text, `\`)
}

// closingQuote returns where the quote that opens at i is closed, or -1.
func (l *line) closingQuote(i int) int {
	quote := l.runes[i]
	for i++; i < len(l.runes); i++ {
		switch {
		case quote == '"' && l.runes[i] == '\\':
			i++
		case l.runes[i] != quote:
		case quote == '\'' && l.at(i+1) == quote:
			i++
		default:
			return i
		}
	}
	return -1
}

// closesBelow says whether a later line, further in, ends with the quote: a text of several lines.
func (l *line) closesBelow(quote rune) bool {
	for n := l.number + 1; n <= len(l.file.lines); n++ {
		next := l.file.split(n)
		if !next.blank() && next.indent <= l.indent {
			return false
		}
		if strings.HasSuffix(strings.TrimSpace(string(next.runes)), string(quote)) {
			return true
		}
	}
	return false
}

// DoubleQuote returns text in double quotes, or in single ones when it has double quotes itself.
func DoubleQuote(text string) string {
	if strings.ContainsAny(text, `"\`) {
		return Quote(text)
	}
	return `"` + text + `"`
}

// curly are the quotes that a word processor or a Japanese keyboard produces.
var curly = regexp.MustCompile(`^(?:([“”„‟＂])([^“”„‟＂"]*)[“”„‟＂"]|([‘’‚‛＇])([^‘’‚‛＇']*)[‘’‚‛＇'])$`)

// CurlyQuotes reports a plain value that is in such quotes as a whole.
func (n *Node) CurlyQuotes(r *Report) bool {
	if !n.IsPlain() {
		return false
	}
	m := curly.FindStringSubmatch(n.Text())
	if m == nil {
		return false
	}
	at, fix := n.Span(), ""
	if end := len([]rune(n.Text())); n.Range(end, end).Line == at.Line {
		fix = at.Fix(DoubleQuote(m[2] + m[4]))
	}
	at.End = at.Column + 1
	r.AddFix(at, fix, curlyQuotes, m[1]+m[3])
	return true
}

// WithoutLone returns a value without the quote at its end that was opened nowhere.
func WithoutLone(text string) string {
	for _, quote := range []string{`"`, "'"} {
		if strings.HasSuffix(text, "}"+quote) && strings.Count(text, quote)%2 != 0 {
			return strings.TrimSuffix(text, quote)
		}
	}
	return text
}

// withoutCurly returns a value without the quotes of that kind around it.
func withoutCurly(text string) string {
	if m := curly.FindStringSubmatch(text); m != nil {
		return m[2] + m[4]
	}
	return text
}
