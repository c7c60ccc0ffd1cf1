package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// resource is a record in its JSON:API envelope.
type resource struct {
	ID            string             `json:"id"`
	Type          string             `json:"type"`
	Attributes    json.RawMessage    `json:"attributes"`
	Relationships map[string]linkage `json:"relationships"`
}

// linkage holds an identifier, a list of them, or null.
type linkage struct {
	Data any `json:"data"`
}

type identifier struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

type document struct {
	Data     any               `json:"data"`
	Included []*resource       `json:"included,omitempty"`
	Meta     *meta             `json:"meta,omitempty"`
	Links    map[string]string `json:"links,omitempty"`
}

type meta struct {
	TotalCount int `json:"total_count"`
	Page       int `json:"page"`
	Per        int `json:"per"`
	Count      int `json:"count"`
	TotalPages int `json:"total_pages"`
}

// envelope builds documents: it collects what is included, each record once.
type envelope struct {
	shop     *shop
	lighter  bool
	seen     map[identifier]bool
	included []*resource
}

// resource wraps r and collects the records that its relations in include lead to.
func (e *envelope) resource(t *table, r *record, include []string) (*resource, *refusal) {
	out := &resource{ID: r.key(), Type: t.typ, Attributes: r.full(), Relationships: map[string]linkage{}}
	if e.lighter {
		out.Attributes = r.lighter()
	}
	for _, name := range t.always {
		out.Relationships[name] = e.linkage(t, r, name)
	}
	for _, path := range include {
		name, rest, _ := strings.Cut(path, ".")
		rel, ok := t.relations[name]
		if !ok {
			return nil, t.badParameter("include=" + path)
		}
		out.Relationships[name] = e.linkage(t, r, name)
		if err := e.collect(rel, e.shop.related(t, r, name), rest); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (e *envelope) collect(rel relation, records []*record, rest string) *refusal {
	target := e.shop.tables[rel.table]
	var include []string
	if rest != "" {
		include = []string{rest}
	}
	for _, r := range records {
		id := identifier{ID: r.key(), Type: target.typ}
		res, err := e.resource(target, r, include)
		if err != nil {
			return err
		}
		if !e.seen[id] {
			e.seen[id] = true
			e.included = append(e.included, res)
		}
	}
	return nil
}

func (e *envelope) linkage(t *table, r *record, name string) linkage {
	rel := t.relations[name]
	ids := []identifier{}
	for _, other := range e.shop.related(t, r, name) {
		ids = append(ids, identifier{ID: other.key(), Type: e.shop.tables[rel.table].typ})
	}
	switch {
	case rel.many:
		return linkage{Data: ids}
	case len(ids) == 0:
		return linkage{}
	default:
		return linkage{Data: ids[0]}
	}
}

// related returns the records that a relation of r leads to.
func (s *shop) related(t *table, r *record, name string) []*record {
	rel := t.relations[name]
	target := s.tables[rel.table]
	if rel.by != "" {
		own := r.key()
		if rel.own != "" {
			own = r.text(rel.own)
		}
		if rel.by == "id" {
			if other, ok := target.rows.Get(own); ok {
				return []*record{other}
			}
			return nil
		}
		return target.rows.Find(rel.by, own)
	}
	found := make([]*record, 0, len(r.links[name]))
	for _, id := range r.links[name] {
		if other, ok := target.get(id); ok {
			found = append(found, other)
		}
	}
	return found
}

// answerOne sends one record with what the request includes.
func (s *shop) answerOne(w http.ResponseWriter, r *http.Request, t *table, rec *record, status int) {
	var include []string
	values := r.URL.Query()
	if list := values.Get("include"); list != "" {
		include = strings.Split(list, ",")
	}
	e := &envelope{shop: s, lighter: values.Get("lighter") == "1", seen: map[identifier]bool{}}
	data, err := e.resource(t, rec, include)
	if err != nil {
		refuse(w, err)
		return
	}
	simkit.WriteJSON(w, status, document{Data: data, Included: e.included})
}

// answerList sends the page of records that the request asks for.
func (s *shop) answerList(w http.ResponseWriter, r *http.Request, t *table) {
	values := r.URL.Query()
	q, err := t.parseQuery(values)
	if err != nil {
		refuse(w, err)
		return
	}
	page, total := t.run(q, s.valueOf)
	e := &envelope{shop: s, lighter: q.lighter, seen: map[identifier]bool{}}
	data := make([]*resource, 0, len(page))
	for _, rec := range page {
		res, err := e.resource(t, rec, q.include)
		if err != nil {
			refuse(w, err)
			return
		}
		data = append(data, res)
	}
	m := &meta{TotalCount: total, Page: q.page, Per: q.per, Count: len(data), TotalPages: (total + q.per - 1) / q.per}
	simkit.WriteJSON(w, http.StatusOK, document{Data: data, Included: e.included, Meta: m, Links: s.links(r, values, m)})
}

// links are the addresses of the pages around this one.
func (s *shop) links(r *http.Request, values url.Values, m *meta) map[string]string {
	at := func(page int) string {
		values.Set("page", strconv.Itoa(page))
		return s.env.URL + r.URL.Path + "?" + values.Encode()
	}
	links := map[string]string{"self": at(m.Page), "first": at(1), "last": at(max(m.TotalPages, 1))}
	if m.Page > 1 {
		links["prev"] = at(m.Page - 1)
	}
	if m.Page < m.TotalPages {
		links["next"] = at(m.Page + 1)
	}
	return links
}
