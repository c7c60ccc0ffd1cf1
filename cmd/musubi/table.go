package main

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// widestCell is how many columns a cell may take; longer ones are cut.
const widestCell = 72

// table aligns rows in columns, full-width characters included.
type table struct {
	head []string
	rows [][]string
	// whole are the columns that are never cut, because people copy them or need their end.
	whole []int
}

func (t *table) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = clean(cell, false)
		if !slices.Contains(t.whole, i) {
			cells[i] = columns().Truncate(cells[i], widestCell, "…")
		}
	}
	t.rows = append(t.rows, cells)
}

// write writes the heading and the rows, each line behind indent. A
// table without rows is nothing, and so is a column without text.
func (t *table) write(w *page, indent string) {
	if len(t.rows) == 0 {
		return
	}
	lines := t.rows
	if t.head != nil {
		lines = append([][]string{t.head}, t.rows...)
	}
	widths := widthsOf(lines)
	for _, line := range lines {
		var out strings.Builder
		for i, cell := range line {
			if widths[i] == 0 {
				continue
			}
			out.WriteString(columns().FillRight(cell, widths[i]) + "  ")
		}
		w.line("%s", strings.TrimRight(indent+out.String(), " "))
	}
}

func widthsOf(lines [][]string) []int {
	var widths []int
	for _, line := range lines {
		for i, cell := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns().StringWidth(cell))
		}
	}
	return widths
}

// columns measures text the same on every machine, whatever its locale.
func columns() *runewidth.Condition { return &runewidth.Condition{StrictEmojiNeutral: true} }

// clean keeps what a platform sent from steering the reader's terminal. Line
// breaks stay if lines is true.
func clean(text string, lines bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return '\uFFFD'
		}
		return r
	}, text)
}
