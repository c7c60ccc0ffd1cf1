package expr

import (
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// Read is one place where an expression reads a field of a name, as in member.tags.
type Read struct {
	Name string
	// Field is empty where the name is used as a whole.
	Field string
	// Asked are the texts that the field, a list, is asked for by name; Named says
	// that it is used for nothing else here.
	Asked []string
	Named bool
	// From and To are its place in the expression, in runes.
	From, To int
}

// reads returns the fields that an expression reads.
func (a *analysis) reads() []Read {
	var all []Read
	for _, e := range a.sortedNodes() {
		if e.Kind() != ast.IdentKind || a.shadowed(e) {
			continue
		}
		if _, known := a.names.Lookup(e.AsIdent()); known {
			all = append(all, a.read(e))
		}
	}
	return all
}

// read describes one use of a name.
func (a *analysis) read(e ast.Expr) Read {
	r := Read{Name: e.AsIdent()}
	up, ok := a.parent[e.ID()]
	if !ok {
		r.From, r.To = a.span(e)
		return r
	}
	switch {
	case up.Kind() == ast.SelectKind:
		r.Field = up.AsSelect().FieldName()
	case up.Kind() == ast.CallKind && up.AsCall().FunctionName() == operators.OptSelect:
		r.Field, _ = constantIndex(up)
	default:
		up = e
	}
	r.From, r.To = a.span(up)
	if r.Field != "" {
		r.Asked, r.Named = a.asked(up)
	}
	return r
}

// asked returns the texts for which a list is searched: 'x' in list, list.hasAny(['x']).
func (a *analysis) asked(list ast.Expr) ([]string, bool) {
	up, ok := a.parent[list.ID()]
	if !ok || up.Kind() != ast.CallKind {
		return nil, false
	}
	call := up.AsCall()
	switch call.FunctionName() {
	case operators.In:
		if call.Args()[1].ID() == list.ID() {
			return literalTexts(call.Args()[:1])
		}
	case "hasAny", "hasAll":
		if call.IsMemberFunction() && call.Target().ID() == list.ID() && call.Args()[0].Kind() == ast.ListKind {
			return literalTexts(call.Args()[0].AsList().Elements())
		}
	}
	return nil, false
}

func literalTexts(items []ast.Expr) ([]string, bool) {
	found := make([]string, 0, len(items))
	for _, item := range items {
		if item.Kind() != ast.LiteralKind {
			return nil, false
		}
		text, ok := item.AsLiteral().(types.String)
		if !ok {
			return nil, false
		}
		found = append(found, string(text))
	}
	slices.Sort(found)
	return slices.Compact(found), true
}
