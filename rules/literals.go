package rules

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/rules/value"
	"github.com/musubi-run/musubi/sdk/abi"
)

// literal compiles a scalar without expressions.
func (v *values) literal(node *source.Node, want *shape.Type, at slot) part {
	before := len(v.report.Problems)
	kind := node.Literal(&v.report)
	if len(v.report.Problems) > before {
		return nil
	}
	if want.Schema().Format == "decimal" && (kind == source.Int || kind == source.Float) {
		return v.textLiteral(node, node.Text(), want, at) // the digits count, not the number
	}
	switch kind {
	case source.Null:
		return v.nullLiteral(node, want, at)
	case source.Bool:
		return v.typed(node, types.Bool(node.Text() == "true"), boolText, want, at, abi.TypeBoolean)
	case source.Int:
		return v.intLiteral(node, want, at)
	case source.Float:
		f, err := strconv.ParseFloat(node.Text(), 64)
		if err != nil {
			v.wrongType(node, numberText, want, at)
			return nil
		}
		return v.typed(node, types.Double(f), numberText, want, at, abi.TypeNumber)
	default:
		return v.textLiteral(node, node.Text(), want, at)
	}
}

func (v *values) nullLiteral(node *source.Node, want *shape.Type, at slot) part {
	switch {
	case node.IsEmpty():
		v.add(node, emptyValue)
		return nil
	case !want.IsAny() && !want.Schema().Nullable:
		v.wrongType(node, nullText, want, at)
		return nil
	}
	return constant{types.NullValue}
}

func (v *values) intLiteral(node *source.Node, want *shape.Type, at slot) part {
	n, err := strconv.ParseInt(node.Text(), 10, 64)
	if err != nil {
		v.wrongType(node, integerText, want, at)
		return nil
	}
	if want.Schema().Type == abi.TypeNumber {
		return constant{types.Double(n)}
	}
	return v.typed(node, types.Int(n), integerText, want, at, abi.TypeInteger)
}

// typed returns a literal if the place takes its type.
func (v *values) typed(node *source.Node, val ref.Val, have abi.Text, want *shape.Type, at slot, kind abi.SchemaType) part {
	if want.IsAny() || want.Schema().Type == kind {
		return constant{val}
	}
	v.wrongType(node, have, want, at)
	return nil
}

func (v *values) textLiteral(node *source.Node, text string, want *shape.Type, at slot) part {
	schema := want.Schema()
	switch {
	case want.IsAny():
	case schema.Type != abi.TypeString:
		v.wrongText(node, text, want, at)
		return nil
	case schema.Format == "date-time":
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			v.add(node, timeForm, text)
			return nil
		}
		return constant{types.Timestamp{Time: t}}
	case schema.Format == "date":
		d, err := value.ParseDate(text)
		if err != nil {
			v.add(node, dateForm, text)
			return nil
		}
		return constant{d}
	case schema.Format == "decimal":
		d, ok := value.ParseDecimal(text)
		if !ok {
			v.add(node, decimalForm, text)
			return nil
		}
		return constant{d}
	case schema.Format == "birthday":
		b, err := value.ParseBirthday(text)
		if err != nil {
			v.add(node, birthdayForm, text)
			return nil
		}
		return constant{b}
	case len(schema.Enum) > 0 && !slices.Contains(schema.Enum, text):
		v.notInEnum(node, text, schema.Enum, at)
		return nil
	}
	return constant{types.String(text)}
}

func (v *values) notInEnum(node *source.Node, text string, enum []string, at slot) {
	if near := diag.Closest(text, enum); near != "" {
		v.report.AddFix(node.Span(), node.Span().Fix(near), notAllowedNear, at.label(), text, near)
		return
	}
	v.add(node, notAllowed, at.label(), text, quotedSome(enum))
}

// wrongText handles text where something else is wanted; a number or a truth
// value in quotes only has to lose them.
func (v *values) wrongText(node *source.Node, text string, want *shape.Type, at slot) {
	bare := ""
	switch want.Schema().Type {
	case abi.TypeInteger:
		if _, err := strconv.ParseInt(text, 10, 64); err == nil {
			bare = text
		}
	case abi.TypeNumber:
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			bare = text
		}
	case abi.TypeBoolean:
		if text == "true" || text == "false" {
			bare = text
		}
	case abi.TypeObject, abi.TypeArray:
		if node.Explain(&v.report) {
			return
		}
	default:
	}
	if bare == "" {
		v.wrongType(node, textName, want, at)
		return
	}
	v.report.AddFix(node.Span(), node.Span().Fix(bare), wrongTypeFault, at.label(), shape.TypeName(want.CEL()), textName)
}

// wrongType reports a literal of the wrong type; anything becomes text in quotes.
func (v *values) wrongType(node *source.Node, have abi.Text, want *shape.Type, at slot) {
	span := node.Span()
	if want.IsText() && node.IsScalar() && node.IsPlain() && node.Text() != "null" {
		v.report.AddFix(span, span.Fix(`"`+node.Text()+`"`), wrongTypeFault, at.label(), shape.TypeName(want.CEL()), have)
		return
	}
	v.report.Add(span, wrongTypeFault, at.label(), shape.TypeName(want.CEL()), have)
}
