package main

import (
	"net/http"
	"strings"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/org"
)

// find returns the one record of an external id, nil if there is none. Several
// are an answer of their own: 300 and the list of their addresses.
func (rq *request) find(o *org.Object, field, key string) (r *org.Record, several *answer, err error) {
	found, err := rq.tx.Lookup(o, field, key)
	if err != nil || len(found) == 0 {
		return nil, nil, err
	}
	if len(found) == 1 {
		return found[0], nil, nil
	}
	urls := make([]string, len(found))
	for i, twin := range found {
		urls[i] = twin.URL(rq.base())
	}
	a, err := jsonAnswer(http.StatusMultipleChoices, urls)
	return nil, &a, err
}

func (s *server) readByKey(rq *request) (answer, error) { return rq.withKey(rq.show) }

func (s *server) deleteByKey(rq *request) (answer, error) {
	return rq.withKey(func(r *org.Record) (answer, error) { return s.remove(rq, r.ID()) })
}

// withKey does something with the one record of the external id that the path names.
func (rq *request) withKey(do func(*org.Record) (answer, error)) (answer, error) {
	o, err := rq.object()
	if err != nil {
		return answer{}, err
	}
	r, several, err := rq.find(o, rq.parts[2], rq.parts[3])
	switch {
	case err != nil:
		return answer{}, err
	case several != nil:
		return *several, nil
	case r == nil:
		return answer{}, missing()
	}
	return do(r)
}

// upsertRecord creates or updates the record of an external id.
func (s *server) upsertRecord(rq *request) (answer, error) {
	o, err := rq.object()
	if err != nil {
		return answer{}, err
	}
	field, key := rq.parts[2], rq.parts[3]
	fields, err := rq.fields()
	if err != nil {
		return answer{}, err
	}
	for name := range fields {
		if strings.EqualFold(name, field) {
			return answer{}, badRequest(org.CodeInvalidField, "The %s field should not be specified in the sobject data.", name)
		}
	}
	r, several, err := rq.find(o, field, key)
	if err != nil {
		return answer{}, err
	}
	if several != nil {
		return *several, nil
	}
	if r == nil && strings.EqualFold(rq.query.Get("updateOnly"), "true") {
		return answer{}, missing()
	}
	return rq.upsert(o, r, field, key, fields)
}

func (rq *request) upsert(o *org.Object, r *org.Record, field, key string, fields map[string]any) (answer, error) {
	created := r == nil
	status, verb := http.StatusOK, "update"
	var err error
	if created {
		status, verb = http.StatusCreated, "create"
		fields[field] = key
		r, err = rq.tx.Insert(o, fields, rq.options())
	} else {
		r, err = rq.tx.Update(o, r.ID(), fields, rq.options())
	}
	if err != nil {
		return answer{}, err
	}
	rq.effect(verb, r)
	if !created && rq.version < bodySince {
		return answer{status: http.StatusNoContent}, nil
	}
	a, err := jsonAnswer(status, saved{ID: r.ID(), Success: true, Errors: []string{}, Created: &created})
	a.header = map[string]string{"Location": r.URL(rq.base())}
	return a, err
}
