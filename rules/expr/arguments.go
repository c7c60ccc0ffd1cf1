package expr

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/funcs"
	"github.com/musubi-run/musubi/rules/value"
)

// wrongArguments finds literals that a function refuses whatever it is called
// on, such as a time of day that is none: it would have no value in any run.
func (a *analysis) wrongArguments() {
	for _, e := range a.sortedNodes() {
		if e.Kind() != ast.CallKind || !funcs.Strict(e.AsCall().FunctionName()) {
			continue
		}
		if f, wrong := a.wrongArgument(e); wrong {
			a.faults = append(a.faults, f)
		}
	}
}

func (a *analysis) wrongArgument(node ast.Expr) (Fault, bool) {
	args := node.AsCall().Args()
	texts := make([]string, len(args))
	for i, arg := range args {
		if texts[i] = a.sample(arg); texts[i] == "" {
			return Fault{}, false
		}
	}
	refusal := a.tried(node, texts)
	if refusal == nil {
		return Fault{}, false
	}
	i := slices.IndexFunc(args, func(arg ast.Expr) bool { return refused(arg, refusal) })
	if i < 0 {
		return Fault{}, false
	}
	from, to := a.span(args[i])
	f := Fault{From: from, To: to, Code: refusal.Code, Text: refusal.Text}
	if text, ok := literalText(args[i]); ok {
		meant := quote(funcs.MeantArgument(refusal.Code, text))
		if texts[i] = meant; a.tried(node, texts) == nil {
			f = f.fix(from, to, meant)
		}
	}
	return f, true
}

// refused says whether a literal holds the value that a function complains of.
func refused(arg ast.Expr, refusal *value.Error) bool {
	if arg.Kind() != ast.LiteralKind || len(refusal.Args) == 0 {
		return false
	}
	literal, about := fmt.Sprint(arg.AsLiteral().Value()), fmt.Sprint(refusal.Args[0])
	return literal == about || (about != "" && strings.Contains(literal, about))
}

// tried calls a function with arguments on something of the right kind, and
// returns how it refuses one of them.
func (a *analysis) tried(node ast.Expr, args []string) *value.Error {
	call := node.AsCall()
	text := call.FunctionName() + "(" + strings.Join(args, ", ") + ")"
	if call.IsMemberFunction() {
		text = sampleOf(a.typeOf(call.Target())) + "." + text
	}
	refusal, ok := errors.AsType[*value.Error](a.names.lang.try(text))
	if !ok || !funcs.RefusesArgument(refusal.Code) {
		return nil
	}
	return refusal
}

// sample returns a literal as it is written, and of anything else a value of its kind; empty if that may be the one to refuse.
func (a *analysis) sample(arg ast.Expr) string {
	if arg.Kind() == ast.LiteralKind {
		return a.source(arg)
	}
	if a.typeOf(arg).Kind() == types.StringKind {
		return ""
	}
	return sampleOf(a.typeOf(arg))
}

// sampleOf returns a value of a type; empty if there is none to try functions on.
func sampleOf(t *types.Type) string {
	switch {
	case t.Kind() == types.StringKind:
		return "'1'"
	case t.Kind() == types.IntKind:
		return "1"
	case t.Kind() == types.TimestampKind:
		return "timestamp('2025-02-11T00:00:00Z')"
	case t.IsExactType(value.DateType):
		return "date('2025-02-11')"
	case t.IsExactType(value.BirthdayType):
		return "birthday('2000-02-11')"
	case t.IsExactType(value.DecimalType):
		return "decimal('1')"
	default:
		return ""
	}
}

// try evaluates an expression without names, and returns why it has no value.
func (l *Language) try(text string) error {
	checked, issues := l.env.Compile(text)
	if issues.Err() != nil {
		return issues.Err()
	}
	program, err := l.env.Program(checked)
	if err != nil {
		return err
	}
	_, _, err = program.Eval(cel.NoVars())
	return err
}
