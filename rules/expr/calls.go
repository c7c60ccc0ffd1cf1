package expr

import (
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// badCall explains a call or an operator that does not fit its operands.
func (a *analysis) badCall(node ast.Expr) Fault {
	call := node.AsCall()
	fn := call.FunctionName()
	switch fn {
	case operators.OptSelect:
		name, _ := constantIndex(node)
		return a.unknownField(node, call.Args()[0], name)
	case markedHas:
		from, to := a.span(node)
		return faultAt(from, to, badHas)
	}
	if f, ok := a.notOptional(node); ok {
		return f
	}
	if f, ok := a.optionalOperand(node); ok {
		return f
	}
	if symbol, ok := operators.FindReverse(fn); ok && symbol != "" {
		return a.badOperator(node, symbol)
	}
	switch {
	case fn == operators.Index || fn == operators.OptIndex:
		return a.badIndex(node)
	case fn == operators.Conditional:
		return a.badConditional(node)
	case !a.names.lang.funcs[fn]:
		return a.unknownFunction(node)
	default:
		return a.badArguments(node)
	}
}

// notOptional handles x.y.orValue(…) where the ? was forgotten, or is not needed.
func (a *analysis) notOptional(node ast.Expr) (Fault, bool) {
	call := node.AsCall()
	fn := call.FunctionName()
	if !call.IsMemberFunction() || !slices.Contains([]string{"orValue", "hasValue", "value", "or"}, fn) {
		return Fault{}, false
	}
	target := call.Target()
	if t := a.typeOf(target); shape.IsOptional(t) || isUnknown(t) {
		return Fault{}, false
	}
	start, end := a.span(target)
	_, callEnd := a.span(node)
	if field, ok := a.fieldOf(target); ok && field.Optional {
		from, to := a.fieldName(target)
		fix := string(a.text[start:from]) + "?" + string(a.text[from:end])
		return faultAt(from, to, mayBeAbsent, a.source(target), field.Name).fix(start, end, fix), true
	}
	return faultAt(end, callEnd, alwaysThere, a.source(target), fn).fix(end, callEnd, ""), true
}

// operands returns what a call is applied to, its receiver first.
func operands(call ast.CallExpr) []ast.Expr {
	if call.IsMemberFunction() {
		return append([]ast.Expr{call.Target()}, call.Args()...)
	}
	return call.Args()
}

// optionalOperand finds a value that may be absent where a value is needed.
func (a *analysis) optionalOperand(node ast.Expr) (Fault, bool) {
	if !a.names.lang.funcs[node.AsCall().FunctionName()] {
		return Fault{}, false
	}
	for _, arg := range operands(node.AsCall()) {
		t := a.typeOf(arg)
		if !shape.IsOptional(t) {
			continue
		}
		from, to := a.span(arg)
		f := faultAt(from, to, optionalUsed, a.source(arg))
		if zero, ok := zeroOf(t.Parameters()[0]); ok {
			f = f.fix(from, to, a.source(arg)+".orValue("+zero+")")
		}
		return f, true
	}
	return Fault{}, false
}

// badOperator explains 1 + "a" and its like.
func (a *analysis) badOperator(node ast.Expr, symbol string) Fault {
	args := node.AsCall().Args()
	switch symbol {
	case "&&", "||", "!":
		return a.notBool(args)
	case "==", "!=", "<", "<=", ">", ">=":
		return a.badComparison(node, symbol)
	case "in":
		return a.badMembership(node)
	}
	if len(args) != 2 {
		from, to := a.span(node)
		return faultAt(from, to, badSign, symbol, shape.TypeName(a.typeOf(args[0])))
	}
	return a.badArithmetic(node, symbol)
}

func (a *analysis) notBool(args []ast.Expr) Fault {
	for _, arg := range args {
		if t := a.typeOf(arg); t.Kind() != types.BoolKind && !isUnknown(t) {
			from, to := a.span(arg)
			return faultAt(from, to, notBoolFault, a.source(arg), shape.TypeName(t))
		}
	}
	return faultAt(0, len(a.text), notBoolFault, string(a.text), shape.TypeName(types.DynType))
}

// badComparison explains a comparison of different types and offers the
// conversion that is most likely meant.
func (a *analysis) badComparison(node ast.Expr, symbol string) Fault {
	left, right := node.AsCall().Args()[0], node.AsCall().Args()[1]
	from, to := a.span(node)
	for _, pair := range [][2]ast.Expr{{left, right}, {right, left}} {
		if f, ok := a.nullComparison(pair[0], pair[1], symbol, from, to); ok {
			return f
		}
		if f, ok := a.textOrder(pair[0], pair[1], symbol); ok {
			return f
		}
		if text, ok := a.convert(pair[1], a.typeOf(pair[0])); ok {
			f := faultAt(from, to, differentTypes, a.source(left), shape.TypeName(a.typeOf(left)), a.source(right), shape.TypeName(a.typeOf(right)))
			start, end := a.span(pair[1])
			return f.fix(start, end, text)
		}
	}
	if a.typeOf(left).IsExactType(a.typeOf(right)) {
		return faultAt(from, to, noOrder, shape.TypeName(a.typeOf(left)), symbol)
	}
	return faultAt(from, to, differentTypes, a.source(left), shape.TypeName(a.typeOf(left)), a.source(right), shape.TypeName(a.typeOf(right)))
}

// textOrder handles a text with digits that is compared with a number by size:
// as texts, "10" would come before "9".
func (a *analysis) textOrder(e, number ast.Expr, symbol string) (Fault, bool) {
	if symbol == "==" || symbol == "!=" || a.typeOf(e).Kind() != types.StringKind || a.typeOf(number).Kind() != types.IntKind {
		return Fault{}, false
	}
	from, to := a.span(e)
	f := faultAt(from, to, differentTypes, a.source(e), shape.TypeName(a.typeOf(e)), a.source(number), shape.TypeName(a.typeOf(number)))
	return f.fix(from, to, "int("+a.source(e)+")"), true
}

// nullComparison handles x.y == null: absence is what has() tells.
func (a *analysis) nullComparison(e, null ast.Expr, symbol string, from, to int) (Fault, bool) {
	if null.Kind() != ast.LiteralKind || null.AsLiteral() != types.NullValue {
		return Fault{}, false
	}
	f := faultAt(from, to, comparedWithNull, a.source(e))
	if e.Kind() != ast.SelectKind {
		return f, true
	}
	fix := "has(" + a.source(e) + ")"
	if symbol == "==" {
		fix = "!" + fix
	}
	return f.fix(from, to, fix), true
}

// convert returns e written so that it has the wanted type, if that is surely meant.
func (a *analysis) convert(e ast.Expr, want *types.Type) (string, bool) {
	have := a.typeOf(e)
	literal := e.Kind() == ast.LiteralKind
	switch {
	case want.Kind() == types.StringKind && have.Kind() == types.IntKind && literal:
		return quote(a.source(e)), true
	case want.Kind() == types.StringKind && have.Kind() == types.IntKind:
		return "string(" + a.source(e) + ")", true
	case want.Kind() == types.IntKind && have.Kind() == types.StringKind && literal:
		return unquoteInt(e)
	case want.Kind() == types.DoubleKind && have.Kind() == types.IntKind && literal:
		return a.source(e) + ".0", true
	case want.Kind() == types.DoubleKind && have.Kind() == types.IntKind:
		return "double(" + a.source(e) + ")", true
	case want.Kind() == types.BoolKind && have.Kind() == types.StringKind && literal:
		text, ok := e.AsLiteral().(types.String)
		return string(text), ok && (text == "true" || text == "false")
	case want.Kind() == types.TimestampKind && have.Kind() == types.StringKind:
		return "timestamp(" + a.source(e) + ")", true
	case want.IsExactType(value.DateType) && have.Kind() == types.StringKind:
		return "date(" + a.source(e) + ")", true
	case want.IsExactType(value.DateType) && have.Kind() == types.TimestampKind:
		return a.source(e) + ".date()", true
	}
	return "", false
}

func unquoteInt(e ast.Expr) (string, bool) {
	text, ok := e.AsLiteral().(types.String)
	if !ok {
		return "", false
	}
	if tokens := scan(string(text)); len(tokens) == 1 && tokens[0].kind == tokenNumber && !strings.Contains(string(text), ".") {
		return string(text), true
	}
	return "", false
}

func (a *analysis) badMembership(node ast.Expr) Fault {
	left, right := node.AsCall().Args()[0], node.AsCall().Args()[1]
	from, to := a.span(node)
	t := a.typeOf(right)
	switch {
	case t.Kind() == types.StringKind:
		return faultAt(from, to, inText, a.source(right)).fix(from, to, a.source(right)+".contains("+a.source(left)+")")
	case t.Kind() == types.ListKind:
		return faultAt(from, to, inOtherList, a.source(left), shape.TypeName(a.typeOf(left)), a.source(right), shape.TypeName(t))
	case t.Kind() == types.StructKind:
		return faultAt(from, to, inObject, a.source(right))
	default:
		return faultAt(from, to, inNothing, a.source(right), shape.TypeName(t))
	}
}

func (a *analysis) badArithmetic(node ast.Expr, symbol string) Fault {
	left, right := node.AsCall().Args()[0], node.AsCall().Args()[1]
	from, to := a.span(node)
	lt, rt := a.typeOf(left), a.typeOf(right)
	f := faultAt(from, to, badArithmeticFault, a.source(left), shape.TypeName(lt), a.source(right), shape.TypeName(rt), symbol)
	for _, pair := range [][2]ast.Expr{{left, right}, {right, left}} {
		have := a.typeOf(pair[1])
		start, end := a.span(pair[1])
		switch want := a.typeOf(pair[0]); {
		case symbol == "+" && want.Kind() == types.StringKind && convertibleToText(have):
			return f.fix(start, end, "string("+a.source(pair[1])+")")
		case want.Kind() == types.DoubleKind && have.Kind() == types.IntKind:
			text, _ := a.convert(pair[1], want)
			return f.fix(start, end, text)
		}
	}
	return f
}

func convertibleToText(t *types.Type) bool {
	return slices.Contains([]types.Kind{types.IntKind, types.DoubleKind, types.BoolKind, types.TimestampKind}, t.Kind()) ||
		t.IsExactType(value.DateType)
}

func (a *analysis) badIndex(node ast.Expr) Fault {
	args := node.AsCall().Args()
	from, to := a.span(node)
	t := a.typeOf(args[0])
	switch {
	case t.Kind() == types.ListKind:
		return faultAt(from, to, listIndex, a.source(args[0]), shape.TypeName(a.typeOf(args[1])))
	case t.Kind() == types.StructKind:
		return faultAt(from, to, objectIndex, a.source(args[0]))
	default:
		return faultAt(from, to, noIndex, a.source(args[0]), shape.TypeName(t))
	}
}

func (a *analysis) badConditional(node ast.Expr) Fault {
	args := node.AsCall().Args()
	if t := a.typeOf(args[0]); t.Kind() != types.BoolKind && !isUnknown(t) {
		return a.notBool(args[:1])
	}
	from, to := a.span(node)
	return faultAt(from, to, differentBranches, shape.TypeName(a.typeOf(args[1])), shape.TypeName(a.typeOf(args[2])))
}

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
		on := shape.TypeName(a.typeOf(call.Target()))
		return faultAt(from, to, badMethod, call.FunctionName(), on, abi.Text{EN: en, JA: ja}, a.forms(call.FunctionName()))
	}
	return faultAt(from, to, badFunction, call.FunctionName(), abi.Text{EN: en, JA: ja}, a.forms(call.FunctionName()))
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
		if IsName(name) {
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
