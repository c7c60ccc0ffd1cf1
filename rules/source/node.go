package source

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Node is one value of a rules file.
type Node struct {
	File *File
	yaml *yaml.Node
}

// Pair is one key of a mapping with its value.
type Pair struct{ Key, Value *Node }

// IsMap says whether the node is a mapping.
func (n *Node) IsMap() bool { return n.yaml.Kind == yaml.MappingNode }

// IsList says whether the node is a list.
func (n *Node) IsList() bool { return n.yaml.Kind == yaml.SequenceNode }

// IsScalar says whether the node is a single value.
func (n *Node) IsScalar() bool { return n.yaml.Kind == yaml.ScalarNode }

// IsEmpty says whether nothing was written: `key:` with no value.
func (n *Node) IsEmpty() bool { return n.IsPlain() && n.yaml.Value == "" }

// IsPlain says whether the node is a scalar without quotes.
func (n *Node) IsPlain() bool {
	return n.IsScalar() && n.yaml.Style&(quoted|yaml.LiteralStyle|yaml.FoldedStyle) == 0
}

// IsBlock says whether the node is a scalar that begins with | or >.
func (n *Node) IsBlock() bool {
	return n.IsScalar() && n.yaml.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// IsFlow says whether the node is written with braces or brackets.
func (n *Node) IsFlow() bool { return n.yaml.Style&yaml.FlowStyle != 0 }

const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle

// Whole returns the whole file as one text, without the line break at its end.
func (f *File) Whole() *Node {
	return &Node{File: f, yaml: &yaml.Node{
		Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.LiteralStyle, Value: strings.TrimRight(string(f.text), "\n"),
	}}
}

// Text returns a scalar's text.
func (n *Node) Text() string { return n.yaml.Value }

// Line returns the line that the node begins on.
func (n *Node) Line() int { return n.yaml.Line }

// Pairs returns a mapping's keys and values in the order of the file.
func (n *Node) Pairs() []Pair {
	if !n.IsMap() {
		return nil
	}
	pairs := make([]Pair, 0, len(n.yaml.Content)/2)
	for i := 0; i+1 < len(n.yaml.Content); i += 2 {
		pairs = append(pairs, Pair{n.wrap(n.yaml.Content[i]), n.wrap(n.yaml.Content[i+1])})
	}
	return pairs
}

// Get returns the value of a mapping's key, or nil.
func (n *Node) Get(key string) *Node {
	for _, p := range n.Pairs() {
		if p.Key.Text() == key {
			return p.Value
		}
	}
	return nil
}

// Items returns a list's items.
func (n *Node) Items() []*Node {
	if !n.IsList() {
		return nil
	}
	items := make([]*Node, len(n.yaml.Content))
	for i, c := range n.yaml.Content {
		items[i] = n.wrap(c)
	}
	return items
}

func (n *Node) wrap(y *yaml.Node) *Node { return &Node{File: n.File, yaml: y} }

// Span returns where the node stands: a scalar with its quotes, or the first line of anything longer.
func (n *Node) Span() Span {
	s := Span{File: n.File, Line: max(n.yaml.Line, 1), Column: max(n.yaml.Column, 1)}
	line := []rune(n.File.Line(s.Line))
	s.End = len([]rune(strings.TrimRight(string(line), " \t"))) + 1
	if n.IsScalar() && !n.IsBlock() {
		s.End = min(n.scalarEnd(s), s.End)
	}
	s.End = max(s.End, s.Column)
	return s
}

// scalarEnd returns the column after a scalar that ends on its first line.
func (n *Node) scalarEnd(s Span) int {
	if n.IsPlain() {
		return s.Column + utf8.RuneCountInString(n.yaml.Value)
	}
	at := n.places()
	last := at[len(at)-1]
	if last.line != s.Line {
		return int(^uint(0) >> 1)
	}
	return last.column + 1
}

// Range returns where the runes [from, to) of a scalar's text stand, up to the end of the first line.
func (n *Node) Range(from, to int) Span {
	at := n.places()
	from = min(max(from, 0), len(at)-1)
	to = min(max(to, from), len(at)-1)
	s := Span{File: n.File, Line: at[from].line, Column: at[from].column}
	s.End = s.Column
	for _, p := range at[from:to] {
		if p.line == s.Line {
			s.End = p.column + 1
		}
	}
	return s
}

// Comment returns what follows a plain scalar on its line from the # on: text
// that YAML took for a comment.
func (n *Node) Comment() string {
	if !n.IsPlain() {
		return ""
	}
	s := n.Span()
	line := []rune(n.File.Line(s.Line))
	rest := strings.TrimLeft(string(line[min(s.End-1, len(line)):]), " \t")
	if strings.HasPrefix(rest, "#") {
		return rest
	}
	return ""
}
