package org

import (
	"slices"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/soql"
)

type condition func(*Record) bool

func (p *planner) compile(e soql.Expr) (condition, error) {
	switch e := e.(type) {
	case nil:
		return func(*Record) bool { return true }, nil
	case soql.Not:
		inner, err := p.compile(e.Term)
		return func(r *Record) bool { return !inner(r) }, err
	case soql.And:
		return p.compileAll(e.Terms, false)
	case soql.Or:
		return p.compileAll(e.Terms, true)
	case soql.Compare:
		return p.compileCompare(e)
	}
	return nil, refuse(CodeMalformedQuery, "unexpected condition")
}

// compileAll joins terms. It stops at the first that is decisive: true for OR, false for AND.
func (p *planner) compileAll(terms []soql.Expr, decisive bool) (condition, error) {
	parts := make([]condition, len(terms))
	for i, term := range terms {
		var err error
		if parts[i], err = p.compile(term); err != nil {
			return nil, err
		}
	}
	return func(r *Record) bool {
		for _, holds := range parts {
			if holds(r) == decisive {
				return decisive
			}
		}
		return !decisive
	}, nil
}

func (p *planner) compileCompare(c soql.Compare) (condition, error) {
	way, err := p.path(c.Field)
	if err != nil {
		return nil, err
	}
	f := way.field
	if !f.filterable() {
		return nil, refuse(CodeInvalidField, "field '%s' can not be filtered in a query call", f.Name)
	}
	if c.Op == soql.Like {
		return p.compileLike(way, c.Values[0])
	}
	values := make([]any, len(c.Values))
	for i, literal := range c.Values {
		if values[i], err = f.literal(literal); err != nil {
			return nil, err
		}
	}
	test := relation(c.Op, values)
	if test == nil || !f.ordered() && c.Op != soql.Equal && c.Op != soql.NotEqual && c.Op != soql.In && c.Op != soql.NotIn {
		return nil, refuse(CodeInvalidField, "field '%s' cannot be filtered with operator '%s'", f.Name, c.Op)
	}
	return func(r *Record) bool { return test(way.value(p.tx, r)) }, nil
}

func (f *Field) ordered() bool { return f.Type != Boolean && f.Type != Reference }

func (p *planner) compileLike(way *fieldPath, literal soql.Literal) (condition, error) {
	if !way.field.textual() || way.field.Type == ID || way.field.Type == Reference || literal.Kind != soql.String {
		return nil, refuse(CodeInvalidField, "invalid operator on %s field", way.field.Type)
	}
	return func(r *Record) bool {
		text, ok := way.value(p.tx, r).(string)
		return ok && literal.Pattern.Match(text)
	}, nil
}

// relation returns the test of an operator. Null is less than nothing and
// greater than nothing, and differs from every value.
func relation(op soql.Op, values []any) func(any) bool {
	is := func(value any) bool {
		return slices.ContainsFunc(values, func(v any) bool { return same(value, v) })
	}
	sorted := func(fits func(int) bool) func(any) bool {
		return func(value any) bool { return value != nil && values[0] != nil && fits(compare(value, values[0])) }
	}
	switch op {
	case soql.Equal, soql.In:
		return is
	case soql.NotEqual, soql.NotIn:
		return func(value any) bool { return !is(value) }
	case soql.Less:
		return sorted(func(c int) bool { return c < 0 })
	case soql.LessOrEqual:
		return sorted(func(c int) bool { return c <= 0 })
	case soql.Greater:
		return sorted(func(c int) bool { return c > 0 })
	case soql.GreaterOrEqual:
		return sorted(func(c int) bool { return c >= 0 })
	case soql.Like:
	}
	return nil
}

func same(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return compare(a, b) == 0
}

// literal checks that a literal was written the way the field's type wants it,
// and returns its value.
func (f *Field) literal(l soql.Literal) (any, error) {
	switch {
	case l.Kind == soql.Null && f.Type != Boolean:
		return nil, nil //nolint:nilnil // null is a value
	case f.textual():
		return f.textLiteral(l)
	case f.numeric() && l.Kind == soql.Number:
		return l.Number, nil
	case f.Type == Boolean && l.Kind == soql.Boolean:
		return l.Bool, nil
	case f.Type == Date && l.Kind == soql.Date:
		return l.Text, nil
	case f.Type == DateTime && l.Kind == soql.DateTime:
		return l.Time, nil
	}
	return nil, refuse(CodeInvalidField, "value of filter criterion for field '%s' must be of type %s and should not be enclosed in quotes", f.Name, f.Type)
}

func (f *Field) textLiteral(l soql.Literal) (any, error) {
	if l.Kind != soql.String {
		return nil, refuse(CodeInvalidField, "value of filter criterion for field '%s' must be of type %s and should be enclosed in quotes", f.Name, f.Type)
	}
	if l.Text == "" {
		return nil, nil //nolint:nilnil // an empty string is null
	}
	if f.Type != ID && f.Type != Reference {
		return l.Text, nil
	}
	if !validID(l.Text) {
		return nil, refuse(CodeMalformedID, "invalid ID field: %s", l.Text)
	}
	return LongID(l.Text), nil
}

// candidates returns records among which all that fit are, by the best index
// that the condition allows; false if there is none.
func (p *planner) candidates(e soql.Expr) ([]*Record, bool) {
	switch e := e.(type) {
	case soql.And:
		var best []*Record
		found := false
		for _, term := range e.Terms {
			if few, ok := p.candidates(term); ok && (!found || len(few) < len(best)) {
				best, found = few, true
			}
		}
		return best, found
	case soql.Compare:
		if e.Op == soql.Equal || e.Op == soql.In {
			return p.lookup(e)
		}
	}
	return nil, false
}

// lookup finds records by an index on the field, and walks references backwards.
func (p *planner) lookup(c soql.Compare) ([]*Record, bool) {
	way, err := p.path(c.Field)
	if err != nil {
		return nil, false
	}
	keys := make([]string, 0, len(c.Values))
	for _, literal := range c.Values {
		value, err := way.field.literal(literal)
		text, ok := value.(string)
		if err != nil || !ok {
			return nil, false
		}
		keys = append(keys, text)
	}
	objects := []*Object{p.object}
	for _, hop := range way.hops {
		objects = append(objects, p.tx.org.objects[fold(hop.Target)])
	}
	found, ok := objects[len(way.hops)].pick(way.field, keys)
	for i := len(way.hops) - 1; ok && i >= 0; i-- {
		found, ok = objects[i].pick(way.hops[i], idsOf(found))
	}
	slices.SortFunc(found, func(a, b *Record) int { return a.seq - b.seq })
	return slices.Compact(found), ok
}

func (o *Object) pick(f *Field, keys []string) ([]*Record, bool) {
	var found []*Record
	switch {
	case f.Type == ID:
		for _, key := range keys {
			if r := o.byID[key]; r != nil {
				found = append(found, r)
			}
		}
	case f.indexable():
		ix := o.indexOf(f)
		for _, key := range keys {
			found = append(found, ix.records[fold(key)]...)
		}
	default:
		return nil, false
	}
	return found, true
}

func idsOf(records []*Record) []string {
	ids := make([]string, len(records))
	for i, r := range records {
		ids[i] = r.id
	}
	return ids
}
