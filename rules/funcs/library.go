// Package funcs is the functions that rules have beyond those of CEL: text,
// Japanese names, addresses and telephone numbers, dates, money, lists. All
// are deterministic: none knows the clock, the machine or its zone.
package funcs

import (
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Function is one function of the language with what people need to know of it.
type Function struct {
	Name string
	// Group is the heading under which it is listed.
	Group abi.Text
	Doc   abi.Text
	// Example is an expression, Result its value as JSON.
	Example, Result string

	options []cel.EnvOption
}

// All returns the functions by group, in the order in which they are explained.
func All() []Function {
	return slices.Concat(
		builtinFunctions(), textFunctions(), nameFunctions(), phoneFunctions(), addressFunctions(), mailFunctions(),
		dateFunctions(), birthdayFunctions(), timeFunctions(), moneyFunctions(), decimalFunctions(), listFunctions(), recentFunctions(), codeFunctions(),
	)
}

// Library returns all functions of language version 1 as an option of CEL.
func Library() cel.EnvOption { return cel.Lib(library{}) }

type library struct{}

// CompileOptions declares the functions.
func (library) CompileOptions() []cel.EnvOption {
	options := []cel.EnvOption{cel.Types(value.DateType, value.BirthdayType, value.DecimalType)}
	options = append(options, dateOperators()...)
	options = append(options, decimalOperators()...)
	options = append(options, sorting()...)
	for _, f := range All() {
		options = append(options, f.options...)
	}
	return options
}

// ProgramOptions returns nothing: the functions are bound where they are declared.
func (library) ProgramOptions() []cel.ProgramOption { return nil }

// group gives the functions of a file their heading.
func group(en, ja string, functions ...Function) []Function {
	for i := range functions {
		functions[i].Group = abi.Text{EN: en, JA: ja}
	}
	return functions
}

func doc(en, ja string) abi.Text { return abi.Text{EN: en, JA: ja} }

// method declares name on values of the first type.
func method(name string, args []*cel.Type, result *cel.Type, f func(args ...ref.Val) ref.Val) cel.EnvOption {
	return cel.Function(name, cel.MemberOverload(overload(name, args), args, result, bind(len(args), f)))
}

// function declares name(…).
func function(name string, args []*cel.Type, result *cel.Type, f func(args ...ref.Val) ref.Val) cel.EnvOption {
	return cel.Function(name, cel.Overload(overload("fn_"+name, args), args, result, bind(len(args), f)))
}

// overload names a function together with its arguments.
func overload(name string, args []*cel.Type) string {
	words := []string{name}
	for _, t := range args {
		words = append(words, t.TypeName())
	}
	return strings.Join(words, "_")
}

func bind(args int, f func(args ...ref.Val) ref.Val) cel.OverloadOpt {
	switch args {
	case 1:
		return cel.UnaryBinding(func(x ref.Val) ref.Val { return f(x) })
	case 2:
		return cel.BinaryBinding(func(x, y ref.Val) ref.Val { return f(x, y) })
	default:
		return cel.FunctionBinding(f)
	}
}

// onText declares a method of text that gives text.
func onText(name string, f func(string) string) cel.EnvOption {
	return method(name, []*cel.Type{cel.StringType}, cel.StringType, func(args ...ref.Val) ref.Val {
		return types.String(f(text(args[0])))
	})
}

// check declares a method of text that gives true or false.
func check(name string, f func(string) bool) cel.EnvOption {
	return method(name, []*cel.Type{cel.StringType}, cel.BoolType, func(args ...ref.Val) ref.Val {
		return types.Bool(f(text(args[0])))
	})
}

// text returns the text of a value that the checker knows to be one. Where the
// checker could not know, anything else is empty.
func text(v ref.Val) string {
	s, ok := v.(types.String)
	if !ok {
		return ""
	}
	return string(s)
}

func number(v ref.Val) int64 {
	n, ok := v.(types.Int)
	if !ok {
		return 0
	}
	return int64(n)
}

func list(items ...ref.Val) ref.Val {
	return types.NewRefValList(types.DefaultTypeAdapter, items)
}

func texts(items ...string) ref.Val {
	values := make([]ref.Val, len(items))
	for i, item := range items {
		values[i] = types.String(item)
	}
	return list(values...)
}

// fail is what a function returns that has no value for its arguments.
func fail(kind diag.Kind, args ...any) ref.Val { return value.Fail(kind, args...) }
