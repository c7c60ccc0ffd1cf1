package expr

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"

	"github.com/musubi-run/musubi/rules/value"
)

// ordered returns the options that put the maps which an expression makes into
// order: CEL's own walk in Go's random order, and a rule must give the same
// result every time.
func (a *analysis) ordered() []cel.ProgramOption {
	makers := map[int64]bool{}
	for id, e := range a.nodes {
		if kind := e.Kind(); (kind == ast.MapKind || kind == ast.ComprehensionKind) && a.typeOf(e).Kind() == types.MapKind {
			makers[id] = true
		}
	}
	if len(makers) == 0 {
		return nil
	}
	return []cel.ProgramOption{cel.CustomDecoratorV2(func(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
		if _, way := i.(interpreter.InterpretableAttribute); makers[i.ID()] && !way {
			return &orderedMap{i}, nil
		}
		return i, nil
	})}
}

// orderedMap makes a [value.Dict] of the map that a node gives.
type orderedMap struct{ interpreter.InterpretableV2 }

// Exec evaluates the node.
func (o *orderedMap) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	v := o.InterpretableV2.Exec(frame)
	m, ok := v.(traits.Mapper)
	if !ok {
		return v
	}
	return value.DictFrom(m)
}

// Eval evaluates the node.
func (o *orderedMap) Eval(vars interpreter.Activation) ref.Val {
	return o.Exec(interpreter.AsFrame(vars))
}
