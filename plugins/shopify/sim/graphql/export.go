package graphql

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// What a document for export may have.
const (
	maxConnections = 5
	maxNesting     = 2
)

// CheckExport says why the document cannot be exported whole, or nothing.
func (d *Document) CheckExport() error {
	connections, depth := 0, 0
	for _, selection := range d.op.SelectionSet {
		if f, ok := selection.(*ast.Field); ok && (f.Name == "node" || f.Name == "nodes") {
			return fmt.Errorf("bulk queries cannot contain a top level `%s` field", f.Name)
		}
	}
	walk(d.op.SelectionSet, 0, &connections, &depth)
	switch {
	case connections == 0:
		return errors.New("bulk queries must contain at least one connection")
	case connections > maxConnections:
		return fmt.Errorf("bulk queries cannot contain more than %d connections", maxConnections)
	case depth > maxNesting+1:
		return fmt.Errorf("bulk queries cannot contain connections with a nesting depth greater than %d", maxNesting)
	}
	return nil
}

// walk counts the connections of a selection and how deep they lie.
func walk(set ast.SelectionSet, level int, connections, depth *int) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			inner := level
			if s.Definition != nil && strings.HasSuffix(s.Definition.Type.Name(), "Connection") {
				*connections++
				inner++
				*depth = max(*depth, inner)
			}
			walk(s.SelectionSet, inner, connections, depth)
		case *ast.InlineFragment:
			walk(s.SelectionSet, level, connections, depth)
		case *ast.FragmentSpread:
			walk(s.Definition.SelectionSet, level, connections, depth)
		}
	}
}

// Export executes the document without pages and returns its rows flat, parents
// before their children, which name them in "__parentId"; roots counts the former.
func (d *Document) Export(env any) (rows []Object, roots int, failures []Object) {
	r := &run{doc: d, env: env, whole: true}
	data := r.object(d.engine.schema.Query.Name, d.op.SelectionSet, Object{}, nil)
	for _, name := range sortedKeys(data) {
		for _, root := range rowsOf(data[name]) {
			roots++
			rows = flatten(rows, root, nil)
		}
	}
	return rows, roots, r.result.Errors
}

// flatten appends a record and then the rows of its connections.
func flatten(rows []Object, record Object, parent any) []Object {
	flat := Object{}
	if parent != nil {
		flat["__parentId"] = parent
	}
	rows = append(rows, flat)
	for _, name := range sortedKeys(record) {
		inner, ok := record[name].(Object)
		if ok && (inner["edges"] != nil || inner["nodes"] != nil) {
			for _, child := range rowsOf(inner) {
				rows = flatten(rows, child, record["id"])
			}
			continue
		}
		flat[name] = record[name]
	}
	return rows
}

// rowsOf returns the records of an executed connection.
func rowsOf(connection any) []Object {
	c, _ := connection.(Object) //nolint:errcheck // anything else has no rows
	var rows []Object
	if edges, ok := c["edges"].([]any); ok {
		for _, edge := range edges {
			if e, ok := edge.(Object); ok {
				rows = appendObject(rows, e["node"])
			}
		}
		return rows
	}
	if nodes, ok := c["nodes"].([]any); ok {
		for _, node := range nodes {
			rows = appendObject(rows, node)
		}
	}
	return rows
}

func appendObject(rows []Object, v any) []Object {
	if row, ok := v.(Object); ok {
		return append(rows, row)
	}
	return rows
}

func sortedKeys(o Object) []string {
	keys := make([]string, 0, len(o))
	for key := range o {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
