package source

import (
	"regexp"
	"strings"
)

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
