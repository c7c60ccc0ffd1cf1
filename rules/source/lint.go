package source

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// lint finds what is legal YAML but not what its writer meant: tags, anchors,
// merge keys, repeated keys, wide spaces.
func (n *Node) lint(r *Report) {
	if n.yaml.Anchor != "" || n.yaml.Kind == yaml.AliasNode {
		n.lintAnchor(r)
		return
	}
	if n.yaml.Style&yaml.TaggedStyle != 0 || hasForeignTag(n.yaml) {
		n.lintTag(r)
		return
	}
	switch n.yaml.Kind {
	case yaml.MappingNode:
		n.lintKeys(r)
		for _, p := range n.Pairs() {
			p.Value.lint(r)
		}
	case yaml.SequenceNode:
		for _, item := range n.Items() {
			item.lint(r)
		}
	default:
	}
}

func (n *Node) lintKeys(r *Report) {
	seen := map[string]*Node{}
	for _, p := range n.Pairs() {
		key := p.Key.Text()
		switch {
		case !p.Key.IsScalar():
			r.Add(p.Key.Span(), keyNotText)
		case key == "<<" && p.Key.IsPlain():
			r.Add(p.Key.Span(), mergeKey)
		case strings.HasPrefix(key, "\u3000"), strings.HasPrefix(key, "\u00a0"):
			n.File.wideIndent(r, p.Key.Line())
		case seen[key] != nil:
			r.Add(p.Key.Span(), duplicateKey, key, seen[key].Line())
		}
		seen[key] = p.Key
	}
}

// lintTag handles `when: !event.paid`, which YAML reads as a tag on nothing.
func (n *Node) lintTag(r *Report) {
	span := n.Span()
	span.End = len([]rune(strings.TrimRight(n.File.Line(span.Line), " "))) + 1
	r.AddFix(span, span.Fix(Quote(span.Text())), tag, firstWord(span.Text()))
}

func (n *Node) lintAnchor(r *Report) {
	span := n.Span()
	span.End = len([]rune(strings.TrimRight(n.File.Line(span.Line), " "))) + 1
	r.AddFix(span, span.Fix(Quote(span.Text())), anchor, firstWord(span.Text()))
}

func hasForeignTag(y *yaml.Node) bool {
	return strings.HasPrefix(y.Tag, "!") && !strings.HasPrefix(y.Tag, "!!")
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}

// Quote returns text as a YAML scalar in single quotes.
func Quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
