package rules

import (
	"strings"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/musubi-run/musubi/rules/shape"
	"github.com/musubi-run/musubi/rules/source"
	"github.com/musubi-run/musubi/rules/value"
)

// Template is a checked value of a rules file: literals, with expressions in ${ }.
type Template struct {
	root part
	at   source.Span
}

// JSON evaluates to JSON. Keys are sorted, so equal values give equal bytes.
func (t *Template) JSON(s *Scope) ([]byte, error) {
	v, err := t.root.eval(s)
	if err != nil {
		return nil, err
	}
	json, err := shape.AppendJSON(nil, v)
	if err != nil {
		return nil, failAt(t.at, faultText(err))
	}
	return json, nil
}

// String evaluates to text. A whole number becomes its digits, a time is
// written as in 2025-02-11T21:03:09+09:00.
func (t *Template) String(s *Scope) (string, error) {
	v, err := t.root.eval(s)
	if err != nil {
		return "", err
	}
	text, ok := textOf(v)
	if !ok {
		return "", failAt(t.at, notTextNow.Text(shape.NameOf(v)))
	}
	return text, nil
}

// part is one node of a template.
type part interface {
	eval(s *Scope) (ref.Val, error)
}

// constant is a literal.
type constant struct{ val ref.Val }

func (c constant) eval(*Scope) (ref.Val, error) { return c.val, nil }

// verified is a part of which only the value shows whether it has the wanted type.
type verified struct {
	part
	want *shape.Type
	at   source.Span
}

func (v verified) eval(s *Scope) (ref.Val, error) {
	val, err := v.part.eval(s)
	if err != nil || shape.Absent(val) {
		return val, err
	}
	json, err := shape.AppendJSON(nil, val)
	if err == nil {
		err = v.want.Accepts(json)
	}
	if err != nil {
		return nil, failAt(v.at, faultText(err))
	}
	return val, nil
}

// bareDecimal is a decimal for a place that wants a number, not text.
type bareDecimal struct{ *Expr }

func (b bareDecimal) eval(s *Scope) (ref.Val, error) {
	v, err := b.Expr.eval(s)
	if o, ok := v.(*types.Optional); ok && o.HasValue() {
		v = o.GetValue()
	}
	if d, ok := v.(value.Decimal); ok {
		return value.Number{Decimal: d}, err
	}
	return v, err
}

// mixed is text with ${ } in it; a piece is one or the other.
type mixed []piece

type piece struct {
	literal string
	expr    *Expr
}

func (m mixed) eval(s *Scope) (ref.Val, error) {
	var b strings.Builder
	for _, p := range m {
		if p.expr == nil {
			b.WriteString(p.literal)
			continue
		}
		text, err := p.expr.String(s)
		if err != nil {
			return nil, err
		}
		b.WriteString(text)
	}
	return types.String(b.String()), nil
}

// sequence is a list.
type sequence []part

func (q sequence) eval(s *Scope) (ref.Val, error) {
	items := make([]ref.Val, len(q))
	for i, p := range q {
		v, err := p.eval(s)
		if err != nil {
			return nil, err
		}
		items[i] = v
	}
	return types.NewRefValList(types.DefaultTypeAdapter, items), nil
}

// record is a mapping. Fields whose value is absent are left out.
type record []recordField

type recordField struct {
	name types.String
	part part
}

func (r record) eval(s *Scope) (ref.Val, error) {
	entries := make([]value.Entry, len(r))
	for i, f := range r {
		v, err := f.part.eval(s)
		if err != nil {
			return nil, err
		}
		entries[i] = value.Entry{Key: f.name, Value: v}
	}
	return value.NewDict(entries), nil
}
