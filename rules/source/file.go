// Package source reads rules files as YAML nodes that know their place to the
// rune, and finds the traps of YAML: what reads as something else than was
// written, and why a file cannot be read at all, be it rules or a configuration.
package source

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/musubi-run/musubi/rules/diag"
)

// File is one rules file.
type File struct {
	Name  string
	lines []string
	text  []byte
	// rules says that this is a file of rules, which use no secrets.
	rules bool
}

// New returns the file with this content. A byte order mark and carriage
// returns at line ends are dropped.
func New(name string, data []byte) *File {
	text := bytes.TrimPrefix(data, []byte("\ufeff"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return &File{Name: name, text: text, lines: strings.Split(string(text), "\n")}
}

// Line returns line n, counted from 1, or "".
func (f *File) Line(n int) string {
	if n < 1 || n > len(f.lines) {
		return ""
	}
	return f.lines[n-1]
}

// Span is a place within one line of a file: columns count from 1 in runes,
// End is the column after the last rune.
type Span struct {
	File              *File
	Line, Column, End int
}

// Fix returns the span's line with the span replaced.
func (s Span) Fix(replacement string) string {
	line := []rune(s.File.Line(s.Line))
	from := min(max(s.Column-1, 0), len(line))
	to := min(max(s.End-1, from), len(line))
	return string(line[:from]) + replacement + string(line[to:])
}

// Text returns what stands in the span.
func (s Span) Text() string {
	line := []rune(s.File.Line(s.Line))
	from := min(max(s.Column-1, 0), len(line))
	to := min(max(s.End-1, from), len(line))
	return string(line[from:to])
}

// Report collects problems.
type Report struct{ Problems diag.Problems }

// Add notes a fault of a kind at a place.
func (r *Report) Add(at Span, kind diag.Kind, args ...any) {
	r.AddFix(at, "", kind, args...)
}

// AddFix notes a fault together with the corrected line.
func (r *Report) AddFix(at Span, fix string, kind diag.Kind, args ...any) {
	r.Problems = append(r.Problems, diag.Problem{
		File: at.File.Name, Line: at.Line, Column: at.Column, EndColumn: at.End,
		Code: kind.Code, Message: kind.Text(args...), Source: at.File.Line(at.Line), Fix: fix,
	})
}

// LineSpan is the text of a line without its indentation.
func (f *File) LineSpan(n int) Span {
	line := f.Line(n)
	text := strings.TrimLeft(line, " \t")
	start := utf8.RuneCountInString(line[:len(line)-len(text)])
	return Span{File: f, Line: n, Column: start + 1, End: utf8.RuneCountInString(line) + 1}
}
