package main

import (
	"net/http"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk/simkit"
)

func (s *shop) orderRoutes() {
	t := s.tables["orders"]
	s.handle("PUT", "/orders/{id}", s.write(t.kind, s.updateOrder))
	s.handle("PUT", "/orders/bulk_update", s.write(t.kind, s.bulkUpdate(t, s.reviseOrderWithLink)))
	s.handle("PUT", "/orders/shipping", s.write(t.kind, s.shipOrders))
	s.handle("POST", "/orders/{id}/payment_status", s.write(t.kind, s.changePayment))
	s.handle("POST", "/orders/payment_status/bulk_update", s.write(t.kind, s.changePayments))
	s.freeColumnRoutes("orders")
}

// orderStates are the platform's own state words; a shop may add any other.
var orderStates = map[string]string{
	"complete": "注文確定", "shipped": "発送完了", "canceled": "キャンセル", "delivered": "配送完了", "returned": "返品", "reserved": "予約",
}

func (s *shop) updateOrder(w http.ResponseWriter, r *http.Request, body object) *refusal {
	t := s.tables["orders"]
	rec, err := t.named(r)
	if err != nil {
		return err
	}
	changes := part(body, "order")
	if changes == nil {
		return t.badParameter("order")
	}
	if flag(body, "preview") {
		s.answerOne(w, r, t, rec, http.StatusOK)
		return nil
	}
	rec, err = s.reviseOrder(rec, changes, false)
	if err != nil {
		return err
	}
	simkit.Effect(w, "update order "+rec.key())
	s.answerOne(w, r, t, rec, http.StatusOK)
	return nil
}

// reviseOrderWithLink also takes link_number, as only the bulk update does.
func (s *shop) reviseOrderWithLink(rec *record, body object, checkLink bool) (*record, *refusal) {
	if link, given := body["link_number"]; given {
		rec = s.tables["orders"].change(rec, attributes{"link_number": asText(link)})
	}
	return s.reviseOrder(rec, body, checkLink)
}

// reviseOrder changes what was sent and announces the new state.
func (s *shop) reviseOrder(rec *record, body object, _ bool) (*record, *refusal) {
	t := s.tables["orders"]
	changes := accept(t.keys, body)
	if state, given := changes["state"]; given {
		s.enterState(rec, changes, asText(state))
	}
	changes["updated_at"] = s.now()
	before := rec.text("state")
	rec = t.change(rec, changes)
	rec = s.reviseAddresses(t, rec, body)
	for _, item := range objects(body, "order_items_attributes") {
		s.reviseItem(rec, item)
	}
	s.announceOrder(rec, before)
	return rec, nil
}

// enterState adds what follows from a new state: its label and its time.
func (s *shop) enterState(rec *record, changes attributes, state string) {
	changes["human_state"] = orderStates[state]
	if orderStates[state] == "" {
		changes["human_state"] = state
	}
	stamp := map[string]string{"shipped": "shipped_at", "delivered": "delivered_at", "complete": "completed_at"}[state]
	if stamp != "" && rec.attrs[stamp] == nil && changes[stamp] == nil {
		changes[stamp] = s.now()
	}
}

// announceOrder sends the webhooks of a changed order.
func (s *shop) announceOrder(rec *record, before string) {
	s.announce("order_updated", "order", rec)
	state := rec.text("state")
	if state != before && slices.Contains([]string{"complete", "shipped", "delivered", "canceled"}, state) {
		s.announce("order_"+state, "order", rec)
	}
}

func (s *shop) reviseItem(rec *record, item object) {
	t := s.tables["order_items"]
	row, ok := t.get(number(item, "id"))
	if !ok || row.text("order_id") != rec.key() {
		return
	}
	if flag(item, "delete") {
		t.rows.Delete(row.key())
		return
	}
	t.change(row, accept(t.keys, item))
}

// shipOrders takes shipping results; an item names an order, and maybe one of its addresses.
func (s *shop) shipOrders(w http.ResponseWriter, _ *http.Request, body object) *refusal {
	t := s.tables["orders"]
	answer := newBulkAnswer()
	for _, item := range objects(body, "orders") {
		id := number(item, "id")
		var shown any = id
		if address := number(item, "shipping_address_id"); address != 0 {
			shown = itoa(id) + "-" + itoa(address)
		}
		answer.add(t.kind, id, shown, s.shipOrder(w, id, item))
	}
	if flag(body, "with_async") {
		s.jobs++
		simkit.WriteJSON(w, http.StatusOK, map[string]string{"job_id": "RsHB" + itoa(s.jobs)})
		return nil
	}
	simkit.WriteJSON(w, http.StatusOK, answer)
	return nil
}

func (s *shop) shipOrder(w http.ResponseWriter, id int64, item object) *refusal {
	t := s.tables["orders"]
	rec, ok := t.get(id)
	if !ok {
		return t.notFound()
	}
	if rec.text("state") == "canceled" {
		return t.invalid("キャンセル済みの受注は発送できません。")
	}
	changes := accept(map[string]coercion{"shipping_slip": toText, "shipping_carrier_id": toInt, "shipped_at": toStamp}, item)
	if changes["shipping_carrier_id"] != nil {
		changes["shipping_carrier_name"] = s.nameOf("shipping_carriers", changes["shipping_carrier_id"])
	}
	changes["state"] = "shipped"
	s.enterState(rec, changes, "shipped")
	changes["updated_at"] = s.now()
	before := rec.text("state")
	rec = t.change(rec, changes)
	simkit.Effect(w, "ship order "+rec.key())
	s.announceOrder(rec, before)
	return nil
}

// paymentStates are what the methods of payment_status lead to.
var paymentStates = map[string]string{"void": "voided", "force_void": "voided", "reauth": "authed", "sales": "completed"}

func (s *shop) changePayment(w http.ResponseWriter, r *http.Request, body object) *refusal {
	t := s.tables["orders"]
	rec, err := t.named(r)
	if err != nil {
		return err
	}
	method := asText(body["method"])
	if method != "void" && method != "reauth" {
		return t.badParameter("method")
	}
	rec = s.payOrder(rec, method, body)
	simkit.Effect(w, method+" payment of order "+rec.key())
	s.answerOne(w, r, t, rec, http.StatusOK)
	return nil
}

// payOrder moves the payment. A void without an explicit 0 also moves the
// subscription's counter, which is what makes the flag dangerous to leave out.
func (s *shop) payOrder(rec *record, method string, body object) *record {
	t := s.tables["orders"]
	state := paymentStates[method]
	changes := attributes{"payment_state": state, "payment_human_state": state, "updated_at": s.now()}
	if column := map[string]string{"voided": "payment_voided_at", "authed": "payment_authed_at", "completed": "payment_completed_at"}[state]; column != "" {
		changes[column] = s.now()
	}
	rec = t.change(rec, changes)
	_, told := body["decrement_subs_order_times"]
	if strings.HasSuffix(method, "void") && (!told || flag(body, "decrement_subs_order_times")) {
		s.decrement(rec)
	}
	s.announce("order_updated", "order", rec)
	return rec
}

// decrement takes one from the counter of the order's subscription.
func (s *shop) decrement(rec *record) {
	subs, ok := s.tables["subs_orders"].rows.Get(rec.text("subs_order_id"))
	if !ok {
		return
	}
	if times, ok := subs.attrs["times"].(int64); ok {
		s.tables["subs_orders"].change(subs, attributes{"times": times - 1, "updated_at": s.now()})
	}
}

// changePayments is asynchronous: it answers a job.
func (s *shop) changePayments(w http.ResponseWriter, _ *http.Request, body object) *refusal {
	t := s.tables["orders"]
	method := asText(body["method"])
	if paymentStates[method] == "" {
		return t.badParameter("method")
	}
	ids, _ := body["order_ids"].([]any) //nolint:errcheck // none is an empty list
	for _, id := range ids {
		if rec, ok := t.rows.Get(asText(id)); ok {
			s.payOrder(rec, method, body)
			simkit.Effect(w, method+" payment of order "+rec.key())
		}
	}
	s.job(w)
	return nil
}
