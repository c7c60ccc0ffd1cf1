package rules

import (
	"maps"
	"slices"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// inputShape is the input of an action by which a step says which declared
// shape its result has.
const inputShape = "shape"

// declareTriggers gives the data of triggers the shapes that the connection's
// lockfile declares under their names.
func declareTriggers(m *abi.Manifest, objects map[string]*abi.Schema) *abi.Manifest {
	declared := *m
	declared.Triggers = slices.Clone(m.Triggers)
	for i := range declared.Triggers {
		t := &declared.Triggers[i]
		if shape := objects[t.Name]; shape != nil {
			t.Data = withDeclared(t.Data, shape)
		}
	}
	return &declared
}

// withDeclared returns a copy of an object's schema whose declared values have the shape.
func withDeclared(s, shape *abi.Schema) *abi.Schema {
	for _, name := range declaredIn(s) {
		named := *shape
		named.Doc, named.DocJA = s.Properties[name].Doc, s.Properties[name].DocJA
		s = withProperty(s, name, &named)
		if !slices.Contains(s.Required, name) { // who declares it relies on it
			s.Required = append(slices.Clone(s.Required), name)
		}
	}
	return s
}

// declaredIn are the properties whose shape people may declare.
func declaredIn(s *abi.Schema) []string {
	if s == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.Properties)), func(name string) bool { return !s.Properties[name].Declared })
}

// declared gives the result of an action the shape that the step names.
func (b *builder) declared(connection string, action *abi.Action, s *stepReader) *abi.Action {
	if s.keys["with"] == nil || len(declaredIn(action.Output)) == 0 {
		return action
	}
	node := s.keys["with"].Get(inputShape)
	name, known := b.knownText(node)
	if !known {
		return action
	}
	objects := b.catalog.Connections[connection].Objects
	shape := objects[name]
	if shape == nil {
		b.unknownShape(node.Span(), connection, name, slices.Sorted(maps.Keys(objects)))
		return action
	}
	shaped := *action
	shaped.Output = withDeclared(action.Output, shape)
	return &shaped
}

func (b *builder) unknownShape(at source.Span, connection, name string, names []string) {
	if near := diag.Closest(name, names); near != "" {
		b.report.AddFix(at, at.Fix(near), unknownShapeNear, connection+objectsSuffix, name, near)
		return
	}
	b.report.Add(at, unknownShape, connection+objectsSuffix, name)
}
