package graphql

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// CheckImport says why a document cannot be carried out once for each line of a
// file, or nothing. Its variables come with the lines and are not checked here.
//
// One mutation, none that starts bulk operations, one connection at the most:
// OFFICIAL, the platform's guide to bulk imports.
func (e *Engine) CheckImport(text string) error {
	parsed, faults := gqlparser.LoadQueryWithRules(e.schema, text, nil)
	if len(faults) > 0 {
		return errors.New(faults[0].Message)
	}
	if len(parsed.Operations) != 1 || parsed.Operations[0].Operation != ast.Mutation {
		return errors.New("it must be one mutation")
	}
	set := parsed.Operations[0].SelectionSet
	field, ok := set[0].(*ast.Field)
	switch {
	case len(set) != 1 || !ok:
		return errors.New("it must have one field")
	case strings.HasPrefix(field.Name, "bulkOperation"):
		return fmt.Errorf("%s is not supported in bulk", field.Name)
	}
	connections, depth := 0, 0
	walk(set, 0, &connections, &depth)
	if connections > 1 {
		return errors.New("it cannot contain more than one connection")
	}
	return nil
}
