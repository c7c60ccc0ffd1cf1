package diag

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Render writes every problem with its line, a caret under its place, and the
// corrected line where there is one.
func (p Problems) Render(w io.Writer, lang Lang) error {
	var out strings.Builder
	for i := range p {
		p[i].render(&out, lang)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (p *Problem) render(out *strings.Builder, lang Lang) {
	fmt.Fprintf(out, "%s:%d:%d: %s\n", p.File, p.Line, p.Column, lang.Pick(p.Message))
	if p.Source == "" {
		return
	}
	number := strconv.Itoa(p.Line)
	margin := strings.Repeat(" ", max(len(number), 2))
	fmt.Fprintf(out, "  %*s | %s\n", len(margin), number, p.Source)
	fmt.Fprintf(out, "  %s | %s\n", margin, p.caret())
	if p.Fix != "" {
		fmt.Fprintf(out, "  %*s | %s\n", len(margin), "+", p.Fix)
	}
}

// caret returns spaces as wide as the text before the place, and a mark as wide as the place.
func (p *Problem) caret() string {
	line := []rune(p.Source)
	start := min(max(p.Column-1, 0), len(line))
	end := min(max(p.EndColumn-1, start), len(line))
	var pad strings.Builder
	for _, r := range line[:start] {
		if r == '\t' {
			pad.WriteByte('\t')
			continue
		}
		pad.WriteString(strings.Repeat(" ", width(r)))
	}
	mark := 0
	for _, r := range line[start:end] {
		mark += width(r)
	}
	return pad.String() + "^" + strings.Repeat("~", max(mark-1, 0))
}
