// Package expr is the expressions of rules: CEL, typed from the connectors'
// schemas, with every fault explained in both languages. Only rules and this
// package know cel-go.
package expr

import (
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/containers"
	"github.com/google/cel-go/ext"

	"github.com/musubi-run/musubi/rules/funcs"
	"github.com/musubi-run/musubi/rules/shape"
)

// Language is one version of the expression language together with the types
// that are known to it. It may be used by many goroutines.
type Language struct {
	env   *cel.Env
	chk   *checker.Env
	types *shape.Types
	funcs map[string]bool
}

// Version1 returns the language of rules files that begin with `language: 1`.
// The list of options is part of that version: it never changes in a way that
// would change what a stored rule means.
func Version1() (*Language, error) {
	base, err := cel.NewCustomEnv(
		cel.StdLib(),
		cel.OptionalTypes(cel.OptionalTypesVersion(2)),
		cel.CrossTypeNumericComparisons(true),
		cel.DefaultUTCTimeZone(true),
		cel.ParserRecursionLimit(64),
		cel.ParserExpressionSizeLimit(maxLength),
		cel.ExpressionNodeLimit(2_000),
		cel.RegexProgramSizeLimit(2_000),
		ext.Strings(ext.StringsVersion(4)),
		ext.Lists(ext.ListsVersion(3)),
		ext.Math(ext.MathVersion(2)),
		ext.Encoders(),
		ext.Bindings(),
		ext.TwoVarComprehensions(),
		cel.Macros(hasMacro),
		funcs.Library(),
	)
	if err != nil {
		return nil, fmt.Errorf("building the expression language: %w", err)
	}
	known := shape.New(base.CELTypeProvider())
	env, err := base.Extend(cel.CustomTypeProvider(known))
	if err != nil {
		return nil, fmt.Errorf("building the expression language: %w", err)
	}
	return newLanguage(env, known)
}

// maxLength is how long an expression may be, in characters.
const maxLength = 10_000

func newLanguage(env *cel.Env, known *shape.Types) (*Language, error) {
	chk, err := checker.NewEnv(containers.DefaultContainer, known, checker.CrossTypeNumericComparisons(true))
	if err != nil {
		return nil, fmt.Errorf("building the expression checker: %w", err)
	}
	l := &Language{env: env, chk: chk, types: known, funcs: map[string]bool{}}
	for name, fn := range env.Functions() {
		if err := chk.AddFunctions(fn); err != nil {
			return nil, fmt.Errorf("declaring the function %s: %w", name, err)
		}
		l.funcs[name] = true
	}
	return l, nil
}

// Types returns the types that expressions of this language know.
func (l *Language) Types() *shape.Types { return l.types }
