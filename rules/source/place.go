package source

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// place is where one rune stands in the file.
type place struct{ line, column int }

// places returns where each rune of a scalar's text stands, and after them
// where the text ends. It follows the rules by which YAML folds lines and
// reads escapes.
func (n *Node) places() []place {
	c := &cursor{file: n.File, line: max(n.yaml.Line, 1), column: max(n.yaml.Column, 1) - 1, whole: n.yaml.Line == 0}
	step := c.plain
	switch {
	case n.yaml.Style&yaml.DoubleQuotedStyle != 0:
		c.column++
		step = c.double
	case n.yaml.Style&yaml.SingleQuotedStyle != 0:
		c.column++
		step = c.single
	case n.IsBlock():
		c.enterBlock()
		step = c.block
	}
	at := make([]place, 0, len(n.yaml.Value)+1)
	for _, r := range n.yaml.Value {
		at = append(at, step(r))
	}
	return append(at, c.place())
}

// cursor walks over a file's runes; column counts from 0.
type cursor struct {
	file         *File
	line, column int
	runes        []rune // of the line runesOf
	runesOf      int
	indent       int
	whole        bool
	breaks       int // line breaks of the current fold that are still to come
}

func (c *cursor) place() place { return place{c.line, c.column + 1} }

func (c *cursor) text() []rune {
	if c.runesOf != c.line {
		c.runes, c.runesOf = []rune(c.file.Line(c.line)), c.line
	}
	return c.runes
}

func (c *cursor) peek(ahead int) rune {
	if line := c.text(); c.column+ahead < len(line) {
		return line[c.column+ahead]
	}
	return '\n'
}

// blankRest says whether only white space is left on the line.
func (c *cursor) blankRest() bool {
	line := c.text()
	return c.column >= len(line) || strings.TrimSpace(string(line[c.column:])) == ""
}

func (c *cursor) plain(r rune) place {
	if c.blankRest() && (r == ' ' || r == '\n') {
		return c.fold(r)
	}
	return c.advance(1)
}

func (c *cursor) single(r rune) place {
	if c.blankRest() {
		return c.fold(r)
	}
	if c.peek(0) == '\'' {
		return c.advance(2)
	}
	return c.advance(1)
}

func (c *cursor) double(r rune) place {
	for c.peek(0) == '\\' && c.peek(1) == '\n' {
		c.nextLine()
	}
	if c.peek(0) == '\\' {
		return c.advance(escapeLength(c.peek(1)))
	}
	if c.blankRest() {
		return c.fold(r)
	}
	return c.advance(1)
}

// escapeLength returns how long an escape sequence is that has this rune after its backslash.
func escapeLength(r rune) int {
	switch r {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	default:
		return 2
	}
}

// fold stands at the end of a line for a space, or for one of the breaks that blank lines make.
func (c *cursor) fold(r rune) place {
	at := c.place()
	if r == '\n' && c.breaks == 0 {
		c.breaks = c.blankLinesBelow()
	}
	if c.breaks--; c.breaks <= 0 {
		c.breaks = 0
		c.nextLine()
	}
	return at
}

func (c *cursor) blankLinesBelow() int {
	n := c.line + 1
	for n <= len(c.file.lines) && strings.TrimSpace(c.file.Line(n)) == "" {
		n++
	}
	return n - c.line - 1
}

// nextLine moves to the first rune of the next line that is not blank.
func (c *cursor) nextLine() {
	for c.line++; c.line < len(c.file.lines); c.line++ {
		if strings.TrimSpace(c.file.Line(c.line)) != "" {
			break
		}
	}
	c.column = 0
	for c.peek(0) == ' ' || c.peek(0) == '\t' {
		c.column++
	}
}

// enterBlock moves from the | or > to the block's first rune.
func (c *cursor) enterBlock() {
	first := c.line + 1
	if c.whole {
		c.line, c.column = 1, 0
		return
	}
	for n := first; n <= len(c.file.lines); n++ {
		line := c.file.Line(n)
		if text := strings.TrimLeft(line, " "); text != "" {
			c.indent = len(line) - len(text)
			break
		}
	}
	c.line, c.column = first, c.indent
}

func (c *cursor) block(r rune) place {
	for r != '\n' && r != ' ' && c.column >= len(c.text()) && c.line < len(c.file.lines) {
		c.line, c.column = c.line+1, c.indent
	}
	if (r == '\n' || r == ' ') && c.column >= len(c.text()) {
		at := c.place()
		c.line, c.column = c.line+1, c.indent
		return at
	}
	return c.advance(1)
}

// advance takes n runes and returns where they began.
func (c *cursor) advance(n int) place {
	at := c.place()
	c.column += n
	return at
}
