package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/plugins/shopify/sim/graphql"
)

// listing is how a kind's list is searched and sorted.
type listing struct {
	kind string
	// shown says which records the list has; nil for all.
	shown func(object) bool
	// filters return what a record has under a filter's name.
	filters map[string]func(object) []string
	// sorts are the members that sort keys stand for.
	sorts map[string]string
}

// one is a filter on a member that is a text.
func one(name string) func(object) []string {
	return func(record object) []string { return []string{text(record, name)} }
}

// many is a filter on a member that is a list of texts.
func many(name string) func(object) []string {
	return func(record object) []string { return texts(record[name]) }
}

// byNumber is the filter id: the number alone.
func byNumber(record object) []string { return []string{number(text(record, "id"))} }

// list resolves a root field that searches the kind.
func (s *shop) list(l listing) graphql.Resolver {
	return func(f *graphql.Field) any {
		query, _ := f.Args["query"].(string) //nolint:errcheck // absent: everything
		sortKey := fmt.Sprint(f.Args["sortKey"])
		fits := l.condition(query)
		rows := s.tables[l.kind].Select(func(record object) bool {
			return (l.shown == nil || l.shown(record)) && (query == "" || !s.lagging(record)) && fits(record)
		})
		key := l.key(sortKey)
		slices.SortStableFunc(rows, func(a, b object) int { return strings.Compare(key(a), key(b)) })
		return reversed(f, graphql.List{Rows: rows, Key: key})
	}
}

// condition reads the search syntax once for all records.
func (l listing) condition(query string) func(object) bool {
	if query == "" {
		return func(object) bool { return true }
	}
	parsed := parseSearch(query)
	return func(record object) bool {
		return parsed(func(filter string) ([]string, bool) {
			values := l.filters[filter]
			if values == nil {
				return nil, false
			}
			return values(record), true
		})
	}
}

// key returns a record's place in the order: its sort value, then its number.
func (l listing) key(sortKey string) func(object) string {
	name := l.sorts[sortKey]
	return func(record object) string {
		return fmt.Sprintf("%s\x00%020s", text(record, name), number(text(record, "id")))
	}
}

// reversed turns a list around if the field asks for it.
func reversed(f *graphql.Field, l graphql.List) graphql.List {
	if f.Args["reverse"] != true {
		return l
	}
	slices.Reverse(l.Rows)
	place := make(map[string]int, len(l.Rows))
	for i, row := range l.Rows {
		place[text(row, "id")] = i
	}
	l.Key = func(row object) string { return fmt.Sprintf("%09d", place[text(row, "id")]) }
	return l
}

// nested is a connection within a record: its rows in their order.
func nested(f *graphql.Field, rows []object) graphql.List {
	place := make(map[string]int, len(rows))
	for i, row := range rows {
		place[text(row, "id")] = i
	}
	return reversed(f, graphql.List{Rows: slices.Clone(rows), Key: func(row object) string {
		return fmt.Sprintf("%09d", place[text(row, "id")])
	}})
}

// byID resolves a root field that reads one record of the kind. An id that is
// no gid of the kind is an error; one that nobody has is null.
func (s *shop) byID(kind string) graphql.Resolver {
	return func(f *graphql.Field) any {
		id := fmt.Sprint(f.Args["id"])
		if kindOf(id) != kind {
			f.Fail("RESOURCE_NOT_FOUND", "invalid id")
			return nil
		}
		return found(s.get(id))
	}
}

// found returns nil, untyped, for no record.
func found(record object) any {
	if record == nil {
		return nil
	}
	return record
}

// refusal is one entry of userErrors. Code is left out where the mutation has
// no error type of its own.
type refusal struct {
	field   []any
	message string
	code    string
}

func (r *refusal) entry() object {
	entry := object{"message": r.message, "field": nil}
	if r.field != nil {
		entry["field"] = r.field
	}
	if r.code != "" {
		entry["code"] = r.code
	}
	return entry
}

// payload is a mutation's answer: the record under its name, or why there is none.
func payload(name string, record any, refusals ...*refusal) object {
	entries := []object{}
	for _, r := range refusals {
		if r != nil {
			entries = append(entries, r.entry())
		}
	}
	if len(entries) > 0 {
		record = nil
	}
	return object{name: record, "userErrors": entries}
}
