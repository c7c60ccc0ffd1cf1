package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/org"
)

const (
	batchMost, batchLeast = 2000, 200
	// cursorLife is how long a query locator works.
	cursorLife = 48 * time.Hour
	// cursorsKept bounds how many locators are remembered.
	cursorsKept = 1000
)

// cursors are the results of queries that have more pages.
type cursors struct {
	now   func() time.Time
	mu    sync.Mutex
	last  int
	open  map[string]cursor
	order []string
}

type cursor struct {
	result *org.Result
	made   time.Time
}

func newCursors(now func() time.Time) *cursors {
	return &cursors{now: now, open: map[string]cursor{}}
}

func (c *cursors) keep(result *org.Result) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	id := org.MakeID("01g", c.last)
	c.open[id] = cursor{result: result, made: c.now()}
	c.order = append(c.order, id)
	if len(c.order) > cursorsKept {
		delete(c.open, c.order[0])
		c.order = c.order[1:]
	}
	return id
}

func (c *cursors) get(id string) (*org.Result, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.open[id]
	if !ok || c.now().Sub(found.made) > cursorLife {
		return nil, false
	}
	return found.result, true
}

func (s *server) queryResource(parts []string) methods {
	switch len(parts) {
	case 0:
		return methods{http.MethodGet: s.query}
	case 1:
		return methods{http.MethodGet: s.queryMore}
	}
	return nil
}

func (s *server) query(rq *request) (answer, error) {
	result, err := rq.tx.Query(rq.query.Get("q"), rq.parts[0] == "queryAll")
	if err != nil {
		return answer{}, err
	}
	if result.Count {
		body := fmt.Sprintf(`{"totalSize":%d,"done":true,"records":[]}`, len(result.Records))
		return answer{status: http.StatusOK, body: []byte(body)}, nil
	}
	return s.page(rq, result, "", 0)
}

func (s *server) queryMore(rq *request) (answer, error) {
	id, position, _ := strings.Cut(rq.parts[1], "-")
	from, err := strconv.Atoi(position)
	result, ok := s.cursors.get(id)
	if err != nil || !ok || from > len(result.Records) {
		return answer{}, badRequest("INVALID_QUERY_LOCATOR", "invalid query locator")
	}
	return s.page(rq, result, id, from)
}

// page answers the records from a position on.
func (s *server) page(rq *request, result *org.Result, id string, from int) (answer, error) {
	to := min(from+batchSize(rq.header), len(result.Records))
	done := to == len(result.Records)
	buf := make([]byte, 0, 256*(to-from)+128)
	buf = fmt.Appendf(buf, `{"totalSize":%d,"done":%t`, len(result.Records), done)
	if !done {
		if id == "" {
			id = s.cursors.keep(result)
		}
		buf = fmt.Appendf(buf, `,"nextRecordsUrl":"%s/%s/%s-%d"`, rq.base(), rq.parts[0], id, to)
	}
	buf = append(buf, `,"records":[`...)
	for i := from; i < to; i++ {
		if i > from {
			buf = append(buf, ',')
		}
		buf = result.AppendRecord(buf, rq.tx, i, rq.base())
	}
	return answer{status: http.StatusOK, body: append(buf, ']', '}')}, nil
}

// batchSize reads the hint Sforce-Query-Options: batchSize=500.
func batchSize(header http.Header) int {
	_, value, ok := strings.Cut(header.Get("Sforce-Query-Options"), "batchSize=")
	n, err := strconv.Atoi(strings.TrimSpace(value))
	if !ok || err != nil {
		return batchMost
	}
	return min(max(n, batchLeast), batchMost)
}
