package expr

import (
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/decls"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/shape"
)

// explain turns an error of CEL's checker into a fault that says what to do.
// It looks at the node that the error is about, never at the error's words.
func (a *analysis) explain(e *common.Error) Fault {
	node, ok := a.nodes[e.ExprID]
	if !ok {
		return a.unexplained(e)
	}
	if f, ok := a.notAList(node); ok {
		return f
	}
	if f, ok := a.notTruth(node); ok {
		return f
	}
	switch node.Kind() {
	case ast.IdentKind:
		return a.unknownName(node)
	case ast.SelectKind:
		return a.unknownField(node, node.AsSelect().Operand(), node.AsSelect().FieldName())
	case ast.CallKind:
		return a.badCall(node)
	case ast.StructKind:
		from, to := a.span(node)
		return faultAt(from, to, noObjects)
	default:
		return a.unexplained(e)
	}
}

// unexplained keeps CEL's own words, which are English.
func (a *analysis) unexplained(e *common.Error) Fault {
	return faultAt(0, len(a.text), otherFault, e.Message)
}

// notAList handles items.exists(...) and its like where items is no list.
func (a *analysis) notAList(node ast.Expr) (Fault, bool) {
	up, ok := a.parent[node.ID()]
	if !ok || up.Kind() != ast.ComprehensionKind || up.AsComprehension().IterRange().ID() != node.ID() {
		return Fault{}, false
	}
	t := a.typeOf(node)
	if shape.IsOptional(t) {
		from, to := a.span(node)
		return faultAt(from, to, optionalList, a.source(node)).fix(from, to, a.source(node)+".orValue([])"), true
	}
	if t.Kind() == types.ListKind || t.Kind() == types.MapKind || isUnknown(t) {
		return Fault{}, false
	}
	from, to := a.span(node)
	return faultAt(from, to, notAListFault, a.source(node), shape.TypeName(t)), true
}

// notTruth handles x && y where x is neither true nor false; CEL reports the operand itself.
func (a *analysis) notTruth(node ast.Expr) (Fault, bool) {
	up, ok := a.parent[node.ID()]
	if !ok || up.Kind() != ast.CallKind || isUnknown(a.typeOf(node)) {
		return Fault{}, false
	}
	switch up.AsCall().FunctionName() {
	case operators.LogicalAnd, operators.LogicalOr:
		return a.notBool([]ast.Expr{node}), a.typeOf(node).Kind() != types.BoolKind
	}
	return Fault{}, false
}

func isUnknown(t *types.Type) bool {
	switch t.Kind() {
	case types.DynKind, types.ErrorKind, types.TypeParamKind, types.AnyKind:
		return true
	default:
		return false
	}
}

// environment is how variables of the environment and stores of secrets are called.
var environment = regexp.MustCompile(`^([A-Z][A-Z0-9_]+|env|process|secrets?)$`)

// unknownName explains a name that nothing has.
func (a *analysis) unknownName(node ast.Expr) Fault {
	name := node.AsIdent()
	from, to := a.span(node)
	if a.names.Hidden != nil {
		if kind, found := a.names.Hidden(name); found {
			return faultAt(from, to, kind, name)
		}
	}
	if _, known := a.names.Lookup(NameNow); name == NameToday && known {
		return faultAt(from, to, todayOfFlow).replace(NameNow + ".date()")
	}
	if dotted := a.withDot(node); dotted != "" {
		return faultAt(from, to, unknownNameNear, name, dotted).replace(dotted)
	}
	if near := diag.Closest(name, a.names.all()); near != "" {
		return faultAt(from, to, unknownNameNear, name, near).replace(near)
	}
	if a.comparedWithText(node) {
		return faultAt(from, to, nameNotText, name).replace(quote(name))
	}
	if environment.MatchString(name) {
		return faultAt(from, to, noEnvironment, name)
	}
	return faultAt(from, to, unknownNameFault, name, strings.Join(a.names.all(), ", "))
}

// withDot returns a name that lost its dot, bsku where b.sku is meant; empty if it is none.
func (a *analysis) withDot(node ast.Expr) string {
	name := node.AsIdent()
	for up, ok := a.parent[node.ID()]; ok; up, ok = a.parent[up.ID()] {
		if up.Kind() != ast.ComprehensionKind {
			continue
		}
		of := a.typeOf(up.AsComprehension().IterRange())
		field, cut := strings.CutPrefix(name, up.AsComprehension().IterVar())
		if !cut || of.Kind() != types.ListKind || of.Parameters()[0].Kind() != types.StructKind {
			continue
		}
		if _, found := a.names.lang.types.From(of.Parameters()[0]).Field(field); found {
			return up.AsComprehension().IterVar() + "." + field
		}
	}
	for _, known := range a.names.all() {
		v, _ := a.names.Lookup(known)
		field, cut := strings.CutPrefix(name, known)
		if !cut || v.Type == nil || !v.Type.IsObject() {
			continue
		}
		if _, found := v.Type.Field(field); found {
			return known + "." + field
		}
	}
	return ""
}

// comparedWithText says whether a name stands where text would fit: x.status == active.
func (a *analysis) comparedWithText(node ast.Expr) bool {
	up, ok := a.parent[node.ID()]
	if !ok || up.Kind() != ast.CallKind || len(up.AsCall().Args()) != 2 {
		return false
	}
	for _, arg := range up.AsCall().Args() {
		if arg.ID() != node.ID() && arg.Kind() != ast.LiteralKind && a.typeOf(arg).Kind() == types.StringKind {
			return true
		}
	}
	return false
}

// unknownField explains a field that its object does not have.
func (a *analysis) unknownField(node, operand ast.Expr, field string) Fault {
	if call, ok := a.ofMember(node, field); ok {
		from, to := a.functionName(call)
		return faultAt(from, to, notOfMember, call.AsCall().FunctionName(), a.source(operand))
	}
	from, to := a.fieldName(node)
	owner := a.source(operand)
	t := a.typeOf(operand)
	if shape.IsOptional(t) {
		t = t.Parameters()[0]
	}
	if object := a.objectOf(operand); object != nil {
		return a.missingField(node, object, from, to, owner, field)
	}
	if a.isMethod(field, t) {
		return faultAt(from, to, fieldIsFunction, owner, shape.TypeName(t), field).replace(field + "()")
	}
	switch {
	case t.Kind() == types.ListKind:
		return a.fieldOfList(node, operand, from, to, owner, field)
	case t.Kind() == types.TimestampKind || t.Kind() == types.DurationKind:
		return faultAt(from, to, fieldOfTime, owner, field, shape.TypeName(t))
	default:
		return a.fieldOfValue(node, from, to, owner, field, t)
	}
}

// isMethod says whether a function without arguments can be called on a type.
func (a *analysis) isMethod(name string, on *types.Type) bool {
	decl, ok := a.names.lang.env.Functions()[name]
	if !ok {
		return false
	}
	return slices.ContainsFunc(decl.OverloadDecls(), func(o *decls.OverloadDecl) bool {
		return o.IsMemberFunction() && len(o.ArgTypes()) == 1 && o.ArgTypes()[0].IsExactType(on)
	})
}

func (a *analysis) missingField(node ast.Expr, object *shape.Type, from, to int, owner, field string) Fault {
	names := object.FieldNames()
	if near := diag.Closest(field, a.fitting(node, object)); near != "" {
		f := faultAt(from, to, unknownFieldNear, owner, field, near)
		switch {
		case a.tokens[a.tokenAt(from)].kind == tokenString: // x['name']
			return f.replace(quote(near))
		case IsName(near):
			return f.replace(near)
		}
		return f
	}
	if len(names) == 0 {
		return faultAt(from, to, noFieldsFault, owner, field)
	}
	return faultAt(from, to, unknownFieldFault, owner, field, listing(names))
}

// fitting names the fields that may stand in the place of node: only objects where a field of it is taken.
func (a *analysis) fitting(node ast.Expr, object *shape.Type) []string {
	up, ok := a.parent[node.ID()]
	if !ok || up.Kind() != ast.SelectKind || up.AsSelect().Operand().ID() != node.ID() {
		return object.FieldNames()
	}
	var names []string
	for _, f := range object.Fields() {
		if f.Type.IsObject() || f.Type.IsAny() || f.Type.CEL().Kind() == types.MapKind {
			names = append(names, f.Name)
		}
	}
	return names
}

func (a *analysis) fieldOfList(node, operand ast.Expr, from, to int, owner, field string) Fault {
	f := faultAt(from, to, fieldOfListFault, owner, field)
	if field == "length" || field == "count" {
		start, end := a.span(node)
		return faultAt(from, to, sizeOf, field, owner).fix(start, end, owner+".size()")
	}
	if at, ok := a.offset(node); ok && a.tokens[a.tokenAt(at)].is("[") {
		return faultAt(from, to, listIndex, owner, shape.TypeName(types.StringType))
	}
	_, end := a.span(operand)
	return f.fix(end, end, "[0]")
}

func (a *analysis) fieldOfValue(node ast.Expr, from, to int, owner, field string, t *types.Type) Fault {
	if field == "length" {
		start, end := a.span(node)
		return faultAt(from, to, sizeOf, field, owner).fix(start, end, owner+".size()")
	}
	return faultAt(from, to, fieldOfValueFault, owner, shape.TypeName(t), field)
}

// all returns the names that can be used, sorted.
func (n *Names) all() []string {
	names := make([]string, 0, len(n.vars))
	for name := range n.vars {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// listing names at most a dozen things.
func listing(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// IsName says whether a text can be a name in expressions.
func IsName(text string) bool {
	tokens := scan(text)
	return len(tokens) == 1 && tokens[0].kind == tokenName
}
