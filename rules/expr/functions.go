package expr

import (
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/funcs"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// badArguments explains a known function that is used with the wrong arguments.
func (a *analysis) badArguments(node ast.Expr) Fault {
	call := node.AsCall()
	from, to := a.span(node)
	if written, ok := keyed[call.FunctionName()]; ok {
		key := a.typeOf(call.Args()[0]).Parameters()[0]
		return faultAt(from, to, badKeys, written, a.keyTypes(call.FunctionName()), shape.TypeName(key))
	}
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
		if f, ok := a.calledOnTime(call, from, to); ok {
			return f
		}
		on := shape.TypeName(a.typeOf(call.Target()))
		return faultAt(from, to, badMethod, call.FunctionName(), on, abi.Text{EN: en, JA: ja}, a.forms(call.FunctionName()))
	}
	return faultAt(from, to, badFunction, asWritten(call.FunctionName()), abi.Text{EN: en, JA: ja}, a.forms(call.FunctionName()))
}

// keyed are the functions that go by something of each item, by what they become.
var keyed = map[string]string{funcs.SortKeys: "sortBy", funcs.GroupKeys: "groupBy"}

// keyTypes names what a function can go by.
func (a *analysis) keyTypes(fn string) abi.Text {
	var en, ja []string
	for _, o := range a.names.lang.env.Functions()[fn].OverloadDecls() {
		if name := shape.TypeName(o.ArgTypes()[1].Parameters()[0]); !slices.Contains(en, name.EN) {
			en, ja = append(en, name.EN), append(ja, name.JA)
		}
	}
	return abi.Text{EN: strings.Join(en, ", "), JA: strings.Join(ja, "、")}
}

// asWritten returns the name by which people call a function.
func asWritten(fn string) string {
	return strings.NewReplacer("math.@max", "math.greatest", "math.@min", "math.least").Replace(fn)
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

// calledOnTime handles x.year() of a time, which dates have.
func (a *analysis) calledOnTime(call ast.CallExpr, from, to int) (Fault, bool) {
	if a.typeOf(call.Target()).Kind() != types.TimestampKind || len(call.Args()) > 0 || !a.isMethod(call.FunctionName(), value.DateType) {
		return Fault{}, false
	}
	written := a.asDay(call.Target()) + "." + call.FunctionName() + "()"
	return faultAt(from, to, partOfDay, call.FunctionName(), written).fix(from, to, written), true
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
		return asWritten(fn) + "(" + strings.Join(words, ", ") + ")"
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
	"toLowerCase": "x.lower()", "toLower": "x.lower()", "lower": "x.lower()",
	"toUpperCase": "x.upper()", "toUpper": "x.upper()", "upper": "x.upper()",
	"isEmpty": "x == ''", "includes": "x.contains(y)", "indexof": "x.indexOf(y)", "substr": "x.substring(from, to)",
	"concat": "x + y", "CONCATENATE": "x + y", "toString": "string(x)", "str": "string(x)", "String": "string(x)",
	"parseInt": "int(x)", "toInt": "int(x)", "Number": "int(x)", "parseFloat": "double(x)", "float": "double(x)",
	"max": "math.greatest(x)", "MAX": "math.greatest(x)", "min": "math.least(x)", "MIN": "math.least(x)", "SUM": "x.sum()",
	"avg": "x.sum() / x.size()", "average": "x.sum() / x.size()", "mean": "x.sum() / x.size()",
	"IF": "condition ? a : b", "if": "condition ? a : b", "some": "x.exists(i, …)", "any": "x.exists(i, …)", "every": "x.all(i, …)",
	"find": "x.filter(i, …).first()", "forEach": "x.map(i, …)", "coalesce": "a.?b.orValue(c)", "ifnull": "a.?b.orValue(c)", "nvl": "a.?b.orValue(c)",
	"isNull": "!has(a.b)", "exist": "has(a.b)", "defined": "has(a.b)", "AND": "a && b", "OR": "a || b", "NOT": "!a",
}
