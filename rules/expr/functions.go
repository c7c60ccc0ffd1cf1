package expr

import (
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/sdk/abi"
)

// badArguments explains a known function that is used with the wrong arguments.
func (a *analysis) badArguments(node ast.Expr) Fault {
	call := node.AsCall()
	from, to := a.span(node)
	var have []string
	en, ja := "", ""
	for i, arg := range call.Args() {
		name := shape.TypeName(a.typeOf(arg))
		if i > 0 {
			en, ja = en+", ", ja+"、"
		}
		en, ja = en+name.EN, ja+name.JA
		have = append(have, name.EN)
	}
	if len(have) == 0 {
		en, ja = "nothing", "なし"
	}
	if call.IsMemberFunction() {
		if f, ok := a.calledOnObject(call); ok {
			return f
		}
		on := shape.TypeName(a.typeOf(call.Target()))
		return faultAt(from, to, badMethod, call.FunctionName(), on, abi.Text{EN: en, JA: ja}, a.forms(call.FunctionName()))
	}
	return faultAt(from, to, badFunction, call.FunctionName(), abi.Text{EN: en, JA: ja}, a.forms(call.FunctionName()))
}

// calledOnObject handles order.total.yen(), where order.total.amount.yen() is meant.
func (a *analysis) calledOnObject(call ast.CallExpr) (Fault, bool) {
	decl, ok := a.names.lang.env.Functions()[call.FunctionName()]
	if !ok {
		return Fault{}, false
	}
	for _, o := range decl.OverloadDecls() {
		if !o.IsMemberFunction() || len(o.ArgTypes()) == 0 {
			continue
		}
		if f, ok := a.objectUsed(call.Target(), o.ArgTypes()[0]); ok {
			return f, true
		}
	}
	return Fault{}, false
}

// forms shows how a function can be called.
func (a *analysis) forms(fn string) abi.Text {
	decl, ok := a.names.lang.env.Functions()[fn]
	if !ok {
		return abi.Text{}
	}
	var en, ja []string
	for _, o := range decl.OverloadDecls() {
		form := signature(fn, o.IsMemberFunction(), o.ArgTypes())
		if !slices.Contains(en, form.EN) {
			en, ja = append(en, form.EN), append(ja, form.JA)
		}
	}
	const most = 4
	if len(en) > most {
		en, ja = en[:most], ja[:most]
	}
	return abi.Text{EN: strings.Join(en, ", "), JA: strings.Join(ja, "、")}
}

func signature(fn string, member bool, args []*types.Type) abi.Text {
	en, ja := make([]string, len(args)), make([]string, len(args))
	for i, t := range args {
		name := shape.TypeName(t)
		en[i], ja[i] = "<"+name.EN+">", "<"+name.JA+">"
	}
	write := func(words []string) string {
		if member {
			return words[0] + "." + fn + "(" + strings.Join(words[1:], ", ") + ")"
		}
		return fn + "(" + strings.Join(words, ", ") + ")"
	}
	return abi.Text{EN: write(en), JA: write(ja)}
}

// unknownFunction explains a function that there is not.
func (a *analysis) unknownFunction(node ast.Expr) Fault {
	call := node.AsCall()
	fn := call.FunctionName()
	from, to := a.functionName(node)
	_, end := a.span(node)
	a.covered = append(a.covered, [2]int{to, end})
	if _, known := a.names.Lookup(fn); known && !call.IsMemberFunction() {
		return faultAt(from, to, nameNotFunction, fn).fix(from, end, fn)
	}
	if fn == "text" && !call.IsMemberFunction() {
		return faultAt(from, to, textAlone)
	}
	if (fn == "link" || fn == "linked") && !call.IsMemberFunction() {
		return faultAt(from, to, linkIsAStep)
	}
	if instead, ok := otherLanguages[fn]; ok {
		return faultAt(from, to, functionElsewhere, fn, instead)
	}
	if slices.Contains(macros, fn) {
		return faultAt(from, to, macroShape, fn)
	}
	if near := diag.Closest(fn, a.functionNames()); near != "" {
		return faultAt(from, to, unknownFunctionNear, fn, near).replace(near)
	}
	return faultAt(from, to, unknownFunctionFault, fn)
}

var macros = []string{"has", "all", "exists", "exists_one", "existsOne", "map", "filter", "optMap", "optFlatMap", "transformList", "transformMap", "transformMapEntry", "bind"}

// functionName returns where a call's name stands.
func (a *analysis) functionName(node ast.Expr) (from, to int) {
	at, ok := a.offset(node)
	if !ok {
		return a.span(node)
	}
	i := a.tokenAt(at)
	if i > 0 && a.tokens[i].is("(") {
		i--
	}
	return a.tokens[i].from, a.tokens[i].to
}

func (a *analysis) functionNames() []string {
	names := slices.Clone(macros)
	for name := range a.names.lang.funcs {
		if IsName(name) && name != operators.OldIn && name != "in" {
			names = append(names, name)
		}
	}
	return names
}

// otherLanguages says what to write for functions that people know from spreadsheets and programming.
var otherLanguages = map[string]string{
	"length": "x.size()", "len": "x.size()", "LEN": "x.size()", "count": "x.size()",
	"toLowerCase": "x.lowerAscii()", "toLower": "x.lowerAscii()", "lower": "x.lowerAscii()",
	"toUpperCase": "x.upperAscii()", "toUpper": "x.upperAscii()", "upper": "x.upperAscii()",
	"isEmpty": "x == ''", "includes": "x.contains(y)", "indexof": "x.indexOf(y)", "substr": "x.substring(from, to)",
	"concat": "x + y", "CONCATENATE": "x + y", "toString": "string(x)", "str": "string(x)", "String": "string(x)",
	"parseInt": "int(x)", "toInt": "int(x)", "Number": "int(x)", "parseFloat": "double(x)", "float": "double(x)",
	"IF": "condition ? a : b", "if": "condition ? a : b", "some": "x.exists(i, …)", "any": "x.exists(i, …)", "every": "x.all(i, …)",
	"find": "x.filter(i, …)[0]", "forEach": "x.map(i, …)", "coalesce": "a.?b.orValue(c)", "ifnull": "a.?b.orValue(c)", "nvl": "a.?b.orValue(c)",
	"isNull": "!has(a.b)", "exist": "has(a.b)", "defined": "has(a.b)", "AND": "a && b", "OR": "a || b", "NOT": "!a",
}
