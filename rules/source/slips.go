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
