package main

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	maxPer     = 100
	defaultPer = 20
)

// query is a list request, understood.
type query struct {
	page, per   int
	sort        []order
	include     []string
	lighter     bool
	withDeleted bool
	conditions  []condition
}

type order struct {
	attribute  string
	descending bool
}

// condition is one q[attribute_predicate]; all of them must hold.
type condition struct {
	attribute string
	predicate string
	values    []string
}

// predicates, longest first where one ends with another.
var predicates = []string{
	"_not_null", "_not_eq", "_not_in", "_not_cont", "_gteq", "_lteq", "_eq", "_cont", "_start", "_end", "_in",
	"_null", "_gt", "_lt", "_present", "_blank",
}

var sortable = []string{"id", "created_at", "updated_at"}

// parseQuery reads the list parameters. What the kind cannot filter, sort or
// include by is a bad parameter.
func (t *table) parseQuery(values url.Values) (*query, *refusal) {
	q := &query{page: 1, per: defaultPer, lighter: values.Get("lighter") == "1"}
	if n, err := strconv.Atoi(values.Get("page")); err == nil {
		q.page = max(n, 1)
	}
	if n, err := strconv.Atoi(values.Get("per")); err == nil {
		q.per = min(max(n, 1), maxPer)
	}
	if list := values.Get("include"); list != "" {
		q.include = strings.Split(list, ",")
	}
	for _, name := range strings.FieldsFunc(values.Get("sort"), func(r rune) bool { return r == ',' }) {
		attribute, descending := strings.CutPrefix(name, "-")
		if !slices.Contains(sortable, attribute) {
			return nil, t.badParameter("sort=" + name)
		}
		q.sort = append(q.sort, order{attribute, descending})
	}
	return q, t.parseConditions(q, values)
}

func (t *table) parseConditions(q *query, values url.Values) *refusal {
	for key, list := range values {
		inner, ok := strings.CutPrefix(key, "q[")
		if !ok {
			continue
		}
		name := strings.TrimSuffix(strings.TrimSuffix(inner, "[]"), "]")
		if name == "with_deleted" {
			q.withDeleted = list[0] == "1"
			continue
		}
		attribute, predicate := splitPredicate(name)
		if !t.filterable(attribute, q.lighter) {
			return t.badParameter(key)
		}
		q.conditions = append(q.conditions, condition{attribute, predicate, list})
	}
	return nil
}

func splitPredicate(name string) (attribute, predicate string) {
	for _, p := range predicates {
		if attribute, ok := strings.CutSuffix(name, p); ok {
			return attribute, p
		}
	}
	return "", ""
}

func (t *table) filterable(attribute string, lighter bool) bool {
	return slices.Contains(t.filters, attribute) || (lighter && slices.Contains(t.lightFilters, attribute))
}

// run returns the page's records and how many there are in all.
func (t *table) run(q *query, value func(*record, string) any) (page []*record, total int) {
	keep := func(r *record) bool {
		if r.deleted() && !q.withDeleted {
			return false
		}
		return !slices.ContainsFunc(q.conditions, func(c condition) bool { return !c.holds(value(r, c.attribute)) })
	}
	found := t.candidates(q, keep)
	slices.SortStableFunc(found, q.compare)
	total = len(found)
	from := min((q.page-1)*q.per, total)
	return found[from:min(from+q.per, total)], total
}

// candidates walks an index if an equality has one, else all rows.
func (t *table) candidates(q *query, keep func(*record) bool) []*record {
	for _, c := range q.conditions {
		if c.predicate != "_eq" || len(c.values) != 1 {
			continue
		}
		if c.attribute == "id" {
			r, ok := t.rows.Get(c.values[0])
			if !ok || !keep(r) {
				return nil
			}
			return []*record{r}
		}
		if slices.Contains(indexed, c.attribute) && c.values[0] != "" {
			return slices.DeleteFunc(t.rows.Find(c.attribute, c.values[0]), func(r *record) bool { return !keep(r) })
		}
	}
	return t.rows.Select(keep)
}

func (q *query) compare(a, b *record) int {
	for _, o := range q.sort {
		c := compareValues(a.attrs[o.attribute], b.attrs[o.attribute])
		if o.descending {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(a.id, b.id)
}

func compareValues(a, b any) int {
	x, xok := a.(int64)
	y, yok := b.(int64)
	if xok && yok {
		return cmp.Compare(x, y)
	}
	return strings.Compare(asText(a), asText(b))
}

// holds says whether a value meets the condition.
func (c *condition) holds(v any) bool {
	text, stamped := asText(v), isStamp(v)
	switch c.predicate {
	case "_null":
		return (v == nil) == (c.values[0] != "0")
	case "_not_null":
		return (v != nil) == (c.values[0] != "0")
	case "_present":
		return (text != "") == (c.values[0] != "0")
	case "_blank":
		return (text == "") == (c.values[0] != "0")
	case "_in":
		return slices.Contains(c.values, text)
	case "_not_in":
		return !slices.Contains(c.values, text)
	case "_cont", "_not_cont", "_start", "_end":
		return c.holdsText(text)
	case "_eq", "_not_eq":
		// Datetime columns hold fractions of a second, so equality misses every row.
		return (text == c.values[0] && !stamped) == (c.predicate == "_eq")
	}
	return v != nil && c.holdsOrder(compareTo(v, c.values[0]))
}

func (c *condition) holdsText(text string) bool {
	switch c.predicate {
	case "_cont":
		return strings.Contains(text, c.values[0])
	case "_not_cont":
		return !strings.Contains(text, c.values[0])
	case "_start":
		return strings.HasPrefix(text, c.values[0])
	default:
		return strings.HasSuffix(text, c.values[0])
	}
}

func (c *condition) holdsOrder(order int) bool {
	switch c.predicate {
	case "_gteq":
		return order >= 0
	case "_lteq":
		return order <= 0
	case "_gt":
		return order > 0
	default:
		return order < 0
	}
}

// compareTo compares a value with a condition's text in the value's own way.
func compareTo(v any, text string) int {
	if n, ok := v.(int64); ok {
		m, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return -1
		}
		return cmp.Compare(n, m)
	}
	if isStamp(v) {
		if t, ok := parseTime(text); ok {
			text = t.Format(stampLayout)
		}
	}
	return strings.Compare(asText(v), text)
}

func isStamp(v any) bool {
	text, ok := v.(string)
	return ok && len(text) == len(stampLayout) && text[4] == '/' && text[13] == ':'
}
