package rules

import (
	"fmt"
	"io"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Problem is one fault of a rules file, with its place.
type Problem struct {
	File string
	// Line and Column count from 1, columns in runes. EndColumn is the column after the last rune.
	Line, Column, EndColumn int
	// Code names the kind of fault and never changes.
	Code    string
	Message abi.Text
	// Source is the line of the file.
	Source string
}

// Problems are all the faults of a set of rules files, by file and line.
type Problems []Problem

// Error returns the first problem and how many there are.
func (p Problems) Error() string {
	if len(p) == 0 {
		return "no problems"
	}
	first := p[0]
	text := fmt.Sprintf("%s:%d:%d: %s", first.File, first.Line, first.Column, first.Message.EN)
	if len(p) > 1 {
		text += fmt.Sprintf(" (and %d more)", len(p)-1)
	}
	return text
}

// Render writes every problem with its source line and a caret under its place.
func (p Problems) Render(w io.Writer, lang Lang) error {
	var out strings.Builder
	for _, problem := range p {
		text := problem.Message.EN
		if lang == Japanese {
			text = problem.Message.JA
		}
		fmt.Fprintf(&out, "%s:%d:%d: %s\n", problem.File, problem.Line, problem.Column, text)
	}
	_, err := io.WriteString(w, out.String())
	return err
}
