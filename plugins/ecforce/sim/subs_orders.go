package main

import (
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/musubi-run/musubi/sdk/simkit"
)

func (s *shop) subsOrderRoutes() {
	t := s.tables["subs_orders"]
	s.handle("PUT", "/subs_orders/{id}", s.write(t.kind, s.updateSubsOrder))
	s.handle("PUT", "/subs_orders/bulk_update", s.write(t.kind, s.bulkUpdate(t, s.reviseSubsOrder)))
	s.handle("POST", "/subs_orders/bulk_create", s.write(t.kind, func(w http.ResponseWriter, _ *http.Request, _ object) *refusal {
		simkit.Effect(w, "accept sub_orders")
		s.job(w)
		return nil
	}))
	s.handle("POST", "/subs_orders/{id}/orders", s.write(t.kind, s.createChildOrder))
	s.freeColumnRoutes("subs_orders")
}

// subsStates are the state words of a subscription and how staff see them.
var subsStates = map[string]string{"active": "有効", "suspend": "停止", "canceled": "キャンセル"}

func (s *shop) updateSubsOrder(w http.ResponseWriter, r *http.Request, body object) *refusal {
	t := s.tables["subs_orders"]
	rec, err := t.named(r)
	if err != nil {
		return err
	}
	changes := part(body, "subs_order")
	if changes == nil {
		return t.badParameter("subs_order")
	}
	rec, err = s.reviseSubsOrder(rec, changes, false)
	if err != nil {
		return err
	}
	simkit.Effect(w, "update sub_order "+rec.key())
	s.answerOne(w, r, t, rec, http.StatusOK)
	return nil
}

func (s *shop) reviseSubsOrder(rec *record, body object, _ bool) (*record, *refusal) {
	t := s.tables["subs_orders"]
	changes := accept(t.keys, body)
	before := rec.text("state")
	if state, given := changes["state"]; given {
		if subsStates[asText(state)] == "" {
			return nil, t.invalid("ステータスは不正な値です。")
		}
		changes["human_state"] = subsStates[asText(state)]
		if stamp := map[any]string{"suspend": "suspended_at", "canceled": "canceled_at"}[state]; stamp != "" && asText(state) != before {
			changes[stamp] = s.now()
		}
	}
	for ids, names := range map[string]string{"cancel_reason_ids": "cancel_reasons", "suspend_reason_ids": "suspend_reasons"} {
		if list, given := changes[ids].([]any); given {
			changes[names] = s.namesOf(names, list)
		}
	}
	changes["updated_at"] = s.now()
	rec = t.change(rec, changes)
	rec = s.reviseAddresses(t, rec, body)
	s.announce("subs_order_updated", "subs_order", rec)
	if state := rec.text("state"); state != before {
		s.announce("subs_order_"+state, "subs_order", rec)
	}
	return rec, nil
}

func (s *shop) namesOf(table string, ids []any) string {
	names := []string{}
	for _, id := range ids {
		names = append(names, asText(s.nameOf(table, id)))
	}
	return strings.Join(names, ",")
}

// createChildOrder makes the subscription's next order and answers nothing.
func (s *shop) createChildOrder(w http.ResponseWriter, r *http.Request, _ object) *refusal {
	t := s.tables["subs_orders"]
	subs, err := t.named(r)
	if err != nil {
		return err
	}
	if subs.text("state") != "active" {
		return t.invalid("有効な定期受注ではありません。")
	}
	last := s.related(t, subs, "orders")
	if len(last) == 0 {
		return t.invalid("元になる受注がありません。")
	}
	times, _ := subs.attrs["times"].(int64) //nolint:errcheck // always one
	orders := s.tables["orders"]
	attrs := maps.Clone(last[len(last)-1].attrs)
	now := s.now()
	maps.Copy(attrs, attributes{
		"number": fmt.Sprintf("%010x", (orders.last+1)*40503%(1<<40)), "times": times + 1, "state": "complete", "human_state": "注文確定",
		"payment_state": "authed", "payment_human_state": "与信済み", "completed_at": now, "shipped_at": nil, "delivered_at": nil,
		"shipping_slip": nil, "created_at": now, "updated_at": now,
	})
	order := orders.put(orders.nextID(), attrs, last[len(last)-1].links)
	t.change(subs, attributes{"times": times + 1, "orders_count": int64(len(last) + 1), "updated_at": now})
	simkit.Effect(w, "create order "+order.key())
	for _, event := range []string{"order_created", "order_complete", "order_completed"} {
		s.announce(event, "order", order)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
