package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// staffTable is a table as the shop's staff sees it: every attribute can be
// changed, and customers carry their billing address inside.
func (s *shop) staffTable(name string) simkit.Table {
	t := s.tables[name]
	return simkit.Table{
		List:   func() (any, error) { return s.staffList(t), nil },
		Put:    func(id string, fields json.RawMessage) error { return s.staffPut(t, id, fields) },
		Delete: func(id string) error { return s.staffDelete(t, id) },
	}
}

func (s *shop) staffList(t *table) []attributes {
	rows := []attributes{}
	for _, rec := range t.rows.Select(nil) {
		row := maps.Clone(rec.attrs)
		if address := s.billing(rec); address != nil && t.table == "customers" {
			row["billing_address"] = address.attrs
		}
		rows = append(rows, row)
	}
	return rows
}

// staffPut merges fields into a record or creates it, and announces the change
// as the console would.
func (s *shop) staffPut(t *table, key string, raw json.RawMessage) error {
	var fields object
	if err := decode(json.NewDecoder(strings.NewReader(string(raw))), &fields); err != nil {
		return err
	}
	id, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return fmt.Errorf("id %q: %w", key, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rec, existed := t.get(id)
	before := ""
	if existed {
		before = rec.text("state")
	} else {
		rec = t.put(id, s.defaults(t, id), nil)
	}
	rec = s.staffChange(t, rec, fields)
	s.announceStaff(t, rec, existed, before)
	return nil
}

func (s *shop) defaults(t *table, id int64) attributes {
	now := s.now()
	if t.table == "customers" {
		return s.customerDefaults(id)
	}
	return attributes{"number": fmt.Sprintf("%010x", id*40503%(1<<40)), "created_at": now, "updated_at": now, "deleted_at": nil}
}

// staffChange sets any attribute; nested addresses are edited or added.
func (s *shop) staffChange(t *table, rec *record, fields object) *record {
	changes := attributes{"updated_at": s.now()}
	addresses := object{}
	for key, v := range fields {
		if _, nested := v.(object); nested && t.relations[key].table == "addresses" {
			addresses[key+"_attributes"] = v
			continue
		}
		changes[key] = plain(key, v)
	}
	changes["id"] = rec.id
	if t.table == "customers" {
		now := attributes{"line_id": rec.attrs["line_id"]}
		s.customerChanges(now, changes)
		changes = now
	}
	rec = t.change(rec, changes)
	return s.reviseAddresses(t, rec, addresses)
}

// plain turns JSON numbers into the integers that records hold, and times into
// the platform's form.
func plain(key string, v any) any {
	coerce, known := map[bool]coercion{true: toStamp}[strings.HasSuffix(key, "_at")]
	if key == "birth" {
		coerce, known = toDay, true
	}
	if known {
		if t, ok := coerce(v); ok {
			return t
		}
	}
	if n, ok := v.(json.Number); ok {
		if i, err := n.Int64(); err == nil {
			return i
		}
		return n.String()
	}
	return v
}

// announceStaff sends the webhooks that a change in the console fires.
func (s *shop) announceStaff(t *table, rec *record, existed bool, before string) {
	family, ok := map[string]string{"customers": "customer", "orders": "order", "subs_orders": "subs_order", "products": "product"}[t.table]
	if !ok {
		return
	}
	event := family + "_updated"
	if !existed {
		event = family + "_created"
	}
	s.announce(event, family, rec)
	state := rec.text("state")
	if state != before && stateEvents[family+"_"+state] {
		s.announce(family+"_"+state, family, rec)
	}
}

// stateEvents are the events that name a state.
var stateEvents = map[string]bool{
	"customer_member": true, "customer_cancel": true, "order_complete": true, "order_shipped": true, "order_delivered": true,
	"order_canceled": true, "subs_order_active": true, "subs_order_suspend": true, "subs_order_canceled": true,
}

func (s *shop) staffDelete(t *table, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec, ok := t.rows.Get(key)
	if !ok {
		return fmt.Errorf("no %s %q", t.typ, key)
	}
	t.rows.Delete(key)
	switch t.table {
	case "customers", "products":
		s.announce(t.typ+"_destroyed", t.typ, rec)
	}
	return nil
}
