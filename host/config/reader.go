package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// reader walks the YAML nodes of one file and gathers every fault.
type reader struct {
	*marks
	dir      string
	problems diag.Problems
	doubt    doubt
}

// take reads the value n, which stands at path.
type take func(n *yaml.Node, path string)

// key is one key that an object may have.
type key struct {
	name string
	take take
}

func (r *reader) fault(code, path string, message abi.Text) {
	r.problems = append(r.problems, r.problem(code, path, message))
	r.doubt.add(code, path)
}

func (r *reader) keyFault(code, path string, message abi.Text) {
	r.problems = append(r.problems, r.keyProblem(code, path, message))
	r.doubt.add(code, path)
}

// object reads a mapping that has these keys and no others, and says whether it has. Null is an empty mapping.
func (r *reader) object(n *yaml.Node, path string, keys ...key) (known bool) {
	known = true
	r.each(n, path, func(name string, value *yaml.Node, at string) {
		for _, k := range keys {
			if k.name == name {
				k.take(value, at)
				return
			}
		}
		names := make([]string, len(keys))
		for i, k := range keys {
			names[i] = k.name
		}
		known = false
		if r.wideIndent(name, at) {
			return
		}
		r.hideUnknown(value, diag.Closest(name, names))
		r.keyFault("unknown-key", at, unknownKey(name, names))
	})
	return known
}

// each visits the pairs of a mapping once their keys are known to be plain and different.
func (r *reader) each(n *yaml.Node, path string, visit func(name string, value *yaml.Node, at string)) {
	if isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.hideDoubtful(n.Line)
		r.wrongType(n, path, abi.Text{EN: "key: value pairs", JA: "「キー: 値」の組"})
		return
	}
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		if r.tight(name, value, path) {
			continue
		}
		at := join(path, name.Value)
		if line, twice := first[name.Value]; twice {
			r.put(at, name, value)
			r.hideDoubtful(name.Line)
			r.keyFault("duplicate-key", at, say("this key is already on line %d: keep one", "このキーは%d行目にもあります。どちらか一つにしてください", line))
			continue
		}
		first[name.Value] = name.Line
		r.put(at, name, value)
		if r.plain(name, at) && r.plain(value, at) {
			visit(name.Value, value, at)
		}
	}
}

// tight reports a key within braces whose value YAML takes for a part of it, as in {token:env:NAME}.
func (r *reader) tight(name, value *yaml.Node, path string) bool {
	key := keyPart.FindString(name.Value)
	if key == "" || name.Style != 0 || !isNull(value) || value.Value != "" {
		return false
	}
	at := join(path, strings.TrimRight(key, ":："))
	r.hideDoubtful(name.Line)
	r.at[at] = mark{line: name.Line, column: name.Column, end: name.Column + len([]rune(key))}
	r.fault("colon-space", at, say("behind a key there must be a half-width colon and a half-width space", "キーの後は、半角コロンと半角スペースにしてください"))
	return true
}

// plain refuses the parts of YAML that make a value mean something that cannot
// be seen where it stands: anchors, merges and tags.
func (r *reader) plain(n *yaml.Node, at string) bool {
	if n.Kind == yaml.ScalarNode && (n.Anchor != "" || n.Style&yaml.TaggedStyle != 0) {
		r.hideDoubtful(n.Line)
	}
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "" || n.Tag == "!!merge":
		r.fault("anchor", at, say("anchors and aliases (&, *, <<) are not used here: write the value out", "アンカーと参照(&、*、<<)は使えません。値をそのまま書いてください"))
		return false
	case n.Style&yaml.TaggedStyle != 0:
		r.fault("tag", at, say("the ! makes this a YAML tag and would change the value: put the value in quotes", "! で始まるとYAMLのタグになり、値が変わります。引用符で囲んでください"))
		return false
	}
	return true
}

func (r *reader) wrongType(n *yaml.Node, path string, want abi.Text) {
	if _, known := r.at[path]; !known {
		r.at[path] = markOf(n)
	}
	r.fault("wrong-type", path, abi.Text{
		EN: fmt.Sprintf("this must be %s, not %s", want.EN, describe(n).EN),
		JA: fmt.Sprintf("%sを書いてください(いまは%s)", want.JA, describe(n).JA),
	})
}

func describe(n *yaml.Node) abi.Text {
	switch {
	case n.Kind == yaml.MappingNode:
		return abi.Text{EN: "key: value pairs", JA: "「キー: 値」の組"}
	case n.Kind == yaml.SequenceNode:
		return abi.Text{EN: "a list", JA: "リスト"}
	case isNull(n):
		return abi.Text{EN: "empty", JA: "空"}
	case n.Tag == "!!str":
		return abi.Text{EN: "text", JA: "文字列"}
	case n.Tag == "!!bool":
		return abi.Text{EN: "true/false", JA: "true/false"}
	default:
		return abi.Text{EN: "a number", JA: "数値"}
	}
}

func unknownKey(name string, known []string) abi.Text {
	if near := diag.Closest(name, known); near != "" {
		return say("there is no key %[1]q here: did you mean %[2]q?", "「%[1]s」というキーはありません。「%[2]s」ではありませんか?", name, near)
	}
	known = slices.Sorted(slices.Values(known))
	return say("there is no key %q here: possible are %s", "「%s」というキーはありません。使えるのは %s です", name, strings.Join(known, ", "))
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// say makes a sentence in both languages from the same arguments.
func say(en, ja string, args ...any) abi.Text {
	return abi.Text{EN: fmt.Sprintf(en, args...), JA: fmt.Sprintf(ja, args...)}
}
