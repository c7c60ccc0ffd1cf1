package rules

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/expr"
	"github.com/musubi-run/musubi/rules/source"
)

// readText notes a file of text for people, such as a mail's body. It may hold
// ${ }, which see what the place sees that uses the text.
func (l *loader) readText(name string) {
	id := strings.TrimSuffix(path.Base(name), path.Ext(name))
	file := source.New(name, l.sources[name])
	if !file.Readable(&l.report) {
		return
	}
	if other := l.texts[id]; other != nil {
		l.report.Add(file.LineSpan(1), duplicateName, id, other.Name)
		return
	}
	l.texts[id] = file
}

// textCall matches text('name') as the whole of an expression.
var textCall = regexp.MustCompile(`^\s*text\(\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*\)\s*$`)

// nameOfText returns the name in text('name').
func nameOfText(expression string) (string, bool) {
	m := textCall.FindStringSubmatch(expression)
	if m == nil {
		return "", false
	}
	return m[1] + m[2], true
}

// textPieces compiles a text file for the place that uses it.
func (v *values) textPieces(node *source.Node, p expr.Part, name string) (mixed, bool) {
	file := v.texts[name]
	at := node.Range(p.From, p.From+len([]rune(p.Expr)))
	switch {
	case file == nil:
		v.unknownText(at, name)
		return nil, false
	case slices.Contains(v.inside, name):
		v.report.Add(at, textCircle, name)
		return nil, false
	}
	v.use(file.Name)
	inner := *v
	inner.inside = append(slices.Clone(v.inside), name)
	body := file.Whole()
	parts, fault := expr.Split(body.Text())
	if fault != nil {
		v.report.Problems = append(v.report.Problems, problemOf(body, 0, *fault))
		return nil, false
	}
	if v.mistyped(body, literals(body.Text())) {
		return nil, false
	}
	return inner.pieces(body, parts, false)
}

func (v *values) unknownText(at source.Span, name string) {
	names := slices.Sorted(maps.Keys(v.texts))
	if near := diag.Closest(name, names); near != "" {
		v.report.Add(at, unknownTextNear, name, near)
		return
	}
	v.report.Add(at, unknownTextFault, name)
}
