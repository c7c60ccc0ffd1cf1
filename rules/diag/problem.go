// Package diag holds what is wrong with a rules file: where, of which kind, in
// both languages, and how it is shown to a person.
package diag

import (
	"cmp"
	"fmt"
	"slices"
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
	// Source is the line of the file, Fix the same line put right; Fix is empty when only the writer can know.
	Source, Fix string
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

// Sort puts the problems in the order of files, lines and columns, and drops repetitions.
func (p *Problems) Sort() {
	slices.SortStableFunc(*p, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code),
		)
	})
	*p = slices.Compact(*p)
}

// Kind is a kind of fault: its code, and its words in both languages as format
// strings with numbered arguments.
type Kind struct{ Code, EN, JA string }

// Text fills in the arguments. One that is a text itself is used in each language.
func (k Kind) Text(args ...any) abi.Text {
	return abi.Text{EN: fill(k.EN, args, English), JA: fill(k.JA, args, Japanese)}
}

func fill(format string, args []any, lang Lang) string {
	if len(args) == 0 || !strings.Contains(format, "%") {
		return format
	}
	words := slices.Clone(args)
	for i, arg := range words {
		if text, ok := arg.(abi.Text); ok {
			words[i] = lang.Pick(text)
		}
	}
	return fmt.Sprintf(format, words...)
}
