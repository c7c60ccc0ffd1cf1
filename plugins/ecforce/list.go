package main

import (
	"strconv"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/jp"
)

const (
	// maxPer is the most rows that a page may have.
	maxPer = 100
	// maxPages ends a list whose end the platform does not tell.
	maxPages = 100
)

// row is a record with the answer that it came in.
type row struct {
	doc *document
	*resource
}

// one returns the included record that a relation leads to, or nil.
func (r row) one(relation string) *resource { return r.doc.one(r.resource, relation) }

// many returns the included records that a relation leads to.
func (r row) many(relation string) []*resource { return r.doc.many(r.resource, relation) }

func (s *single) row() row { return row{doc: &s.document, resource: s.Data} }

// filter is one query parameter of a list, such as {"q[email_eq]", "a@example.com"}.
type filter struct{ name, value string }

// equal is the filter that an attribute has a value.
func equal(attribute, value string) filter { return filter{"q[" + attribute + "_eq]", value} }

// among is the filter that an attribute has one of the values.
func among(attribute string, values []string) []filter {
	filters := make([]filter, 0, len(values))
	for _, value := range values {
		filters = append(filters, filter{"q[" + attribute + "_in][]", value})
	}
	return filters
}

// query is a list that is to be fetched.
type query struct {
	path    string
	include string
	sort    string
	filters []filter
	// loose lists may come without the JSON:API envelope.
	loose bool
}

// request begins the request for one page.
func (q *query) request(s shop, page, per int) request {
	request := s.admin("GET", "/"+q.path).Query("page", strconv.Itoa(page)).Query("per", strconv.Itoa(per))
	if q.sort != "" {
		request.Query("sort", q.sort)
	}
	if q.include != "" {
		request.Query("include", q.include)
	}
	for _, f := range q.filters {
		request.Query(f.name, f.value)
	}
	return request
}

// page fetches one page and says whether there is another.
func (q *query) page(s shop, page, per int) (rows []row, total int64, more bool, err error) {
	doc, found, err := q.read(s, page, per)
	if err != nil {
		return nil, 0, false, err
	}
	for _, r := range found {
		rows = append(rows, row{doc: doc, resource: r})
	}
	total = doc.Meta.number("total_count")
	if pages := doc.Meta.number("total_pages"); pages > 0 {
		return rows, total, int64(page) < pages, nil
	}
	return rows, total, len(rows) == per, nil
}

func (q *query) read(s shop, page, per int) (*document, []*resource, error) {
	request := q.request(s, page, per)
	if q.loose {
		var answer looseList
		err := request.Into(&answer)
		return &answer.document, answer.resources(), err
	}
	var answer list
	err := request.Into(&answer)
	return &answer.document, answer.Data, err
}

// fetch returns up to limit rows, and how many there are in all. Where the
// platform does not count them, it looks behind the limit, so that the number
// tells at least whether there are more.
func (q *query) fetch(s shop, limit int) (rows []row, total int64, err error) {
	per := min(limit, maxPer)
	for page := 1; page <= maxPages+1; page++ {
		found, all, more, err := q.page(s, page, per)
		if err != nil {
			return nil, 0, err
		}
		rows, total = append(rows, found...), max(all, int64(len(rows)+len(found)))
		if !more || len(rows) > limit || (len(rows) == limit && all > 0) {
			break
		}
	}
	return rows[:min(len(rows), limit)], total, nil
}

// behind has the list go on behind the row that next names, in the order of
// ids, which neither a new row nor a deleted one moves.
func (q *query) behind(next string, newestFirst bool) error {
	predicate := "_gt"
	if q.sort = "id"; newestFirst {
		q.sort, predicate = "-id", "_lt"
	}
	if next == "" {
		return nil
	}
	q.filters = append(q.filters, filter{"q[id" + predicate + "]", next})
	return checkID(next)
}

// nextOf is where a list goes on behind the rows that were fetched of total; empty at its end.
func nextOf(rows []row, total int64) string {
	if len(rows) == 0 || int64(len(rows)) >= total {
		return ""
	}
	return rows[len(rows)-1].ID
}

func countOf(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// limitOf returns how many rows an action shall answer: 100 unless told, 1,000 at the most.
func limitOf(wanted int64) int {
	if wanted <= 0 {
		return maxPer
	}
	return int(min(wanted, 1000))
}

// between adds the filters for a half-open period; equality misses rows on
// columns of times. Empty ends are open.
func (q *query) between(attribute, from, until string) error {
	for _, end := range []filter{{"_gteq", from}, {"_lt", until}} {
		if end.value == "" {
			continue
		}
		t, err := jp.ParseTime(end.value)
		if err != nil {
			return sdk.Errorf(abi.Invalid, "%w", err)
		}
		q.filters = append(q.filters, filter{"q[" + attribute + end.name + "]", jp.FormatTime(t)})
	}
	return nil
}

func formatID(id int64) string { return strconv.FormatInt(id, 10) }
