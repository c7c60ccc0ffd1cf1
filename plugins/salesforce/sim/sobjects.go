package main

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/musubi-run/musubi/plugins/salesforce/sim/org"
)

func (s *server) sobjectResource(parts []string) methods {
	switch {
	case len(parts) == 0:
		return methods{http.MethodGet: s.listObjects}
	case len(parts) == 1:
		return methods{http.MethodGet: s.objectInfo, http.MethodPost: s.createRecord}
	case len(parts) == 2 && parts[1] == "describe":
		return methods{http.MethodGet: s.describe}
	case len(parts) == 2 && parts[1] == "updated":
		return methods{http.MethodGet: s.updated}
	case len(parts) == 2 && parts[1] == "deleted":
		return methods{http.MethodGet: s.deleted}
	case len(parts) == 2:
		return methods{http.MethodGet: s.readRecord, http.MethodPatch: s.updateRecord, http.MethodDelete: s.deleteRecord}
	case len(parts) == 3 && isBlobField(parts[2]):
		return methods{http.MethodGet: s.readBlob}
	case len(parts) == 3:
		return methods{http.MethodGet: s.readByKey, http.MethodPatch: s.upsertRecord, http.MethodDelete: s.deleteByKey}
	}
	return nil
}

func isBlobField(name string) bool { return name == "VersionData" || name == "Body" }

func (rq *request) object() (*org.Object, error) { return rq.tx.Object(rq.parts[1]) }

func (s *server) listObjects(rq *request) (answer, error) {
	list := []any{}
	for _, o := range rq.tx.Objects() {
		list = append(list, o.Summary(rq.base()))
	}
	return jsonAnswer(http.StatusOK, map[string]any{"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": list})
}

func (s *server) objectInfo(rq *request) (answer, error) {
	o, err := rq.object()
	if err != nil {
		return answer{}, err
	}
	return jsonAnswer(http.StatusOK, map[string]any{"objectDescribe": o.Summary(rq.base()), "recentItems": []any{}})
}

func (s *server) describe(rq *request) (answer, error) {
	o, err := rq.object()
	if err != nil {
		return answer{}, err
	}
	return jsonAnswer(http.StatusOK, o.Describe())
}

// saved is the answer to a write.
type saved struct {
	ID      string   `json:"id"`
	Success bool     `json:"success"`
	Errors  []string `json:"errors"`
	Created *bool    `json:"created,omitempty"`
}

func (rq *request) options() org.Options {
	header := strings.ToLower(strings.ReplaceAll(rq.header.Get("Sforce-Duplicate-Rule-Header"), " ", ""))
	return org.Options{AllowDuplicates: strings.Contains(header, "allowsave=true")}
}

func (s *server) createRecord(rq *request) (answer, error) {
	o, err := rq.object()
	if err != nil {
		return answer{}, err
	}
	fields, err := rq.fields()
	if err != nil {
		return answer{}, err
	}
	r, err := rq.tx.Insert(o, fields, rq.options())
	if err != nil {
		return answer{}, err
	}
	rq.effect("create", r)
	a, err := jsonAnswer(http.StatusCreated, saved{ID: r.ID(), Success: true, Errors: []string{}})
	a.header = map[string]string{"Location": r.URL(rq.base())}
	return a, err
}

func (rq *request) fields() (map[string]any, error) {
	if strings.HasPrefix(rq.header.Get("Content-Type"), "multipart/") {
		return rq.multipart()
	}
	fields := map[string]any{}
	if err := rq.decode(&fields); err != nil || fields == nil {
		return nil, badJSON(errors.Join(errNoObject, err))
	}
	return fields, nil
}

var errNoObject = errors.New("a JSON object is expected")

func (s *server) updateRecord(rq *request) (answer, error) {
	o, err := rq.object()
	if err != nil {
		return answer{}, err
	}
	fields, err := rq.fields()
	if err != nil {
		return answer{}, err
	}
	r, err := rq.tx.Update(o, rq.parts[2], fields, rq.options())
	if err != nil {
		return answer{}, err
	}
	rq.effect("update", r)
	return answer{status: http.StatusNoContent}, nil
}

func (s *server) deleteRecord(rq *request) (answer, error) {
	return s.remove(rq, rq.parts[2])
}

func (s *server) remove(rq *request, id string) (answer, error) {
	o, err := rq.object()
	if err != nil {
		return answer{}, err
	}
	if err := rq.tx.Delete(o, id); err != nil {
		return answer{}, err
	}
	rq.effect("delete", o.Find(id))
	return answer{status: http.StatusNoContent}, nil
}

func (s *server) readRecord(rq *request) (answer, error) {
	o, err := rq.object()
	if err != nil {
		return answer{}, err
	}
	r := o.Find(rq.parts[2])
	if r == nil || r.Deleted() {
		return answer{}, missing()
	}
	return rq.show(r)
}

func (rq *request) show(r *org.Record) (answer, error) {
	if since, err := http.ParseTime(rq.header.Get("If-Modified-Since")); err == nil && !r.Modified().After(since) {
		return answer{status: http.StatusNotModified}, nil
	}
	var names []string
	if list := rq.query.Get("fields"); list != "" {
		names = strings.Split(list, ",")
	}
	body, err := r.AppendJSON(nil, names, rq.base())
	if err != nil {
		return answer{}, err
	}
	header := map[string]string{"Last-Modified": r.Modified().Format(http.TimeFormat)}
	return answer{status: http.StatusOK, header: header, body: body}, nil
}

// updated lists the ids that changed within a span: minutes, at most 30 days back.
func (s *server) updated(rq *request) (answer, error) {
	changed, to, err := rq.span(false)
	if err != nil {
		return answer{}, err
	}
	ids := []string{}
	for _, r := range changed {
		ids = append(ids, r.ID())
	}
	return jsonAnswer(http.StatusOK, map[string]any{"ids": ids, "latestDateCovered": to.Format(org.DateTimeLayout)})
}

func (s *server) deleted(rq *request) (answer, error) {
	changed, to, err := rq.span(true)
	if err != nil {
		return answer{}, err
	}
	records := []map[string]string{}
	for _, r := range changed {
		records = append(records, map[string]string{"id": r.ID(), "deletedDate": r.Modified().Format(org.DateTimeLayout)})
	}
	return jsonAnswer(http.StatusOK, map[string]any{
		"deletedRecords": records, "latestDateCovered": to.Format(org.DateTimeLayout),
		"earliestDateAvailable": s.env.Clock.Now().Add(-deletedKept).UTC().Format(org.DateTimeLayout),
	})
}

const (
	deletedKept = 15 * 24 * time.Hour
	spanMost    = 30 * 24 * time.Hour
)

func (rq *request) span(deleted bool) ([]*org.Record, time.Time, error) {
	o, err := rq.object()
	if err != nil {
		return nil, time.Time{}, err
	}
	from, errFrom := org.ParseTime(rq.query.Get("start"))
	to, errTo := org.ParseTime(rq.query.Get("end"))
	if errFrom != nil || errTo != nil || !from.Before(to) || to.Sub(from) > spanMost {
		return nil, to, badRequest("INVALID_REPLICATION_DATE", "start and end must be times, start before end, at most 30 days apart")
	}
	return rq.tx.Changed(o, from, to, deleted), to.Truncate(time.Minute), nil
}

func (s *server) readBlob(rq *request) (answer, error) {
	o, err := rq.object()
	if err != nil {
		return answer{}, err
	}
	r := o.Find(rq.parts[2])
	if r == nil || r.Deleted() || o.Field(rq.parts[3]) == nil {
		return answer{}, missing()
	}
	header := map[string]string{"Content-Type": "application/octet-stream"}
	return answer{status: http.StatusOK, header: header, body: r.Blob(rq.parts[3])}, nil
}
