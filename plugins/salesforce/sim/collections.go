package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/org"
)

const (
	collectionMost = 200
	// chunksMost is how often the type of the records may alternate.
	chunksMost = 10
)

type collection struct {
	AllOrNone bool             `json:"allOrNone"`
	Records   []map[string]any `json:"records"`
}

// manySaved is one line of the answer; errors have statusCode here, not errorCode.
type manySaved struct {
	ID      string      `json:"id,omitempty"`
	Success bool        `json:"success"`
	Created *bool       `json:"created,omitempty"`
	Errors  []manyError `json:"errors"`
}

type manyError struct {
	Code    string   `json:"statusCode"`
	Message string   `json:"message"`
	Fields  []string `json:"fields"`
}

func tooMany() error {
	return badRequest("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than %d records in this call", collectionMost)
}

func (rq *request) collection() (*collection, error) {
	var c collection
	if err := rq.decode(&c); err != nil {
		return nil, err
	}
	if len(c.Records) > collectionMost {
		return nil, tooMany()
	}
	chunks, last := 0, ""
	for _, record := range c.Records {
		kind := typeOf(record)
		if kind != last {
			chunks, last = chunks+1, kind
		}
	}
	if chunks > chunksMost {
		return nil, badRequest("INVALID_INPUT", "The records alternate between more than %d chunks of object types", chunksMost)
	}
	return &c, nil
}

func typeOf(record map[string]any) string {
	attributes, ok := record["attributes"].(map[string]any)
	if !ok {
		return ""
	}
	kind, _ := attributes["type"].(string) //nolint:errcheck // refused by name
	return kind
}

// takeID removes the id from a record, however it is written.
func takeID(record map[string]any) string {
	for name, value := range record {
		if strings.EqualFold(name, "id") {
			delete(record, name)
			id, _ := value.(string) //nolint:errcheck // refused by value
			return id
		}
	}
	return ""
}

func (s *server) createMany(rq *request) (answer, error) {
	return rq.each(func(record map[string]any) (*org.Record, *bool, error) {
		o, err := rq.tx.Object(typeOf(record))
		if err != nil {
			return nil, nil, err
		}
		r, err := rq.tx.Insert(o, record, rq.options())
		return rq.note("create", r, err)
	})
}

func (s *server) updateMany(rq *request) (answer, error) {
	return rq.each(func(record map[string]any) (*org.Record, *bool, error) {
		o, err := rq.tx.Object(typeOf(record))
		if err != nil {
			return nil, nil, err
		}
		r, err := rq.tx.Update(o, takeID(record), record, rq.options())
		return rq.note("update", r, err)
	})
}

func (s *server) upsertMany(rq *request) (answer, error) {
	field := rq.parts[3]
	o, err := rq.tx.Object(rq.parts[2])
	if err != nil {
		return answer{}, err
	}
	if _, err := rq.tx.Lookup(o, field, "x"); err != nil {
		return answer{}, err
	}
	return rq.each(func(record map[string]any) (*org.Record, *bool, error) {
		r, created, err := upsertOne(rq.tx, o, field, record, rq.options())
		verb := "update"
		if created {
			verb = "create"
		}
		_, _, err = rq.note(verb, r, err)
		return r, &created, err
	})
}

// keyText is an external id as text; empty if it is none.
func keyText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// upsertOne creates or updates by an external id that is among the fields.
func upsertOne(tx *org.Tx, o *org.Object, field string, record map[string]any, options org.Options) (r *org.Record, created bool, err error) {
	key, name := "", ""
	for n, value := range record {
		if strings.EqualFold(n, field) {
			name = n
			key = keyText(value)
		}
	}
	if key == "" {
		return nil, false, badRequest("MISSING_ARGUMENT", "%s not specified", field)
	}
	found, err := tx.Lookup(o, field, key)
	if err != nil {
		return nil, false, err
	}
	switch len(found) {
	case 0:
		r, err = tx.Insert(o, record, options)
		return r, true, err
	case 1:
		delete(record, name)
		r, err = tx.Update(o, found[0].ID(), record, options)
		return r, false, err
	}
	return nil, false, badRequest("DUPLICATE_EXTERNAL_ID", "%s: more than one record found for external id field", field)
}

// deleteMany finds each record's object by its id.
func (s *server) deleteMany(rq *request) (answer, error) {
	ids := strings.Split(rq.query.Get("ids"), ",")
	if len(ids) > collectionMost {
		return answer{}, tooMany()
	}
	c := &collection{AllOrNone: rq.query.Get("allOrNone") == "true"}
	for _, id := range ids {
		c.Records = append(c.Records, map[string]any{"id": id})
	}
	return rq.eachOf(c, func(record map[string]any) (*org.Record, *bool, error) {
		id := takeID(record)
		for _, o := range rq.tx.Objects() {
			if strings.HasPrefix(id, o.Prefix) {
				err := rq.tx.Delete(o, id)
				return rq.note("delete", o.Find(id), err)
			}
		}
		return nil, nil, badRequest(org.CodeMalformedID, "malformed id %s", id)
	})
}

func (rq *request) note(verb string, r *org.Record, err error) (*org.Record, *bool, error) {
	if err == nil {
		rq.effect(verb, r)
	}
	return r, nil, err
}

func (rq *request) each(write func(map[string]any) (*org.Record, *bool, error)) (answer, error) {
	c, err := rq.collection()
	if err != nil {
		return answer{}, err
	}
	return rq.eachOf(c, write)
}

// eachOf writes the records one by one and answers 200 whatever becomes of them.
func (rq *request) eachOf(c *collection, write func(map[string]any) (*org.Record, *bool, error)) (answer, error) {
	mark, noted := rq.tx.Mark(), len(*rq.effects)
	lines, failed := make([]manySaved, len(c.Records)), false
	for i, record := range c.Records {
		r, created, err := write(record)
		var refused *org.Error
		switch {
		case errors.As(err, &refused):
			failed = true
			lines[i] = manySaved{Errors: []manyError{{Code: refused.Code, Message: refused.Message, Fields: orEmpty(refused.Fields)}}}
		case err != nil:
			return answer{}, err
		default:
			lines[i] = manySaved{ID: r.ID(), Success: true, Created: created, Errors: []manyError{}}
		}
	}
	if failed && c.AllOrNone {
		rq.tx.Rollback(mark)
		*rq.effects = (*rq.effects)[:noted]
		undoLines(lines)
	}
	return jsonAnswer(http.StatusOK, lines)
}

func undoLines(lines []manySaved) {
	for i := range lines {
		if lines[i].Success {
			lines[i] = manySaved{Errors: []manyError{{
				Code: "ALL_OR_NONE_OPERATION_ROLLED_BACK", Fields: []string{},
				Message: "Record rolled back because not all records were valid and the request was using AllOrNone header",
			}}}
		}
	}
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// readMany answers the records in the order of their ids, null for missing ones.
func (s *server) readMany(rq *request) (answer, error) {
	var wanted struct {
		IDs    []string `json:"ids"`
		Fields []string `json:"fields"`
	}
	if err := rq.decode(&wanted); err != nil {
		return answer{}, err
	}
	o, err := rq.tx.Object(rq.parts[2])
	if err != nil {
		return answer{}, err
	}
	list := make([]json.RawMessage, len(wanted.IDs))
	for i, id := range wanted.IDs {
		r := o.Find(id)
		if r == nil || r.Deleted() {
			list[i] = json.RawMessage("null")
			continue
		}
		if list[i], err = r.AppendJSON(nil, wanted.Fields, rq.base()); err != nil {
			return answer{}, err
		}
	}
	return jsonAnswer(http.StatusOK, list)
}
