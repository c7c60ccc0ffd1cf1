package graphql

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// mutationCost is the price of a mutation, whatever it returns.
const mutationCost = 10

// Cost is what the document may cost at the most: an object one point, a
// connection as much as all the rows that it is asked for, a mutation ten.
func (d *Document) Cost() int {
	if d.Writes() {
		return mutationCost * len(d.op.SelectionSet)
	}
	return d.cost(d.op.SelectionSet)
}

func (d *Document) cost(set ast.SelectionSet) int {
	total := 0
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			total += d.fieldCost(s)
		case *ast.InlineFragment:
			total += d.cost(s.SelectionSet)
		case *ast.FragmentSpread:
			total += d.cost(s.Definition.SelectionSet)
		}
	}
	return total
}

func (d *Document) fieldCost(f *ast.Field) int {
	if len(f.SelectionSet) == 0 || f.Definition == nil {
		return 0
	}
	own, inner := 0, d.cost(f.SelectionSet)
	if priced(f.Definition.Type.Name()) {
		own = 1
	}
	if strings.HasSuffix(f.Definition.Type.Name(), "Connection") {
		return max(pageSize(f.ArgumentMap(d.vars)), 1) * inner
	}
	return own + inner
}

// priced says whether objects of the type cost a point: a connection, its
// edges and its page information are part of their rows' price.
func priced(typ string) bool {
	return !strings.HasSuffix(typ, "Connection") && !strings.HasSuffix(typ, "Edge") && typ != "PageInfo"
}
