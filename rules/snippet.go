package rules

import (
	"maps"
	"slices"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/source"
)

// readSnippet notes steps that flows include by name.
func (l *loader) readSnippet(d *document) {
	node := d.keys["snippet"]
	if d.id != "" && !flowName.MatchString(d.id) {
		l.add(node, flowNameForm, d.id)
	}
	if d.keys["steps"] == nil {
		l.add(d.node, keyMissing, "steps")
		return
	}
	if other := l.snippets[d.id]; other != nil {
		l.add(node, duplicateName, d.id, other.file.Name)
		return
	}
	l.snippets[d.id] = d
}

// include reads the steps of a snippet as if they stood in place of the
// include step: they see its names, and later steps see theirs.
func (b *builder) include(node *source.Node, place string, v view) ([]*Step, outcome) {
	keys := b.mapping(node, whatStep("include"), []string{"include"})
	name := b.word(keys["include"])
	snippet := b.snippets[name]
	switch {
	case name == "":
		return nil, outcome{view: v}
	case snippet == nil:
		b.unknownSnippet(keys["include"], name)
		return nil, outcome{view: v}
	case slices.Contains(b.including, name):
		b.add(keys["include"], snippetCircle, name)
		return nil, outcome{view: v}
	}
	b.used[snippet.file.Name] = true
	b.including = append(b.including, name)
	b.collectIDs(snippet.keys["steps"])
	steps, out := b.sequence(snippet.keys["steps"], place+".", v)
	b.including = b.including[:len(b.including)-1]
	return steps, out
}

func (b *builder) unknownSnippet(node *source.Node, name string) {
	names := slices.Sorted(maps.Keys(b.snippets))
	if near := diag.Closest(name, names); near != "" {
		b.report.AddFix(node.Span(), node.Span().Fix(near), unknownSnippetNear, name, near)
		return
	}
	b.add(node, unknownSnippetFault, name)
}
