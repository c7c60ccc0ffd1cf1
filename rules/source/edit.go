package source

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// Edit returns the node's line with the runes [from, to) of its text replaced,
// written so that YAML reads it back; "" when the text spans several lines.
func (n *Node) Edit(from, to int, text string) string {
	runes := []rune(n.yaml.Value)
	from = min(max(from, 0), len(runes))
	to = min(max(to, from), len(runes))
	at := n.Range(from, to)
	if last := n.Range(to, to); last.Line != at.Line {
		return ""
	}
	switch {
	case n.yaml.Style&yaml.DoubleQuotedStyle != 0:
		return at.Fix(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text))
	case n.yaml.Style&yaml.SingleQuotedStyle != 0:
		return at.Fix(strings.ReplaceAll(text, "'", "''"))
	case n.IsPlain():
		edited := string(runes[:from]) + text + string(runes[to:])
		if n.Span().Line != n.Range(len(runes), len(runes)).Line {
			return ""
		}
		if !PlainSafe(edited) {
			return n.Span().Fix(Quote(edited))
		}
	}
	return at.Fix(text)
}

// PlainSafe says whether a text can stand in YAML without quotes and is read back as the same text.
func PlainSafe(text string) bool {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte("k: "+text+"\n"), &doc); err != nil || len(doc.Content) != 1 || len(doc.Content[0].Content) != 2 {
		return false
	}
	v := doc.Content[0].Content[1]
	return v.Kind == yaml.ScalarNode && v.Value == text && v.Style == 0 && v.Tag == "!!str"
}
