package source

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Diagnose explains why the YAML reader gave up with err. Its own words help
// nobody who does not know YAML, and its line is often off: so all lines are
// searched, the nearest first, for the mistakes that people make.
func (f *File) Diagnose(r *Report, err error) {
	if !utf8.Valid(f.text) {
		r.Add(f.firstInvalid(), notUTF8)
		return
	}
	near := min(max(errorLine(err), 1), len(f.lines))
	text := f.blockText()
	for distance := range len(f.lines) {
		for _, n := range []int{near + distance, near - distance} {
			if n < 1 || n > len(f.lines) {
				continue
			}
			if text[n] && indentSlip(r, f.split(n)) || !text[n] && f.diagnoseLine(r, n) {
				return
			}
		}
	}
	if starts := f.documentStarts(); len(starts) > 0 {
		r.Add(f.LineSpan(starts[0]), secondDocument)
		return
	}
	if n := f.withoutDash(); n > 0 {
		if l := f.split(n); strings.ContainsRune(wideDashes, l.at(l.body)) {
			l.wideDash(r)
			return
		}
		at := f.LineSpan(n)
		r.AddFix(at, at.Fix("  "+at.Text()), withoutDash)
		return
	}
	bad := f.badIndent()
	if n, column := f.tooDeep(text); n > 0 && (bad == 0 || n < bad) {
		at := f.LineSpan(n)
		r.AddFix(at, strings.Repeat(" ", column)+at.Text(), tooDeep)
		return
	}
	if bad > 0 {
		r.Add(f.LineSpan(bad), badIndent)
		return
	}
	for near > 1 && strings.TrimSpace(f.Line(near)) == "" {
		near--
	}
	r.Add(f.LineSpan(near), badYAML)
}

// diagnoseLine reports the first slip in a line, if there is one.
func (f *File) diagnoseLine(r *Report, n int) bool {
	l := f.split(n)
	if l.blank() {
		return false
	}
	for _, slip := range []func(*Report, *line) bool{indentSlip, dashSlip, colonSlip, quoteSlip, wideFlowSlip, flowSlip, plainSlip} {
		if slip(r, l) {
			return true
		}
	}
	return false
}

// blockText returns the lines of texts that began with | or >: whatever stands in them is right.
func (f *File) blockText() map[int]bool {
	text := map[int]bool{}
	within := -1 // the column of the key or dash whose text this is
	for n := 1; n <= len(f.lines); n++ {
		l := f.split(n)
		if within >= 0 && strings.TrimSpace(f.lines[n-1]) != "" && l.indent <= within {
			within = -1
		}
		switch {
		case within >= 0:
			text[n] = true
		case blockStart.MatchString(l.text(l.value, l.end)) && l.key != "":
			within = l.body
		case blockStart.MatchString(l.text(l.value, l.end)):
			within = l.indent
		}
	}
	return text
}

var blockStart = regexp.MustCompile(`^[|>][-+0-9]*$`)

// Explain looks for a slip in the node's first line, where something else than
// the written text was expected, and reports it if there is one.
func (n *Node) Explain(r *Report) bool { return n.File.diagnoseLine(r, n.Line()) }

// ExplainLine looks for a slip in line n and reports it if there is one.
func (f *File) ExplainLine(r *Report, n int) bool {
	return n >= 1 && n <= len(f.lines) && f.diagnoseLine(r, n)
}

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

// withoutDash returns the first line that stands among the items of a list
// but begins with no dash, or 0.
func (f *File) withoutDash() int {
	lists := map[int]bool{} // the columns of the lists that are open
	before := -1            // the indentation of the line before
	for n := 1; n <= len(f.lines); n++ {
		l := f.split(n)
		if l.blank() {
			continue
		}
		for column := range lists {
			if column > l.indent {
				delete(lists, column)
			}
		}
		dashed := l.body > l.indent
		switch {
		case dashed && before < l.indent:
			lists[l.indent] = true
		case !dashed && lists[l.indent]:
			return n
		}
		before = l.indent
	}
	return 0
}

// tooDeep returns the first key or item that is indented more than a line above
// it that has its value already, and the column where it should begin; 0 if there is none.
func (f *File) tooDeep(text map[int]bool) (n, column int) {
	var above *line
	for n := 1; n <= len(f.lines); n++ {
		l := f.split(n)
		if text[n] || l.blank() {
			continue
		}
		dashed := l.body > l.indent
		if above != nil && above.key != "" && above.value < above.end && !strings.ContainsRune("|>{[\"'", above.at(above.value)) {
			switch {
			case dashed && above.body > above.indent && l.indent >= above.body:
				return n, above.indent
			case !dashed && l.key != "" && l.indent > above.body:
				return n, above.body
			}
		}
		above = l
	}
	return 0, 0
}

// badIndent returns the first line whose indentation fits no line above it, or 0.
func (f *File) badIndent() int {
	var open []int
	for n := 1; n <= len(f.lines); n++ {
		l := f.split(n)
		if l.blank() {
			continue
		}
		deepest := -1
		for len(open) > 0 && open[len(open)-1] > l.indent {
			deepest, open = open[len(open)-1], open[:len(open)-1]
		}
		if deepest >= 0 && (len(open) == 0 || open[len(open)-1] != l.indent) {
			return n
		}
		for _, column := range []int{l.indent, l.body} {
			if len(open) == 0 || open[len(open)-1] < column {
				open = append(open, column)
			}
		}
	}
	return 0
}
