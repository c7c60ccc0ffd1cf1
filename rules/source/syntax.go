package source

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/musubi-run/musubi/rules/diag"
)

// diagnose explains why the YAML reader gave up near a line. Its own words
// help nobody who does not know YAML, and its line is often one off: so the
// lines around are searched for the mistakes that people make.
func (f *File) diagnose(r *Report, near int) {
	if near < 1 {
		near = 1
	}
	for _, n := range []int{near, near + 1, near - 1, near - 2} {
		if f.diagnoseLine(r, n) {
			return
		}
	}
	if len(f.documentStarts()) > 0 {
		r.Add(f.LineSpan(f.documentStarts()[0]), secondDocument)
		return
	}
	for n := 1; n < near; n++ {
		if f.diagnoseLine(r, n) {
			return
		}
	}
	near = min(near, len(f.lines))
	for near > 1 && strings.TrimSpace(f.Line(near)) == "" {
		near--
	}
	r.Add(f.LineSpan(near), badYAML)
}

// slip is a mistake that can be seen in one line: the pattern's first group is
// the place, fix makes the right line.
type slip struct {
	kind    diag.Kind
	pattern *regexp.Regexp
	fix     func(at Span) string
}

// value matches what stands before a value on its line: dashes, a key.
const value = `^\s*(?:- +)*(?:[^\s#'"{\[][^#'"]*?: +)?`

// The slips are tried in this order; the first that fits explains the line.
var slips = []slip{
	{tabIndent, regexp.MustCompile(`^( *\t[ \t]*)`), func(at Span) string { return at.Fix(strings.ReplaceAll(at.Text(), "\t", "  ")) }},
	{wideIndent, regexp.MustCompile(`^([ ]*[\x{3000}\x{00a0}][ \x{3000}\x{00a0}]*)`), func(at Span) string { return at.Fix(narrow(at.Text())) }},
	{wideColon, regexp.MustCompile(`^\s*(?:- +)*[\pL\pN_.-]+([:\x{FF1A}][\x{3000}\x{00A0}]\s*|\x{FF1A}\s*)`), func(at Span) string { return at.Fix(": ") }},
	{noSpaceAfterColon, regexp.MustCompile(`^\s*(?:- +)*[a-z_]+(:)[^\s:/]`), func(at Span) string { return at.Fix(": ") }},
	{noSpaceAfterDash, regexp.MustCompile(`^\s*(-)[a-z_]+: `), func(at Span) string { return at.Fix("- ") }},
	{quoteThenMore, regexp.MustCompile(value + `("(?:[^"\\]|\\.)*"\s*[^\s,}\]#:].*|'(?:[^']|'')*'\s*[^\s,}\]#:'].*)$`), quoteAll},
	{bracketThenMore, regexp.MustCompile(value + `(\[[^\]]*\]\s*[^\s#,\]}:].*|\{[^{}]*\}\s*[^\s#,\]}:].*)$`), quoteAll},
	{openInBraces, regexp.MustCompile(`[{,\[].*?[\s\[](\$\{[^}]*\})`), func(at Span) string { return at.Fix(doubleQuote(at.Text())) }},
	{colonInValue, regexp.MustCompile(value + `([^\s'"{\[|>#-][^#]*?(?: [?] .*)?: .*)$`), quoteAll},
	{badStart, regexp.MustCompile(value + "([@`%*&].*)$"), quoteAll},
	{openQuote, regexp.MustCompile(value + `("(?:[^"\\]|\\.)*|'(?:[^']|'')*)$`), nil},
	{openBrace, regexp.MustCompile(value + `(\{[^}]*|\[[^\]]*)$`), nil},
}

func (f *File) diagnoseLine(r *Report, n int) bool {
	line := f.Line(n)
	if strings.TrimSpace(line) == "" || strings.HasPrefix(strings.TrimSpace(line), "#") {
		return false
	}
	for _, s := range slips {
		m := s.pattern.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		at := Span{
			File: f, Line: n,
			Column: utf8.RuneCountInString(line[:m[2]]) + 1,
			End:    utf8.RuneCountInString(line[:m[3]]) + 1,
		}
		fix := ""
		if s.fix != nil {
			fix = s.fix(at)
		}
		r.AddFix(at, fix, s.kind)
		return true
	}
	return false
}

// Explain looks for a slip in the node's first line, where something else than
// the written text was expected, and reports it if there is one.
func (n *Node) Explain(r *Report) bool { return n.File.diagnoseLine(r, n.Line()) }

func (f *File) wideIndent(r *Report, n int) {
	if !f.diagnoseLine(r, n) {
		r.Add(f.LineSpan(n), wideIndent)
	}
}

func (f *File) documentStarts() []int {
	var starts []int
	for i, line := range f.lines {
		if i > 0 && (line == "---" || strings.HasPrefix(line, "--- ")) {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func narrow(text string) string {
	return strings.NewReplacer("\u3000", "  ", "\u00a0", " ").Replace(text)
}

func quoteAll(at Span) string { return at.Fix(Quote(strings.TrimRight(at.Text(), " "))) }

// doubleQuote returns text in double quotes, or in single ones when it has double quotes itself.
func doubleQuote(text string) string {
	if strings.ContainsAny(text, `"\`) {
		return Quote(text)
	}
	return `"` + text + `"`
}
