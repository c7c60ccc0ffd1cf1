package main

import (
	"fmt"
	"net/http"
	"net/mail"
	"slices"

	"github.com/musubi-run/musubi/sdk/simkit"
)

func (s *shop) customerRoutes() {
	t := s.tables["customers"]
	s.handle("POST", "/customers", s.write(t.kind, s.createCustomer))
	s.handle("PUT", "/customers/{id}", s.write(t.kind, s.updateCustomer))
	s.handle("PUT", "/customers/bulk_update", s.write(t.kind, s.bulkUpdate(t, s.reviseCustomer)))
	s.handle("POST", "/customers/bulk_create", s.write(t.kind, s.bulkCreateCustomers))
	s.handle("DELETE", "/customers/bulk_destroy", s.write(t.kind, s.destroyCustomers))
	s.handle("POST", "/customers/{id}/points", s.write(t.kind, s.addPoints))
	s.handle("POST", "/customers/{id}/emails", s.write(t.kind, s.sendEmail))
	s.handle("POST", "/customers/{id}/sms", s.write(t.kind, s.sendSMS))
	s.freeColumnRoutes("customers")
}

// customerStates are the state words and how staff see them.
var customerStates = map[string]string{"member": "会員", "cancel": "退会", "guest": "ゲスト"}

func (s *shop) createCustomer(w http.ResponseWriter, r *http.Request, body object) *refusal {
	t := s.tables["customers"]
	draft := part(body, "customer")
	if draft == nil {
		return t.badParameter("customer")
	}
	rec, err := s.addCustomer(draft, flag(body, "check_duplicate_link_numbers"))
	if err != nil {
		return err
	}
	simkit.Effect(w, "create customer "+rec.key())
	s.answerOne(w, r, t, rec, http.StatusCreated)
	return nil
}

func (s *shop) addCustomer(draft object, checkLink bool) (*record, *refusal) {
	t := s.tables["customers"]
	id := t.nextID()
	attrs := s.customerDefaults(id)
	changes := accept(t.keys, draft)
	if err := s.checkCustomer(0, changes, checkLink); err != nil {
		return nil, err
	}
	if asText(changes["email"]) == "" {
		return nil, t.invalid("メールアドレスを入力してください。")
	}
	s.customerChanges(attrs, changes)
	links := map[string][]int64{}
	for relation, key := range map[string]string{"billing_address": "billing_address_attributes", "shipping_addresses": "shipping_address_attributes"} {
		if address := part(draft, key); len(address) > 0 {
			links[relation] = []int64{s.addAddress(address).id}
		}
	}
	rec := t.put(id, attrs, links)
	if points := part(draft, "point_attributes"); points != nil {
		rec = s.grant(rec, number(points, "point"), points)
	}
	s.announce("customer_created", "customer", rec)
	if rec.text("state") == "member" {
		s.announce("customer_member", "customer", rec)
	}
	return rec, nil
}

// customerDefaults are the attributes of a customer about whom nothing is known.
func (s *shop) customerDefaults(id int64) attributes {
	now := s.now()
	attrs := attributes{
		"number": fmt.Sprintf("%010x", id*2654435761%(1<<40)), "state": "member", "human_state_name": "会員", "email": "", "mobile_email": nil,
		"sex_id": nil, "sex": nil, "job_id": nil, "job": nil, "birth": nil, "buy_times": int64(0), "buy_total": int64(0),
		"first_order_completed_at": nil, "last_order_completed_at": nil, "point": int64(0), "point_expired_at": nil,
		"customer_rank_id": int64(1), "customer_rank_name": "レギュラー", "customer_type_id": int64(1), "customer_type_name": "一般",
		"optin": false, "mail_delivery_stop": false, "line_id": nil, "line_id_linked_at": nil, "link_number": "",
		"blacklist": false, "blacklist_reasons": "", "labels": "", "coupon_codes": "", "linked_memo": "", "tenant_id": nil, "assigned_admin_id": nil,
		"is_auto_generated_email": false, "np_royal_customer": nil, "auth_infrastructure_id": nil,
		"authentication_token": fmt.Sprintf("shopper-%d-secret", id),
		"created_at":           now, "updated_at": now, "deleted_at": nil,
	}
	for key := range optionKeys {
		attrs[key] = ""
	}
	return attrs
}

// customerChanges puts accepted changes into attrs, with what follows from them.
func (s *shop) customerChanges(attrs, changes attributes) {
	for key, v := range changes {
		switch key {
		case "is_blacklist":
			attrs["blacklist"] = v
			continue
		case "state":
			attrs["human_state_name"] = customerStates[asText(v)]
		case "sex_id":
			attrs["sex"] = s.nameOf("sexes", v)
		case "line_id":
			if asText(v) != asText(attrs["line_id"]) {
				attrs["line_id_linked_at"] = s.now()
			}
		}
		attrs[key] = v
	}
}

// nameOf returns the name of a master's row, or nil.
func (s *shop) nameOf(table string, id any) any {
	if rec, ok := s.tables[table].rows.Get(asText(id)); ok {
		return rec.attrs["name"]
	}
	return nil
}

// checkCustomer refuses what would make customer id invalid.
func (s *shop) checkCustomer(id int64, changes attributes, checkLink bool) *refusal {
	t := s.tables["customers"]
	if email, given := changes["email"]; given {
		if _, err := mail.ParseAddress(asText(email)); err != nil {
			return t.invalid("メールアドレスは不正な値です。")
		}
		if s.taken("email", asText(email), id) {
			return t.invalid("メールアドレスはすでに存在します。")
		}
	}
	if state, given := changes["state"]; given && customerStates[asText(state)] == "" {
		return t.invalid("ステータスは不正な値です。")
	}
	if link := asText(changes["link_number"]); checkLink && link != "" && s.taken("link_number", link, id) {
		return t.invalid("連携番号はすでに存在します。")
	}
	return nil
}

// taken says whether another living customer has that value.
func (s *shop) taken(attribute, value string, id int64) bool {
	return slices.ContainsFunc(s.tables["customers"].rows.Find(attribute, value), func(r *record) bool {
		return r.id != id && !r.deleted()
	})
}

func (s *shop) updateCustomer(w http.ResponseWriter, r *http.Request, body object) *refusal {
	t := s.tables["customers"]
	rec, err := t.named(r)
	if err != nil {
		return err
	}
	changes := part(body, "customer")
	if changes == nil {
		return t.badParameter("customer")
	}
	rec, err = s.reviseCustomer(rec, changes, flag(body, "check_duplicate_link_numbers"))
	if err != nil {
		return err
	}
	simkit.Effect(w, "update customer "+rec.key())
	s.answerOne(w, r, t, rec, http.StatusOK)
	return nil
}

// reviseCustomer changes the keys that were sent, and nothing else.
func (s *shop) reviseCustomer(rec *record, body object, checkLink bool) (*record, *refusal) {
	t := s.tables["customers"]
	changes := accept(t.keys, body)
	if err := s.checkCustomer(rec.id, changes, checkLink); err != nil {
		return nil, err
	}
	before := rec.text("state")
	attrs := attributes{"line_id": rec.attrs["line_id"], "line_id_linked_at": rec.attrs["line_id_linked_at"]}
	s.customerChanges(attrs, changes)
	attrs["updated_at"] = s.now()
	rec = t.change(rec, attrs)
	rec = s.reviseAddresses(t, rec, body)
	for _, note := range objects(body, "notes_attributes") {
		rec = t.link(rec, "notes", s.addNote(note).id)
	}
	s.announce("customer_updated", "customer", rec)
	if after := rec.text("state"); after != before && (after == "member" || after == "cancel") {
		s.announce("customer_"+after, "customer", rec)
	}
	return rec, nil
}

func (s *shop) addNote(body object) *record {
	t := s.tables["notes"]
	now := s.now()
	return t.put(t.nextID(), attributes{
		"content": asText(body["content"]), "operated_at": body["operated_at"], "operated_by": body["operated_by"], "created_at": now, "updated_at": now,
	}, nil)
}

// bulkCreateCustomers is asynchronous: it answers a job before anything is known.
func (s *shop) bulkCreateCustomers(w http.ResponseWriter, _ *http.Request, body object) *refusal {
	for _, draft := range objects(body, "customers") {
		if rec, err := s.addCustomer(draft, flag(body, "check_duplicate_link_numbers")); err == nil {
			simkit.Effect(w, "create customer "+rec.key())
		}
	}
	s.job(w)
	return nil
}

// destroyCustomers deletes for good, but nobody with a running subscription.
func (s *shop) destroyCustomers(w http.ResponseWriter, _ *http.Request, body object) *refusal {
	t := s.tables["customers"]
	ids, _ := body["customer_ids"].([]any) //nolint:errcheck // none is an empty list
	answer := newBulkAnswer()
	for _, id := range ids {
		answer.add(t.kind, id, id, s.destroyCustomer(w, asText(id)))
	}
	simkit.WriteJSON(w, http.StatusOK, answer)
	return nil
}

func (s *shop) destroyCustomer(w http.ResponseWriter, id string) *refusal {
	t := s.tables["customers"]
	rec, ok := t.rows.Get(id)
	if !ok || rec.deleted() {
		return t.notFound()
	}
	for _, subs := range s.related(t, rec, "subs_orders") {
		if subs.text("state") == "active" {
			return t.invalid("有効な定期受注があるため削除できません。")
		}
	}
	now := s.now()
	rec = t.change(rec, attributes{"deleted_at": now, "updated_at": now})
	simkit.Effect(w, "delete customer "+rec.key())
	s.announce("customer_destroyed", "customer", rec)
	return nil
}
