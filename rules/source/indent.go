package source

import "strings"

// indentSlip finds tabs and full-width spaces before the first sign.
func indentSlip(r *Report, l *line) bool {
	blank := l.text(0, l.indent)
	switch {
	case strings.ContainsRune(blank, '\t'):
		at := l.span(0, l.indent)
		r.AddFix(at, at.Fix(strings.Repeat(" ", l.wantedIndent())), tabIndent)
		return true
	case strings.ContainsAny(blank, "\u3000\u00a0"):
		at := l.span(0, l.indent)
		r.AddFix(at, at.Fix(narrow(blank)), wideIndent)
		return true
	}
	return false
}

// wantedIndent returns where a line that is indented with tabs should begin:
// below a key or beside what it stands among.
func (l *line) wantedIndent() int {
	var above *line
	for n := l.number - 1; n > 0; n-- {
		other := l.file.split(n)
		switch {
		case other.blank():
			continue
		case above == nil:
			above = other
			if above.key != "" && above.value >= above.end {
				return above.begins() + above.body - above.indent + 2
			}
		}
		sameDash := (l.body > l.indent) == (other.body > other.indent)
		if sameDash && (l.body > l.indent || other.text(0, other.indent) == l.text(0, l.indent)) {
			return other.begins()
		}
	}
	if above == nil {
		return 0
	}
	return above.begins() + above.body - above.indent
}

// begins is where a line begins, or should.
func (l *line) begins() int {
	if strings.ContainsRune(l.text(0, l.indent), '\t') {
		return l.wantedIndent()
	}
	return l.indent
}
