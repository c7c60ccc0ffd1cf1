package source

import (
	"testing"

	"pgregory.net/rapid"
)

// scalars are values in every style; each letter of their text must be found
// where it stands in the file.
var scalars = []string{
	"k: plain 日本語 text\n",
	"k: plain over\n  two lines\n",
	"k: plain over\n\n  a blank line\n",
	"k: 'single ''quoted'' 文字'\n",
	"k: 'single over\n  two lines'\n",
	"k: \"double \\\"quoted\\\" \\u6587字 \\x41 end\"\n",
	"k: \"double over\n  two \\\n  lines\"\n",
	"k: |\n  block one\n  ブロック two\n",
	"k: |\n\n  after a blank line\n    deeper\n",
	"k: >-\n  folded one\n  folded two\n\n  after a blank line\n",
	"- k: {a: 1, b: 'in ''braces'''}\n",
}

func TestEveryLetterIsFoundInTheFile(t *testing.T) {
	for _, text := range scalars {
		var r Report
		root := New("f", []byte(text)).Parse(&r)
		if root == nil {
			t.Fatalf("%q: %v", text, r.Problems)
		}
		each(root, func(n *Node) { placed(t, n) })
	}
}

func each(n *Node, visit func(*Node)) {
	if n.IsScalar() {
		visit(n)
	}
	for _, p := range n.Pairs() {
		each(p.Value, visit)
	}
	for _, item := range n.Items() {
		each(item, visit)
	}
}

func placed(t *testing.T, n *Node) {
	t.Helper()
	i := 0
	for _, r := range n.Text() {
		at := n.Range(i, i+1)
		i++
		line := []rune(n.File.Line(at.Line))
		if r == ' ' || r == '\n' {
			continue
		}
		if at.Column > len(line) {
			t.Errorf("%q: %q is outside of line %d", n.Text(), r, at.Line)
			continue
		}
		if found := line[at.Column-1]; found != r && found != '\\' && found != '\'' {
			t.Errorf("%q: for %q found %q at %d:%d", n.Text(), r, found, at.Line, at.Column)
		}
	}
}

// TestPlacesNeverPanic takes any text as YAML.
func TestPlacesNeverPanic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("ab :-|>'\"\\\n\t{}[]#&*!?%@`　日$,"))).Draw(t, "text")
		var r Report
		root := New("f", []byte("k: "+text)).Parse(&r)
		if root == nil {
			return
		}
		each(root, func(n *Node) {
			for i := range len([]rune(n.Text())) + 1 {
				n.Range(i, i+1)
				n.Edit(i, i+1, "x")
			}
			n.Span()
			n.Comment()
			n.Literal(&r)
		})
	})
}

func TestEditWritesWhatYAMLReadsBack(t *testing.T) {
	cases := map[string]string{
		"k: a == 1\n":      `k: 'a: b == 1'`,
		"k: 'a == 1'\n":    `k: 'a: b == 1'`,
		"k: \"a == 1\"\n":  `k: "a: b == 1"`,
		"k: {x: a == 1}\n": `k: {x: 'a: b == 1'}`,
		"k: |\n  a == 1\n": `  a: b == 1`,
	}
	for text, want := range cases {
		var r Report
		root := New("f", []byte(text)).Parse(&r)
		node := root.Pairs()[0].Value
		if node.IsMap() {
			node = node.Pairs()[0].Value
		}
		if got := node.Edit(0, 1, "a: b"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
