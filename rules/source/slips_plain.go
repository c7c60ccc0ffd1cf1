package source

import (
	"regexp"
	"strings"
)

// expressionKey are the keys whose values are expressions, which no quotes would put right.
var expressionKey = regexp.MustCompile(`^(?:when|if|foreach|key)$`)

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
	case expressionKey.MatchString(l.key) && strings.ContainsRune("@`%*&", c):
		at.End = at.Column + 1
		r.Add(at, notInExpression, string(c))
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
		if at.File.rules {
			r.Add(at, blankInRules, m[1]+":"+m[2])
			return
		}
		r.AddFix(at, at.Fix(m[1]+":"+m[2]), blankInReference)
		return
	}
	r.AddFix(at, at.Fix(Quote(WithoutLone(withoutCurly(at.Text())))), colonInValue)
}
