package main

import (
	"net/http"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// revise changes one record by a request's object.
type revise func(rec *record, body object, checkLink bool) (*record, *refusal)

// bulkUpdate serves a synchronous bulk update: 200 whatever happens, with what
// failed inside.
func (s *shop) bulkUpdate(t *table, one revise) func(http.ResponseWriter, *http.Request, object) *refusal {
	return func(w http.ResponseWriter, _ *http.Request, body object) *refusal {
		items := objects(body, t.table)
		if len(items) == 0 {
			return t.badParameter(t.table)
		}
		answer := newBulkAnswer()
		for _, item := range items {
			id := number(item, "id")
			answer.add(t.kind, id, id, s.updateItem(w, t, one, item, flag(body, "check_duplicate_link_numbers")))
		}
		simkit.WriteJSON(w, http.StatusOK, answer)
		return nil
	}
}

func (s *shop) updateItem(w http.ResponseWriter, t *table, one revise, item object, checkLink bool) *refusal {
	rec, ok := t.get(number(item, "id"))
	if !ok || rec.deleted() {
		return t.notFound()
	}
	rec, err := one(rec, item, checkLink)
	if err == nil {
		simkit.Effect(w, "update "+t.typ+" "+rec.key())
	}
	return err
}
