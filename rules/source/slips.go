package source

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	wideAfterKey  = regexp.MustCompile(`^([\pL\pN_.-]+)(：[\s\x{3000}]*|:[\x{3000}\x{00a0}]\s*)`)
	tightAfterKey = regexp.MustCompile(`^([a-z_]+)(:)[^\s:/]|^([\pL_][\pL\pN_.-]*)(:)["'$]`)
	tightDash     = regexp.MustCompile(`^(-)[a-z_]+:(\s|$)`)
)

// colonSlip finds colons and dashes without the space, or with a full-width sign.
func colonSlip(r *Report, l *line) bool {
	body := string(l.runes[l.body:])
	place := func(from, to int) Span {
		return l.span(l.body+len([]rune(body[:from])), l.body+len([]rune(body[:to])))
	}
	if m := wideAfterKey.FindStringSubmatchIndex(body); m != nil && l.key == "" {
		at := place(m[4], m[5])
		r.AddFix(at, strings.TrimRight(at.Fix(": "), " "), wideColon)
		return true
	}
	if m := tightAfterKey.FindStringSubmatchIndex(body); m != nil && l.key == "" {
		at := place(max(m[4], m[8]), max(m[5], m[9]))
		r.AddFix(at, at.Fix(": "), noSpaceAfterColon)
		return true
	}
	if m := tightDash.FindStringSubmatchIndex(body); m != nil {
		at := place(m[2], m[3])
		r.AddFix(at, at.Fix("- "), noSpaceAfterDash)
		return true
	}
	return false
}

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

// flowSlip looks into { } and [ ]: an unquoted ${ }, a bracket that is not
// closed, text behind the last one.
func flowSlip(r *Report, l *line) bool {
	if c := l.at(l.value); c != '{' && c != '[' {
		return false
	}
	depth := 0
	for i := l.value; i < l.end; i++ {
		switch c := l.runes[i]; {
		case c == '"' || c == '\'':
			end := l.closingQuote(i)
			if end < 0 {
				r.Add(l.span(i, l.end), openQuote)
				return true
			}
			i = end
		case c == '$' && l.at(i+1) == '{':
			return l.unquotedTemplate(r, i)
		case l.endsKey(i) && l.secondColon(r, i):
			return true
		case (c == '*' || c == '&') && l.startsInBraces(i):
			end := i
			for end < l.end && !strings.ContainsRune(",}]", l.runes[end]) {
				end++
			}
			at := l.span(i, end)
			r.AddFix(at, at.Fix(DoubleQuote(at.Text())), anchor)
			return true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
			if depth == 0 && i+1 < l.end {
				l.bracketThenMore(r, i+1)
				return true
			}
		}
	}
	if depth > 0 && !l.closesBelow('}') && !l.closesBelow(']') {
		r.Add(l.span(l.value, l.end), openBrace)
		return true
	}
	return false
}

// keyInBraces is what begins a mapping on one line.
var keyInBraces = regexp.MustCompile(`^\{\s*[a-z_]+:\s`)

// bracketThenMore reports what follows at i, behind the bracket that closes the
// value: brackets too many, or the rest of a text that begins with one.
func (l *line) bracketThenMore(r *Report, i int) {
	at, fix := l.span(l.value, l.end), ""
	if strings.Trim(l.text(i, l.end), "}]") == "" {
		more := l.span(i, l.end)
		r.AddFix(more, more.Fix(""), bracketTooMany)
		return
	}
	if !keyInBraces.MatchString(at.Text()) {
		fix = at.Fix(Quote(at.Text()))
	}
	r.AddFix(at, fix, bracketThenMore)
}

// startsInBraces says whether a value within braces begins at i.
func (l *line) startsInBraces(i int) bool {
	before := i - 1
	for before > l.value && isBlank(l.runes[before]) {
		before--
	}
	return strings.ContainsRune("{[,", l.runes[before]) || l.runes[before] == ':' && before < i-1
}

// unquotedTemplate reports ${ } within braces, with the whole value around it put into quotes.
func (l *line) unquotedTemplate(r *Report, i int) bool {
	from, to, depth := i, i, 0
	for from > l.value+1 && !strings.ContainsRune(",:{[", l.runes[from-1]) {
		from--
	}
	from = l.skip(from, " ")
	for ; to < l.end; to++ {
		switch c := l.runes[to]; {
		case c == '{' || c == '[':
			depth++
		case (c == '}' || c == ']') && depth > 0:
			depth--
		case depth == 0 && strings.ContainsRune(",}]", c):
			at := l.span(from, to)
			r.AddFix(at, at.Fix(DoubleQuote(WithoutLone(withoutCurly(at.Text())))), openInBraces)
			return true
		}
	}
	r.Add(l.span(i, l.end), openInBraces)
	return true
}

// plainSlip finds what cannot stand in a value without quotes.
func plainSlip(r *Report, l *line) bool {
	if l.value >= l.end || strings.ContainsRune("\"'{[|>#", l.at(l.value)) {
		return false
	}
	at := l.span(l.value, l.end)
	value := at.Text()
	switch c := l.at(l.value); {
	case c == '＃' && l.key != "" && l.opensBlock():
		at.End = at.Column + 1
		r.AddFix(at, at.Fix("#"), wideHash)
		return true
	case strings.ContainsRune("@`%", c):
		r.AddFix(at, at.Fix(Quote(value)), badStart)
		return true
	case c == '*' || c == '&':
		r.AddFix(at, at.Fix(Quote(value)), anchor)
		return true
	case l.key != "" && (strings.Contains(value, ": ") || strings.HasSuffix(value, ":")):
		colonInside(r, at)
		return true
	}
	return false
}

// opensBlock says whether keys or items that belong to the line's key follow below it.
func (l *line) opensBlock() bool {
	for n := l.number + 1; n <= len(l.file.lines); n++ {
		if next := l.file.split(n); !next.blank() {
			return next.indent > l.indent && (next.key != "" || next.body > next.indent)
		}
	}
	return false
}

// reference is a reference to a secret with a space that does not belong there.
var reference = regexp.MustCompile(`^(env|file|vault):\s+(\S+)$`)

// colonInside reports a value that YAML would end at a colon.
func colonInside(r *Report, at Span) {
	if m := reference.FindStringSubmatch(at.Text()); m != nil {
		r.AddFix(at, at.Fix(m[1]+":"+m[2]), blankInReference)
		return
	}
	r.AddFix(at, at.Fix(Quote(WithoutLone(withoutCurly(at.Text())))), colonInValue)
}

// secondColon reports a value within braces that has a colon, the one at i, as
// only keys have; its key ends at the colon before.
func (l *line) secondColon(r *Report, i int) bool {
	from := i
	for from > l.value && !strings.ContainsRune("{[,\"'", l.runes[from-1]) && !l.endsKey(from-1) {
		from--
	}
	if !l.endsKey(from - 1) {
		return false
	}
	to := i
	for to < l.end && !strings.ContainsRune(",}]", l.runes[to]) {
		to++
	}
	colonInside(r, l.span(l.skip(from, " "), to))
	return true
}

// endsKey says whether there is a colon at i that YAML takes for the end of a key.
func (l *line) endsKey(i int) bool { return l.at(i) == ':' && isBlank(l.at(i+1)) }

func narrow(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, strings.ReplaceAll(text, "\u3000", "  "))
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
