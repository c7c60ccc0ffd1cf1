package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/musubi-run/musubi/host/web/api"
)

const (
	defaultLimit = 100
	maxLimit     = 1000
)

// query reads the query of a listing. It gathers the first fault, so that a
// misspelt filter never selects everything.
type query struct {
	values map[string]string
	fault  *api.Problem
}

// queryOf reads the parameters, of which only those in known may be given.
func queryOf(c *fiber.Ctx, known ...string) *query {
	q := &query{values: map[string]string{}}
	c.Request().URI().QueryArgs().VisitAll(func(name, value []byte) {
		if !slices.Contains(known, string(name)) {
			q.refuse(fmt.Sprintf("there is no parameter %q: possible are %s", name, strings.Join(known, ", ")),
				fmt.Sprintf("「%s」というパラメーターはありません。使えるのは %s です", name, strings.Join(known, ", ")))
		}
		q.values[string(name)] = string(value)
	})
	return q
}

func (q *query) refuse(en, ja string) {
	if q.fault == nil {
		q.fault = problem(http.StatusBadRequest, en, ja)
	}
}

// err returns the fault as an error, nil if there is none.
func (q *query) err() error {
	if q.fault == nil {
		return nil
	}
	return q.fault
}

func (q *query) text(name string) string { return q.values[name] }

func (q *query) time(name string) time.Time {
	if q.values[name] == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, q.values[name])
	if err != nil {
		q.refuse(name+" must be a time such as 2026-01-02T15:04:05+09:00",
			name+" は 2026-01-02T15:04:05+09:00 のような時刻で書いてください")
	}
	return t
}

func (q *query) limit() int {
	if q.values["limit"] == "" {
		return defaultLimit
	}
	n, err := strconv.Atoi(q.values["limit"])
	if err != nil || n < 1 || n > maxLimit {
		q.refuse(fmt.Sprintf("limit must be a number from 1 to %d", maxLimit), fmt.Sprintf("limit は1から%dまでの数です", maxLimit))
	}
	return n
}
