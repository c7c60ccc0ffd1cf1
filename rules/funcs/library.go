// Package funcs is the functions that rules have beyond those of CEL: text,
// Japanese names and addresses, dates, money, lists. All are deterministic.
package funcs

import (
	"github.com/google/cel-go/cel"

	"github.com/musubi-run/musubi/rules/value"
)

// Library returns all functions of language version 1.
func Library() cel.EnvOption {
	return cel.Lib(library{})
}

type library struct{}

// CompileOptions declares the functions.
func (library) CompileOptions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Types(value.DateType),
	}
}

// ProgramOptions returns nothing: the functions are bound where they are declared.
func (library) ProgramOptions() []cel.ProgramOption { return nil }
