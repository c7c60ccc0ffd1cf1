// Package spreadsheet writes CSV that people open in a spreadsheet. What a
// customer typed must not become a formula there, so a cell that would be one
// has an apostrophe before it; [Text] takes the apostrophe away again. The file
// begins with a byte order mark: without one Excel takes UTF-8 for the encoding
// of its system, and Japanese is garbled.
package spreadsheet

import (
	"encoding/csv"
	"io"
	"regexp"
	"strings"
)

// Writer writes rows without formulas.
type Writer struct {
	to    io.Writer
	rows  *csv.Writer
	began bool
}

// NewWriter returns a writer of rows. Flush it behind the last one.
func NewWriter(w io.Writer) *Writer { return &Writer{to: w, rows: csv.NewWriter(w)} }

// byteOrderMark says that UTF-8 follows.
const byteOrderMark = "\ufeff"

// Write writes one row.
func (w *Writer) Write(row []string) error {
	if !w.began {
		w.began = true
		if _, err := io.WriteString(w.to, byteOrderMark); err != nil {
			return err
		}
	}
	safe := make([]string, len(row))
	for i, text := range row {
		safe[i] = cell(text)
	}
	return w.rows.Write(safe)
}

// Flush writes what is still held back, and returns the first fault of all.
func (w *Writer) Flush() error {
	w.rows.Flush()
	return w.rows.Error()
}

// cell is how a text stands in a cell. A text with an apostrophe of its own
// before a formula gets a further one, so that each comes back as it was.
func cell(text string) string {
	if isFormula(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}

// Text is what a cell says: what was given to [Writer.Write].
func Text(cell string) string {
	if rest, quoted := strings.CutPrefix(cell, "'"); quoted && isFormula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return cell
}

// numbers are amounts and telephone numbers, one or several: -500, +819012345678.
var numbers = regexp.MustCompile(`^[+-][0-9]+(\.[0-9]+)?( [+-]?[0-9]+)*$`)

// isFormula says whether a spreadsheet may compute the text. Japanese ones take
// full-width signs too, and spaces before a sign do not count.
func isFormula(text string) bool {
	begin := strings.TrimLeft(text, " \u3000")
	return begin != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(begin)[0]) && !numbers.MatchString(text)
}
