package expr

import (
	"context"
	"errors"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/funcs"
	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// EvalError is why an expression has no value for the data at hand. Offset is
// where in its text, in runes.
type EvalError struct {
	Offset int
	Text   abi.Text
}

// Error returns the English text.
func (f *EvalError) Error() string { return f.Text.EN }

// Eval evaluates the expression. An error is a *[EvalError].
func (e *Expr) Eval(vars interpreter.Activation) (ref.Val, error) {
	if e.maybe != nil {
		vars = &maybeVars{vars, e.maybe}
	}
	v, err := e.run(vars)
	if err != nil {
		return nil, e.failure(err)
	}
	return v, nil
}

// run evaluates the program. CEL asks whether it was interrupted once every
// maxRounds rounds of loops; here it always was, so that is the most there can be.
func (e *Expr) run(vars interpreter.Activation) (ref.Val, error) {
	if !e.counted {
		v, _, err := e.program.Eval(vars)
		return v, err
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	v, _, err := e.program.ContextEval(ctx, vars)
	return v, err
}

// maybeVars makes optional values of the names that may have none.
type maybeVars struct {
	interpreter.Activation
	maybe map[string]bool
}

// ResolveName finds a name's value.
func (m *maybeVars) ResolveName(name string) (any, bool) {
	v, found := m.Activation.ResolveName(name)
	if !m.maybe[name] {
		return v, found
	}
	if !found {
		return types.OptionalNone, true
	}
	val, ok := v.(ref.Val)
	if !ok {
		return v, true
	}
	return types.OptionalOf(val), true
}

// failure says in words what went wrong, from the node at which it did. The
// tree is parsed again: expressions fail seldom, and trees are large.
func (e *Expr) failure(err error) *EvalError {
	f := &EvalError{Text: evaluationFault.Text(err.Error())}
	if _, costly := errors.AsType[interpreter.EvalCancelledError](err); costly || errors.Is(err, interpreter.InterruptError{}) {
		f.Text = tookTooLong.Text()
	}
	if celErr, ok := errors.AsType[*types.Err](err); ok {
		if node, offset, found := e.find(celErr.NodeID()); found {
			f.Offset = offset
			if way, ok := path(node); ok {
				f.Text = notThere.Text(way)
			} else if kind, ok := failureKind(node, celErr); ok {
				f.Text = kind.Text()
			}
		} else if strings.HasSuffix(celErr.Error(), noIterable) {
			f.Text = noList.Text()
		}
	}
	if fault, ok := errors.AsType[*value.Error](err); ok {
		f.Text = fault.Text
	}
	return f
}

// find returns the node with this id and where it stands.
func (e *Expr) find(id int64) (node ast.Expr, offset int, found bool) {
	parsed, issues := e.scope.lang.env.Parse(e.Text)
	if issues.Err() != nil {
		return nil, 0, false
	}
	tree := parsed.NativeRep()
	e.scope.rewrite(tree)
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(n ast.Expr) {
		if n.ID() == id {
			node = n
		}
	}))
	at, ok := tree.SourceInfo().GetOffsetRange(id)
	return node, int(at.Start), ok && node != nil
}

func failureKind(node ast.Expr, err error) (diag.Kind, bool) {
	switch node.Kind() {
	case ast.SelectKind:
		of := node.AsSelect().Operand()
		if of.Kind() == ast.CallKind && of.AsCall().FunctionName() == operators.Index {
			return noSuchItemOrField, true
		}
		return noSuchKey, true
	case ast.CallKind:
	default:
		return diag.Kind{}, false
	}
	if name := node.AsCall().FunctionName(); name != operators.Index && strings.HasPrefix(err.Error(), noOverload) {
		return otherKind, true
	} else if kind, ok := callFailures[name]; ok {
		return kind, true
	}
	return diag.Kind{}, false
}

// How CEL calls what tells of no node, or of any: an operator or a function
// that gets a value of a kind that it does not know, and a loop over no list.
const (
	noOverload = "no such overload"
	noIterable = "expected iterable type"
)

// callFailures are why operators and functions have no value for values of the right kind.
var callFailures = map[string]diag.Kind{
	operators.Index:    noSuchItem,
	operators.Divide:   dividedByZero,
	operators.Modulo:   dividedByZero,
	operators.Add:      numberOverflow,
	operators.Subtract: numberOverflow,
	operators.Multiply: numberOverflow,
	operators.Negate:   numberOverflow,
	"int":              notANumber,
	"double":           notANumber,
	"uint":             notANumber,
	"timestamp":        notATime,
	"duration":         notADuration,
	"substring":        tooShort,
	"charAt":           tooShort,
	"slice":            tooShort,
	"math.@max":        emptyList,
	"math.@min":        emptyList,
	"matches":          badPatternNow,
	"sort":             unsortable,
	funcs.SortKeys:     unsortable,
}
