package rules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"

	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/sdk/abi"
)

// values compiles the value fields of one place of a flow.
type values struct {
	*loader
	view view
	// used notes the files that values read; nil where nobody asks.
	used map[string]bool
	// inside are the texts within which the compiler is.
	inside []string
	// clock says that expressions see a running clock, so that they must tell when they may change.
	clock bool
	// untriggered belongs to a flow without on: it notes that this was said already.
	untriggered *bool
	// constant refuses expressions: parameters and the like are literals.
	constant bool
	// sample values are those of tests, which are sent to nobody.
	sample bool
}

// slot is the place that a value goes to.
type slot struct {
	// name is the field's name, for messages; may be empty.
	name string
	// optional places may stay empty.
	optional bool
	// needed places take no absent values, however deep: leaving out a field
	// that a record must match would match other records.
	needed bool
	// strict names the field of this mapping that is such a place.
	strict string
	// text places want text and take everything that has one obvious text.
	text bool
}

// inside returns the slot of a field within at.
func (at slot) inside(name string, optional bool) slot {
	return slot{name: name, optional: optional && !at.needed, needed: at.needed || (at.strict != "" && at.strict == name)}
}

// use notes a file that decides what the value is.
func (v *values) use(name string) {
	if v.used != nil {
		v.used[name] = true
	}
}

// compile returns the value, checked against the wanted type; nil if it has a fault.
func (v *values) compile(node *source.Node, want *shape.Type, at slot) part {
	switch {
	case node.IsMap():
		return v.mapping(node, want, at)
	case node.IsList():
		return v.list(node, want, at)
	case v.marks(node, want, at):
		return nil
	case strings.Contains(node.Text(), "${"):
		return v.text(node, want, at)
	default:
		return v.literal(node, want, at)
	}
}

// template compiles a whole value field.
func (v *values) template(node *source.Node, want *shape.Type, at slot) *Template {
	root := v.compile(node, want, at)
	if root == nil {
		return nil
	}
	return &Template{root: root, at: node.Span()}
}

func (v *values) list(node *source.Node, want *shape.Type, at slot) part {
	elem := want.Elem()
	switch {
	case want.IsAny():
		elem = v.lang.Types().Of("", nil)
	case want.Schema().Type != abi.TypeArray:
		v.wrongType(node, listText, want, at)
		return nil
	}
	items := make(sequence, 0, len(node.Items()))
	for _, item := range node.Items() {
		if p := v.compile(item, elem, at.inside(at.name, true)); p != nil {
			items = append(items, p)
		}
	}
	return items
}

func (v *values) mapping(node *source.Node, want *shape.Type, at slot) part {
	if !want.IsAny() && want.Schema().Type != abi.TypeObject {
		v.wrongType(node, mapText, want, at)
		return nil
	}
	fields, given := record{}, map[string]bool{}
	for _, p := range node.Pairs() {
		typ, place, ok := v.fieldOf(p.Key, want, at)
		if !ok {
			continue
		}
		given[place.name] = true
		if val := v.compile(p.Value, typ, place); val != nil {
			fields = append(fields, recordField{types.String(p.Key.Text()), val})
		}
	}
	v.required(node, want, given, at)
	slices.SortFunc(fields, func(a, b recordField) int { return cmp.Compare(a.name, b.name) })
	return fields
}

// fieldOf returns the type that a key of a mapping asks for.
func (v *values) fieldOf(key *source.Node, want *shape.Type, at slot) (*shape.Type, slot, bool) {
	name := key.Text()
	switch {
	case strings.Contains(name, "${"):
		v.add(key, noExpressionInKey)
		return nil, slot{}, false
	case want.IsAny():
		return v.lang.Types().Of("", nil), at.inside(name, true), true
	case !want.IsObject():
		return want.Elem(), at.inside(name, true), true
	}
	field, found := want.Field(name)
	if !found { // go on with what was most likely meant
		if field, found = want.Field(v.unknownField(key, want, at)); !found {
			return nil, slot{}, false
		}
	}
	return field.Type, at.inside(field.Name, field.Optional), true
}

// unknownField reports a key that the place does not have and returns the one that was most likely meant.
func (v *values) unknownField(key *source.Node, want *shape.Type, at slot) string {
	names := want.FieldNames()
	span := key.Span()
	if near := diag.Closest(key.Text(), names); near != "" {
		v.report.AddFix(span, span.Fix(near), unknownInputNear, key.Text(), at.label(), near)
		return near
	}
	v.report.Add(span, unknownInput, key.Text(), at.label(), quotedSome(names))
	return ""
}

// required reports declared fields that are not given.
func (v *values) required(node *source.Node, want *shape.Type, given map[string]bool, at slot) {
	if !want.IsObject() {
		return
	}
	for _, f := range want.Fields() {
		if !f.Optional && !given[f.Name] && len(f.Schema.Default) == 0 {
			v.add(node, missingInput, f.Name, at.label())
		}
	}
}

func (at slot) label() string {
	if at.name == "" {
		return "with"
	}
	return at.name
}
