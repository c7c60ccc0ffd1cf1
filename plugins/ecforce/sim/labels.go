package main

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

func (s *shop) labelRoutes() {
	labels := s.tables["labels"]
	s.handle("GET", "/labels", s.listLabels)
	s.handle("POST", "/labels", s.write(labels.kind, s.createLabel))
	s.handle("PUT", "/labeling", s.write(labels.kind, s.labelTargets))
}

// labelled are the tables of the target types.
var labelled = map[string]string{
	"Customer": "customers", "Order": "orders", "SubsOrder": "subs_orders", "Product": "products", "Url": "urls", "Template": "",
}

// listLabels answers plain objects, not JSON:API.
func (s *shop) listLabels(w http.ResponseWriter, _ *http.Request) {
	data := []attributes{}
	for _, rec := range s.tables["labels"].rows.Select(nil) {
		data = append(data, rec.attrs)
	}
	m := meta{TotalCount: len(data), Page: 1, Per: maxPer, Count: len(data), TotalPages: 1}
	simkit.WriteJSON(w, http.StatusOK, map[string]any{"data": data, "meta": m})
}

func (s *shop) createLabel(w http.ResponseWriter, _ *http.Request, body object) *refusal {
	t := s.tables["labels"]
	typ, name := asText(body["type"]), asText(body["name"])
	if _, known := labelled[typ]; !known || name == "" {
		return t.badParameter("type, name")
	}
	rec := s.addLabel(typ, name, asText(body["color"]))
	simkit.Effect(w, "create label "+rec.key())
	simkit.WriteJSON(w, http.StatusOK, map[string]any{"data": rec.attrs})
	return nil
}

func (s *shop) addLabel(typ, name, color string) *record {
	t := s.tables["labels"]
	id := t.nextID()
	return t.put(id, attributes{"name": name, "color": color, "position": id, "type": typ, "created_at": s.now(), "updated_at": s.now()}, nil)
}

// labelTargets adds, removes or overwrites labels of records.
func (s *shop) labelTargets(w http.ResponseWriter, _ *http.Request, body object) *refusal {
	labels := s.tables["labels"]
	t := s.tables[labelled[asText(body["type"])]]
	method := asText(body["method"])
	targets, _ := body["target_ids"].([]any) //nolint:errcheck // none is an empty list
	if t == nil || !slices.Contains([]string{"add", "remove", "overwrite"}, method) || len(targets) == 0 {
		return labels.badParameter("type, method, target_ids")
	}
	names, err := s.labelNames(asText(body["type"]), body)
	if err != nil {
		return err
	}
	answer := newBulkAnswer()
	for _, id := range targets {
		answer.add(t.kind, id, id, s.labelTarget(w, t, asText(id), method, names))
	}
	simkit.WriteJSON(w, http.StatusOK, answer)
	return nil
}

func (s *shop) labelNames(typ string, body object) ([]string, *refusal) {
	labels := s.tables["labels"]
	ids, _ := body["label_ids"].([]any) //nolint:errcheck // none is an empty list
	names := []string{}
	for _, id := range ids {
		rec, ok := labels.rows.Get(asText(id))
		if !ok || rec.text("type") != typ {
			return nil, labels.notFound()
		}
		names = append(names, rec.text("name"))
	}
	return names, nil
}

func (s *shop) labelTarget(w http.ResponseWriter, t *table, id, method string, names []string) *refusal {
	rec, ok := t.rows.Get(id)
	if !ok {
		return t.notFound()
	}
	have := strings.FieldsFunc(rec.text("labels"), func(r rune) bool { return r == ',' })
	switch method {
	case "add":
		for _, name := range names {
			if !slices.Contains(have, name) {
				have = append(have, name)
			}
		}
	case "remove":
		have = slices.DeleteFunc(have, func(name string) bool { return slices.Contains(names, name) })
	default:
		have = names
	}
	t.change(rec, attributes{"labels": strings.Join(have, ","), "updated_at": s.now()})
	simkit.Effect(w, method+" labels of "+t.typ+" "+rec.key())
	return nil
}

// accessCount is the accesses of one ad URL in a period.
type accessCount struct {
	ID      int64  `json:"id"`
	BaseURL string `json:"base_url"`
	Total   int64  `json:"total"`
	PC      int64  `json:"pc"`
	SP      int64  `json:"sp"`
	Other   int64  `json:"other"`
}

// accessCounts sums the days of a period, by default the 8 days that end today.
func (s *shop) accessCounts(w http.ResponseWriter, r *http.Request) {
	values := r.URL.Query()
	from, until := s.today().AddDate(0, 0, -7), s.today().AddDate(0, 0, 1)
	if t, ok := parseTime(values.Get("q[created_at_gteq]")); ok {
		from = t
	}
	if t, ok := parseTime(values.Get("q[created_at_lt]")); ok {
		until = t
	}
	wanted := values["q[url_id_in][]"]
	counts := []accessCount{}
	for _, url := range s.tables["urls"].rows.Select(nil) {
		if len(wanted) > 0 && !slices.Contains(wanted, url.key()) {
			continue
		}
		counts = append(counts, s.countAccesses(url, from, until))
	}
	simkit.WriteJSON(w, http.StatusOK, map[string]any{
		"data":            map[string]any{"access_count": counts},
		"created_at_gteq": from.Format(stampLayout), "created_at_lt": until.Format(stampLayout),
	})
}

func (s *shop) countAccesses(url *record, from, until time.Time) accessCount {
	count := accessCount{ID: url.id, BaseURL: url.text("base_url")}
	for _, day := range s.tables["access_counts"].rows.Find("number", url.key()) {
		at, ok := parseTime(day.text("day"))
		if !ok || at.Before(from) || !at.Before(until) {
			continue
		}
		for key, sum := range map[string]*int64{"pc": &count.PC, "sp": &count.SP, "other": &count.Other} {
			n, _ := day.attrs[key].(int64) //nolint:errcheck // always one
			*sum += n
			count.Total += n
		}
	}
	return count
}
