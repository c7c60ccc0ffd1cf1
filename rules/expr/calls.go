package expr

import (
	"slices"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/shape"
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
	if f, ok := a.badPeriod(node); ok {
		return f
	}
	if f, ok := a.notOptional(node); ok {
		return f
	}
	if f, ok := a.otherKind(node); ok {
		return f
	}
	if f, ok := a.filledOther(node); ok {
		return f
	}
	if f, ok := a.optionalOperand(node); ok {
		return f
	}
	if symbol, ok := operators.FindReverse(fn); ok && symbol != "" && fn != operators.OldIn {
		return a.badOperator(node, symbol)
	}
	switch {
	case fn == operators.Index || fn == operators.OptIndex:
		return a.badIndex(node)
	case fn == operators.Conditional:
		return a.badConditional(node)
	case !a.names.lang.funcs[fn] || fn == operators.OldIn: // the one operator whose inner name can be written
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

// otherKind handles x.?y.orValue(…) where the value is of another kind than x.y.
// Of an object, a field of that kind is meant.
func (a *analysis) otherKind(node ast.Expr) (Fault, bool) {
	call := node.AsCall()
	if !call.IsMemberFunction() || call.FunctionName() != "orValue" || len(call.Args()) != 1 {
		return Fault{}, false
	}
	target, instead := call.Target(), call.Args()[0]
	have, given := a.typeOf(target), a.typeOf(instead)
	if !shape.IsOptional(have) || shape.IsOptional(given) {
		return Fault{}, false
	}
	from, to := a.span(instead)
	if fields := a.fieldsOfKind(target, given); len(fields) > 0 {
		f := faultAt(from, to, orValueOfObject, a.source(target), shape.TypeName(given), listing(fields))
		if len(fields) == 1 {
			_, end := a.span(target)
			f = f.fix(end, end, ".?"+fields[0])
		}
		return f, true
	}
	kind := have.Parameters()[0]
	f := faultAt(from, to, orValueOther, a.source(target), shape.TypeName(kind), shape.TypeName(given))
	if zero, ok := zeroOf(kind); ok {
		f = f.replace(zero)
	}
	return f, true
}

// filledOther handles x.filled() of what is no text.
func (a *analysis) filledOther(node ast.Expr) (Fault, bool) {
	call := node.AsCall()
	if !call.IsMemberFunction() || call.FunctionName() != "filled" || len(call.Args()) > 0 {
		return Fault{}, false
	}
	kind := a.typeOf(call.Target())
	if shape.IsOptional(kind) {
		kind = kind.Parameters()[0]
	}
	if isUnknown(kind) {
		return Fault{}, false
	}
	from, to := a.span(node)
	source := a.source(call.Target())
	return faultAt(from, to, filledOther, source, shape.TypeName(kind)).fix(from, to, source), true
}

// fieldsOfKind returns the fields of one kind that an object has; none if e is no object.
func (a *analysis) fieldsOfKind(e ast.Expr, kind *types.Type) []string {
	object := a.objectOf(e)
	if object == nil {
		return nil
	}
	var names []string
	for _, field := range object.Fields() {
		if field.Type.CEL().IsExactType(kind) && IsName(field.Name) {
			names = append(names, field.Name)
		}
	}
	return names
}

// objectUsed handles an object where one of its fields is meant: order.total >= 3000.
func (a *analysis) objectUsed(e ast.Expr, kind *types.Type) (Fault, bool) {
	fields := a.fieldsOfKind(e, kind)
	if len(fields) == 0 {
		return Fault{}, false
	}
	from, to := a.span(e)
	f := faultAt(from, to, fieldOfObject, a.source(e), shape.TypeName(kind), listing(fields))
	if len(fields) == 1 {
		f = f.fix(to, to, "."+fields[0])
	}
	return f, true
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
