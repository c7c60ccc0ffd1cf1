// Package graphql executes GraphQL documents over records in memory, as
// strictly as a real endpoint: a name that the schema does not have is an
// error, and so is a variable that does not fit.
package graphql

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
)

// Object is a record or an answer.
type Object = map[string]any

// Resolver returns the value of a field: a scalar, an Object, a list, or a [List]
// where the schema wants a connection. nil is null.
type Resolver func(*Field) any

// Engine is a schema with what its fields come from.
type Engine struct {
	schema    *ast.Schema
	resolvers map[string]Resolver
}

// New reads the schema from the files of dir. resolvers are named "Type.field";
// a field without one is the member of that name of the record above.
func New(dir fs.FS, resolvers map[string]Resolver) (*Engine, error) {
	names, err := fs.Glob(dir, "*/*.graphql")
	if err != nil {
		return nil, err
	}
	var sources []*ast.Source
	for _, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		sources = append(sources, &ast.Source{Name: name, Input: string(text)})
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	return &Engine{schema: schema, resolvers: resolvers}, nil
}

// Document is one operation, valid, with its variables.
type Document struct {
	engine *Engine
	op     *ast.OperationDefinition
	vars   map[string]any
}

// Parse checks a document. What is wrong with it comes back as the entries of
// an answer's "errors".
func (e *Engine) Parse(text, operation string, vars map[string]any) (*Document, []Object) {
	parsed, faults := gqlparser.LoadQueryWithRules(e.schema, text, nil)
	if len(faults) > 0 {
		return nil, entries(faults, "")
	}
	op := parsed.Operations.ForName(operation)
	if op == nil {
		return nil, []Object{{"message": fmt.Sprintf("No operation named %q", operation)}}
	}
	values, err := validator.VariableValues(e.schema, op, vars)
	if err != nil {
		var fault *gqlerror.Error
		if !errors.As(err, &fault) {
			fault = gqlerror.Errorf("%v", err)
		}
		return nil, entries(gqlerror.List{fault}, "INVALID_VARIABLE")
	}
	return &Document{engine: e, op: op, vars: values}, nil
}

// Writes says whether the operation is a mutation.
func (d *Document) Writes() bool { return d.op.Operation == ast.Mutation }

// ruleCodes are the platform's codes for rules of validation.
var ruleCodes = map[string]string{
	"FieldsOnCorrectType": "undefinedField", "KnownArgumentNames": "argumentNotAccepted",
	"ValuesOfCorrectType": "argumentLiteralsIncompatible", "ProvidedRequiredArguments": "missingRequiredArguments",
	"KnownTypeNames": "undefinedType", "ScalarLeafs": "selectionMismatch", "VariablesInAllowedPosition": "variableMismatch",
}

func entries(faults gqlerror.List, code string) []Object {
	list := make([]Object, 0, len(faults))
	for _, fault := range faults {
		known := code
		if known == "" {
			known = ruleCodes[fault.Rule]
		}
		entry := Object{"message": fault.Message, "locations": fault.Locations}
		if known != "" {
			entry["extensions"] = Object{"code": known}
		}
		list = append(list, entry)
	}
	return list
}
