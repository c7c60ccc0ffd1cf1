package main

import (
	"net/http"
	"slices"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// addPoints gives points to a customer, or takes them. The page does not say
// which of the two an addition_and_subtraction of 1 means; here it gives.
func (s *shop) addPoints(w http.ResponseWriter, r *http.Request, body object) *refusal {
	t := s.tables["customers"]
	rec, err := t.named(r)
	if err != nil {
		return err
	}
	points := number(body, "point")
	if points <= 0 {
		return t.invalid("ポイントは1以上の値にしてください。")
	}
	if flag(body, "with_create") && asText(body["name"]) == "" {
		return t.invalid("ポイント名を入力してください。")
	}
	if !flag(body, "addition_and_subtraction") {
		points = -points
	}
	s.grant(rec, points, body)
	simkit.Effect(w, "change points of customer "+rec.key())
	row, _ := s.tables["points"].get(s.tables["points"].last)
	s.answerOne(w, r, s.tables["points"], row, http.StatusOK)
	return nil
}

// grant adds a row of points and the customer's new balance.
func (s *shop) grant(rec *record, points int64, body object) *record {
	t := s.tables["points"]
	now := s.now()
	row := t.put(t.nextID(), attributes{
		"name": asText(body["name"]), "description": asText(body["description"]), "point_event_id": body["point_event_id"],
		"point": points, "created_at": now, "updated_at": now,
	}, nil)
	balance, _ := rec.attrs["point"].(int64) //nolint:errcheck // always one
	customers := s.tables["customers"]
	rec = customers.change(rec, attributes{"point": balance + points, "updated_at": now})
	return customers.link(rec, "points", row.id)
}

func (s *shop) sendEmail(w http.ResponseWriter, r *http.Request, body object) *refusal {
	return s.message(w, r, "emails", body, "subject", "body")
}

func (s *shop) sendSMS(w http.ResponseWriter, r *http.Request, body object) *refusal {
	return s.message(w, r, "sms", body, "body")
}

// message keeps what would have been sent to a customer.
func (s *shop) message(w http.ResponseWriter, r *http.Request, table string, body object, required ...string) *refusal {
	rec, err := s.tables["customers"].named(r)
	if err != nil {
		return err
	}
	t := s.tables[table]
	if slices.ContainsFunc(required, func(key string) bool { return asText(body[key]) == "" }) {
		return s.tables["customers"].invalid("本文を入力してください。")
	}
	attrs := attributes{"customer_id": rec.id, "created_at": s.now(), "updated_at": s.now()}
	for _, key := range []string{"subject", "body", "body_html", "use_html", "cc", "bcc"} {
		attrs[key] = asText(body[key])
	}
	row := t.put(t.nextID(), attrs, nil)
	simkit.Effect(w, "send "+t.typ+" to customer "+rec.key())
	s.answerOne(w, r, t, row, http.StatusOK)
	return nil
}

// freeColumnRoutes serve the self-defined fields of a table's records.
func (s *shop) freeColumnRoutes(table string) {
	t := s.tables[table]
	s.handle("GET", "/"+table+"/{id}/free_column_values", func(w http.ResponseWriter, r *http.Request) {
		rec, err := t.named(r)
		if err != nil {
			refuse(w, err)
			return
		}
		s.answerFreeColumns(w, t, rec)
	})
	put := s.write(t.kind, func(w http.ResponseWriter, r *http.Request, body object) *refusal {
		return s.putFreeColumns(w, r, t, body)
	})
	s.handle("POST", "/"+table+"/{id}/free_column_values/bulk_create", put)
	s.handle("PUT", "/"+table+"/{id}/free_column_values/bulk_update", put)
}

// freeColumn is one self-defined field of a record.
type freeColumn struct {
	ID     int64    `json:"free_column_id"`
	Label  string   `json:"free_column_label"`
	Values []string `json:"free_column_value_values"`
}

func (s *shop) answerFreeColumns(w http.ResponseWriter, t *table, rec *record) {
	owned := t.table + "/" + rec.key()
	columns := []freeColumn{}
	for _, row := range s.tables["free_columns"].rows.Find("number", owned) {
		columns = append(columns, freeColumn{
			ID:    row.attrs["column"].(int64), //nolint:errcheck,forcetypeassert // written below
			Label: row.text("label"), Values: []string{row.text("value")},
		})
	}
	simkit.WriteJSON(w, http.StatusOK, []object{{
		"free_column_category_id": 1,
		"values":                  []object{{"free_column_category_seq": 1, "values": columns}},
	}})
}

func (s *shop) putFreeColumns(w http.ResponseWriter, r *http.Request, t *table, body object) *refusal {
	rec, err := t.named(r)
	if err != nil {
		return err
	}
	for _, column := range objects(body, "free_columns") {
		s.putFreeColumn(t.table+"/"+rec.key(), column)
	}
	simkit.Effect(w, "set free columns of "+t.typ+" "+rec.key())
	s.answerFreeColumns(w, t, rec)
	return nil
}

func (s *shop) putFreeColumn(owned string, column object) {
	t := s.tables["free_columns"]
	id := number(column, "free_column_id")
	attrs := attributes{"number": owned, "column": id, "label": "自由項目" + itoa(id), "value": asText(column["free_column_value"])}
	for _, row := range t.rows.Find("number", owned) {
		if row.attrs["column"] == id {
			t.put(row.id, attrs, nil)
			return
		}
	}
	t.put(t.nextID(), attrs, nil)
}
