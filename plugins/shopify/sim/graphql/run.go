package graphql

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Result is what became of a document.
type Result struct {
	Data   Object
	Errors []Object
	// Objects counts the objects in Data, as the platform prices them.
	Objects int
}

// Field is one field that is being resolved.
type Field struct {
	// Type and Name say which it is.
	Type, Name string
	// Source is the record that it belongs to.
	Source Object
	// Args are its arguments, with the schema's defaults.
	Args map[string]any
	// Env is what [Document.Run] was given.
	Env any

	run  *run
	ast  *ast.Field
	path []any
}

// Directive returns the arguments of a directive on the field, and whether it is there.
func (f *Field) Directive(name string) (args map[string]any, there bool) {
	directive := f.ast.Directives.ForName(name)
	if directive == nil {
		return nil, false
	}
	return directive.ArgumentMap(f.run.doc.vars), true
}

// Fail adds an entry to the answer's "errors". The resolver returns nil then.
func (f *Field) Fail(code, message string) {
	f.run.result.Errors = append(f.run.result.Errors, Object{
		"message": message, "path": slices.Clone(f.path), "extensions": Object{"code": code},
	})
}

// run is one execution.
type run struct {
	doc    *Document
	env    any
	whole  bool // connections give all their rows, whatever is asked
	result Result
}

// Run executes the document. env is handed to the resolvers.
func (d *Document) Run(env any) *Result {
	r := &run{doc: d, env: env}
	root := d.engine.schema.Query
	if d.Writes() {
		root = d.engine.schema.Mutation
	}
	r.result.Data = r.object(root.Name, d.op.SelectionSet, Object{}, nil)
	return &r.result
}

// object executes a selection on a record of the type.
func (r *run) object(typ string, set ast.SelectionSet, source Object, path []any) Object {
	out := Object{}
	for _, group := range r.collect(typ, set, nil) {
		out[group[0].Alias] = r.field(typ, group, source, append(slices.Clip(path), group[0].Alias))
	}
	return out
}

// collect returns the fields of a selection, fragments opened, those of one name together.
func (r *run) collect(typ string, set ast.SelectionSet, groups [][]*ast.Field) [][]*ast.Field {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			at := slices.IndexFunc(groups, func(g []*ast.Field) bool { return g[0].Alias == s.Alias })
			if at < 0 {
				groups = append(groups, []*ast.Field{s})
				continue
			}
			groups[at] = append(groups[at], s)
		case *ast.InlineFragment:
			if r.is(typ, s.TypeCondition) {
				groups = r.collect(typ, s.SelectionSet, groups)
			}
		case *ast.FragmentSpread:
			if r.is(typ, s.Definition.TypeCondition) {
				groups = r.collect(typ, s.Definition.SelectionSet, groups)
			}
		}
	}
	return groups
}

// is says whether a type fits a fragment's condition.
func (r *run) is(typ, condition string) bool {
	if condition == "" || condition == typ {
		return true
	}
	return slices.Contains(r.doc.engine.schema.Types[typ].Interfaces, condition)
}

func (r *run) field(typ string, group []*ast.Field, source Object, path []any) any {
	first := group[0]
	if first.Name == "__typename" {
		return typ
	}
	var set ast.SelectionSet
	for _, f := range group {
		set = append(set, f.SelectionSet...)
	}
	f := &Field{Type: typ, Name: first.Name, Source: source, Args: first.ArgumentMap(r.doc.vars), Env: r.env, run: r, ast: first, path: path}
	value := source[first.Name]
	if resolve := r.doc.engine.resolvers[typ+"."+first.Name]; resolve != nil {
		value = resolve(f)
	}
	return r.complete(first.Definition.Type, set, f, value)
}

// complete makes a resolver's value what the schema promises.
func (r *run) complete(typ *ast.Type, set ast.SelectionSet, f *Field, value any) any {
	switch v := value.(type) {
	case nil:
		return nil
	case List:
		return r.object(typ.Name(), set, v.page(f, r.whole), f.path)
	case Object:
		return r.record(typ, set, v, f.path)
	case []Object:
		rows := make([]any, len(v))
		for i, row := range v {
			rows[i] = r.record(typ, set, row, append(slices.Clip(f.path), i))
		}
		return rows
	default:
		return v
	}
}

func (r *run) record(typ *ast.Type, set ast.SelectionSet, source Object, path []any) Object {
	name := typ.Name()
	if concrete, ok := source["__typename"].(string); ok {
		name = concrete
	}
	if priced(name) {
		r.result.Objects++
	}
	return r.object(name, set, source, path)
}

// Names returns the types of the schema, sorted: for tests.
func (e *Engine) Names() []string { return slices.Sorted(maps.Keys(e.schema.Types)) }
