package source

import "strings"

// line is one line of YAML in block style, taken apart. Columns count from 0, in runes.
type line struct {
	file   *File
	number int
	runes  []rune
	// indent is where the first sign stands, body what follows the dashes,
	// value what follows the key; value is body when there is no key.
	indent, body, value int
	// end is where the line ends without its comment and the blanks before it.
	end int
	key string
}

// split takes a line apart.
func (f *File) split(n int) *line {
	l := &line{file: f, number: n, runes: []rune(f.Line(n))}
	l.indent = l.skip(0, " \t\u3000\u00a0")
	l.body = l.indent
	for l.at(l.body) == '-' && isBlank(l.at(l.body+1)) {
		l.body = l.skip(l.body+1, " \t")
	}
	l.end = len(l.runes)
	l.findKey()
	l.cutComment()
	return l
}

// findKey looks for `key: ` at the beginning of the body.
func (l *line) findKey() {
	l.value = l.body
	i := l.body
	if c := l.at(i); strings.ContainsRune("\"'{[｛［", c) {
		return
	}
	for ; i < len(l.runes); i++ {
		switch {
		case l.runes[i] == ':' && isBlank(l.at(i+1)):
			l.key = string(l.runes[l.body:i])
			l.value = l.skip(i+1, " \t")
			return
		case l.runes[i] == '{' && l.at(i-1) != '$': // a colon without its space, before a mapping
			return
		case isBlank(l.runes[i]) && l.at(i+1) == '#', isBlank(l.runes[i]) && l.body == i:
			return
		}
	}
}

// cutComment finds where the comment begins, as YAML sees it.
func (l *line) cutComment() {
	var quote rune
	for i := l.value; i < len(l.runes); i++ {
		c := l.runes[i]
		switch {
		case quote == '"' && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && i == l.value:
			quote = c
		case c == '#' && (i == 0 || isBlank(l.runes[i-1])):
			l.end = i
		}
		if l.end < len(l.runes) {
			break
		}
	}
	for l.end > l.value && isBlank(l.runes[l.end-1]) {
		l.end--
	}
}

func (l *line) blank() bool {
	return l.body >= len(l.runes) || l.at(l.body) == '#' || strings.TrimSpace(string(l.runes)) == ""
}

func (l *line) at(i int) rune {
	if i < 0 || i >= len(l.runes) {
		return 0
	}
	return l.runes[i]
}

func (l *line) skip(i int, set string) int {
	for i < len(l.runes) && strings.ContainsRune(set, l.runes[i]) {
		i++
	}
	return i
}

func (l *line) span(from, to int) Span {
	return Span{File: l.file, Line: l.number, Column: from + 1, End: to + 1}
}

func (l *line) text(from, to int) string { return string(l.runes[from:max(from, to)]) }

// isBlank says whether YAML takes r for white space; 0 stands for the line's end.
func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == 0 }
