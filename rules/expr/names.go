package expr

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/containers"
	"github.com/google/cel-go/common/decls"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/shape"
)

// Var is a name that expressions can use.
type Var struct {
	Name string
	Type *shape.Type
	// Maybe says that the name may have no value, because the step that gives it one may be skipped.
	Maybe bool
}

func (v Var) cel() *types.Type {
	if v.Maybe {
		return types.NewOptionalType(v.Type.CEL())
	}
	return v.Type.CEL()
}

// Names is what can be seen from one place of a flow. It is immutable.
type Names struct {
	lang *Language
	vars map[string]Var
	// Hidden explains names that exist but cannot be seen from here; may be nil.
	Hidden func(name string) (diag.Kind, bool)

	once sync.Once
	chk  *checker.Env
	err  error
}

// Names returns the names that every expression sees.
func (l *Language) Names(vars ...Var) *Names {
	n := &Names{lang: l, vars: map[string]Var{}}
	return n.With(vars...)
}

// With returns n with more names; a name that is there already changes.
func (n *Names) With(vars ...Var) *Names {
	if len(vars) == 0 {
		return n
	}
	all := make(map[string]Var, len(n.vars)+len(vars))
	maps.Copy(all, n.vars)
	for _, v := range vars {
		all[v.Name] = v
	}
	return &Names{lang: n.lang, vars: all, Hidden: n.Hidden}
}

// Lookup returns the name's variable.
func (n *Names) Lookup(name string) (Var, bool) {
	v, ok := n.vars[name]
	return v, ok
}

// Reserved says whether a name means something in the language itself, so that no step may have it.
func (l *Language) Reserved(name string) bool {
	if _, found := l.types.FindIdent(name); found {
		return true
	}
	return slices.Contains(reservedWords, name)
}

var reservedWords = []string{
	"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if",
	"import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
}

// checker returns CEL's checker for these names.
func (n *Names) checker() (*checker.Env, error) {
	n.once.Do(func() {
		chk, err := checker.NewEnv(containers.DefaultContainer, n.lang.types,
			checker.CrossTypeNumericComparisons(true), checker.ValidatedDeclarations(n.lang.chk))
		if err != nil {
			n.err = fmt.Errorf("building the expression checker: %w", err)
			return
		}
		for _, name := range slices.Sorted(maps.Keys(n.vars)) {
			if err := chk.AddIdents(decls.NewVariable(name, n.vars[name].cel())); err != nil {
				n.err = fmt.Errorf("declaring the name %s: %w", name, err)
				return
			}
		}
		n.chk = chk
	})
	return n.chk, n.err
}
