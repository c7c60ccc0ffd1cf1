package org

import (
	"errors"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/soql"
)

// Result is what a query found. It is read within the transaction, or a later one.
type Result struct {
	Object  *Object
	Count   bool
	Records []*Record

	root *selection
}

// Query answers a query. all includes deleted records.
func (tx *Tx) Query(text string, all bool) (*Result, error) {
	q, err := soql.Parse(text)
	if err != nil {
		var fault *soql.Error
		errors.As(err, &fault)
		return nil, refuse(CodeMalformedQuery, "%s", fault.Message)
	}
	object := tx.org.objects[fold(q.From)]
	if object == nil {
		return nil, refuse(CodeInvalidType, "sObject type '%s' is not supported.", q.From)
	}
	p := &planner{tx: tx, object: object}
	result := &Result{Object: object, Count: q.Count}
	if result.root, err = p.selection(q); err != nil {
		return nil, err
	}
	if err := p.guard(q); err != nil {
		return nil, err
	}
	if result.Records, err = p.records(q, all); err != nil {
		return nil, err
	}
	return result, nil
}

// guard refuses what Salesforce refuses for the sake of its size.
func (p *planner) guard(q *soql.Query) error {
	if q.Preset == "ALL" && (q.Limit < 0 || q.Limit > 200) {
		return refuse(CodeMalformedQuery, "The SOQL FIELDS function must have a LIMIT of at most 200")
	}
	if p.object.Name == "ContentDocumentLink" && !restricts(q.Where, "ContentDocumentId", "LinkedEntityId") {
		return refuse(CodeMalformedQuery, "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN operator.")
	}
	return nil
}

func restricts(e soql.Expr, fields ...string) bool {
	switch e := e.(type) {
	case soql.And:
		return slices.ContainsFunc(e.Terms, func(term soql.Expr) bool { return restricts(term, fields...) })
	case soql.Compare:
		named := slices.ContainsFunc(fields, func(f string) bool { return strings.EqualFold(f, e.Field) })
		return named && (e.Op == soql.Equal || e.Op == soql.In)
	}
	return false
}

type planner struct {
	tx     *Tx
	object *Object
}

func (p *planner) records(q *soql.Query, all bool) ([]*Record, error) {
	holds, err := p.compile(q.Where)
	if err != nil {
		return nil, err
	}
	less, err := p.ordering(q.OrderBy)
	if err != nil {
		return nil, err
	}
	candidates := p.object.records
	if !all { // the indexes hold live records only
		if few, ok := p.candidates(q.Where); ok {
			candidates = few
		}
	}
	// Without an order the first ones will do, so the search may stop early.
	enough := -1
	if less == nil && q.Limit >= 0 {
		enough = q.Limit + q.Offset
	}
	var found []*Record
	for _, r := range candidates {
		if len(found) == enough {
			break
		}
		if (all || !r.Deleted()) && holds(r) {
			found = append(found, r)
		}
	}
	if less != nil {
		slices.SortStableFunc(found, less)
	}
	return cut(found, q.Offset, q.Limit), nil
}

func cut(records []*Record, offset, limit int) []*Record {
	records = records[min(offset, len(records)):]
	if limit >= 0 {
		records = records[:min(limit, len(records))]
	}
	return records
}

func (p *planner) ordering(terms []soql.Order) (func(a, b *Record) int, error) {
	if len(terms) == 0 {
		return nil, nil //nolint:nilnil // no order is wanted
	}
	keys := make([]*fieldPath, len(terms))
	for i, term := range terms {
		var err error
		if keys[i], err = p.path(term.Field); err != nil {
			return nil, err
		}
	}
	return func(a, b *Record) int {
		for i, term := range terms {
			if c := compareKeys(keys[i].value(p.tx, a), keys[i].value(p.tx, b), term); c != 0 {
				return c
			}
		}
		return 0
	}, nil
}

func compareKeys(x, y any, term soql.Order) int {
	c := compare(x, y)
	switch {
	case x == nil || y == nil:
		if term.NullsLast {
			return -c
		}
		return c
	case term.Descending:
		return -c
	}
	return c
}

// fieldPath is a way from a record over references to a field.
type fieldPath struct {
	hops  []*Field
	field *Field
}

// path resolves a dotted name such as Account.Owner.Name.
func (p *planner) path(name string) (*fieldPath, error) {
	object, found := p.object, &fieldPath{}
	parts := strings.Split(name, ".")
	if len(parts) > 1 && strings.EqualFold(parts[0], object.Name) && object.relationships[fold(parts[0])] == nil {
		parts = parts[1:] // Contact.Name from Contact
	}
	for _, part := range parts[:len(parts)-1] {
		hop := object.relationships[fold(part)]
		if hop == nil || hop.Target == anyObject {
			return nil, refuse(CodeInvalidField, "Didn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name.", part)
		}
		found.hops = append(found.hops, hop)
		object = p.tx.org.objects[fold(hop.Target)]
	}
	last := parts[len(parts)-1]
	if found.field = object.Field(last); found.field == nil {
		return nil, refuse(CodeInvalidField, "No such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name.", last, object.Name)
	}
	return found, nil
}

func (p *fieldPath) value(tx *Tx, r *Record) any {
	for _, hop := range p.hops {
		id, ok := r.get(hop).(string)
		if !ok {
			return nil
		}
		if r = tx.target(hop, id); r == nil {
			return nil
		}
	}
	return r.get(p.field)
}
