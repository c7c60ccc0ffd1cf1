package expr

import (
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/value"
)

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
	if f, ok := a.dayComparison(left, right, symbol, from, to); ok {
		return f
	}
	for _, pair := range [][2]ast.Expr{{left, right}, {right, left}} {
		if f, ok := a.daysCompared(pair[0], pair[1]); ok {
			return f
		}
		if f, ok := a.nullComparison(pair[0], pair[1], symbol, from, to); ok {
			return f
		}
		if f, ok := a.objectUsed(pair[0], a.typeOf(pair[1])); ok {
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
	case want.IsExactType(value.DecimalType) && have.Kind() == types.DoubleKind && literal:
		return "decimal(" + quote(a.source(e)) + ")", true
	case want.IsExactType(value.DecimalType) && slices.Contains([]types.Kind{types.IntKind, types.StringKind}, have.Kind()):
		return "decimal(" + a.source(e) + ")", true
	case want.Kind() == types.DoubleKind && have.Kind() == types.IntKind && literal:
		return a.source(e) + ".0", true
	case want.Kind() == types.DoubleKind && have.Kind() == types.IntKind:
		return "double(" + a.source(e) + ")", true
	case want.Kind() == types.BoolKind && have.Kind() == types.StringKind && literal:
		text, ok := e.AsLiteral().(types.String)
		return string(text), ok && (text == "true" || text == "false")
	case want.Kind() == types.TimestampKind && have.Kind() == types.StringKind && literal:
		text, _ := literalText(e)
		return "timestamp(" + quote(text) + ")", !types.IsError(types.String(text).ConvertToType(types.TimestampType))
	case want.Kind() == types.TimestampKind && have.Kind() == types.StringKind:
		return "timestamp(" + a.source(e) + ")", true
	case want.IsExactType(value.DateType) && have.Kind() == types.StringKind && literal:
		text, _ := literalText(e)
		day, ok := dayOf(text)
		return "date(" + quote(day) + ")", ok
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
	if symbol == "/" && (lt.IsExactType(value.DecimalType) || rt.IsExactType(value.DecimalType)) {
		return faultAt(from, to, divideDecimal, a.source(left), a.source(right))
	}
	if f, ok := a.dayArithmetic(left, right, symbol); ok {
		return f
	}
	f := faultAt(from, to, badArithmeticFault, a.source(left), shape.TypeName(lt), a.source(right), shape.TypeName(rt), symbol)
	for _, pair := range [][2]ast.Expr{{left, right}, {right, left}} {
		have := a.typeOf(pair[1])
		start, end := a.span(pair[1])
		switch want := a.typeOf(pair[0]); {
		case symbol == "+" && want.Kind() == types.StringKind && convertibleToText(have):
			return f.fix(start, end, "string("+a.source(pair[1])+")")
		case want.IsExactType(value.DecimalType):
			if text, ok := a.convert(pair[1], want); ok {
				return f.fix(start, end, text)
			}
		case want.Kind() == types.DoubleKind && have.Kind() == types.IntKind:
			text, _ := a.convert(pair[1], want)
			return f.fix(start, end, text)
		}
	}
	return f
}

func convertibleToText(t *types.Type) bool {
	return slices.Contains([]types.Kind{types.IntKind, types.DoubleKind, types.BoolKind, types.TimestampKind}, t.Kind()) ||
		t.IsExactType(value.DateType) || t.IsExactType(value.DecimalType)
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
	for i, other := range []ast.Expr{args[2], args[1]} {
		if a.typeOf(args[1+i]).Kind() == types.NullTypeKind {
			return a.nullBranch(node, other, i == 0)
		}
	}
	return faultAt(from, to, differentBranches, shape.TypeName(a.typeOf(args[1])), shape.TypeName(a.typeOf(args[2])))
}

// nullBranch explains a condition with null on one side of its colon, which
// stands for a field that is left out.
func (a *analysis) nullBranch(node, other ast.Expr, first bool) Fault {
	from, to := a.span(node)
	name := shape.TypeName(a.typeOf(other))
	if !a.use.Optional || node.ID() != a.ast.Expr().ID() {
		return faultAt(from, to, nullNeedsValue, name)
	}
	sides := [2]string{"optional.of(" + a.source(other) + ")", "optional.none()"}
	if first {
		sides[0], sides[1] = sides[1], sides[0]
	}
	right := a.source(node.AsCall().Args()[0]) + " ? " + sides[0] + " : " + sides[1]
	return faultAt(from, to, nullBranch, right, name).fix(from, to, right)
}
