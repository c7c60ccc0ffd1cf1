package source

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-run/musubi/rules/diag"
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
	for i, p := range n.Pairs() {
		key := p.Key.Text()
		switch {
		case !p.Key.IsScalar():
			r.Add(p.Key.Span(), keyNotText)
		case p.lintWide(r):
		case i > 0 && n.IsFlow() && p.keyOnly():
			n.Pairs()[i-1].lintComma(r, p.Key)
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

// keyOnly says whether the key has no colon: in { } it is what followed a comma.
func (p Pair) keyOnly() bool {
	if !p.Value.IsEmpty() || !p.Key.IsPlain() {
		return false
	}
	at := p.Key.Span()
	line := []rune(at.File.Line(at.Line))
	return at.End > len(line) || line[at.End-1] != ':'
}

// lintWide reports full-width signs that made one key of a dash and a key, or of a key and its value.
func (p Pair) lintWide(r *Report) bool {
	if !p.Key.IsPlain() {
		return false
	}
	key := p.Key.Text()
	switch {
	case strings.ContainsAny(key, "：，、｛［") && p.keyOnly():
		return wideFlowSlip(r, p.Key.File.split(p.Key.Line()))
	case strings.IndexAny(key, wideDashes+"-") == 0:
		l := p.Key.File.split(p.Key.Line())
		return l.body+1 == p.Key.Span().Column && dashSlip(r, l)
	}
	return false
}

// lintComma reports a value that YAML ended at its comma.
func (p Pair) lintComma(r *Report, rest *Node) {
	if wideFlowSlip(r, p.Value.File.split(rest.Line())) {
		return
	}
	at := p.Value.Span()
	end := rest.Span()
	if !p.Value.IsPlain() || at.Line != end.Line {
		r.Add(end, commaInValue)
		return
	}
	at.End = end.End
	r.AddFix(at, at.Fix(DoubleQuote(withoutCurly(at.Text()))), commaInValue)
}

// lintTag handles `when: !event.paid`, which YAML reads as a tag on nothing.
func (n *Node) lintTag(r *Report) { n.lintMark(r, tag) }

func (n *Node) lintAnchor(r *Report) { n.lintMark(r, anchor) }

// lintMark reports a word with a meaning of its own to YAML, and the value behind it.
func (n *Node) lintMark(r *Report, kind diag.Kind) {
	span := n.Span()
	span.End = utf8.RuneCountInString(n.File.Line(span.Line)) + 1
	rest := span.Text()
	word := strings.TrimRight(firstWord(rest), ",}]")
	length := len(word)
	if n.IsScalar() && n.yaml.Value != "" {
		if i := strings.Index(rest, n.yaml.Value); i >= 0 {
			length = i + len(n.yaml.Value)
		}
	}
	span.End = span.Column + utf8.RuneCountInString(rest[:length])
	meant := span.Text()
	if strings.HasPrefix(word, "!!") {
		meant = n.yaml.Value
	}
	r.AddFix(span, span.Fix(Quote(meant)), kind, word)
}

func hasForeignTag(y *yaml.Node) bool {
	return strings.HasPrefix(y.Tag, "!") && !strings.HasPrefix(y.Tag, "!!")
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}

// Quote returns text as a YAML scalar in single quotes, or in double ones
// where that needs no doubling.
func Quote(text string) string {
	if strings.Contains(text, "'") && !strings.ContainsAny(text, `"\`) {
		return `"` + text + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
