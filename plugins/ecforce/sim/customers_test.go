package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

const taro = `{"customer":{"email":"taro@example.com","state":"member","sex_id":1,"birth":"1990-01-02","optin":1,"line_id":"U0123","link_number":"KTN-00042","nonsense":1,
 "billing_address_attributes":{"name01":"鈴木","name02":"太郎","zip01":"530","zip02":"0001","prefecture_id":27,"tel01":"06","tel02":"1234","tel03":"5678"},
 "point_attributes":{"point_event_id":1,"point":100}},"check_duplicate_link_numbers":1}`

func TestCreateCustomer(t *testing.T) {
	s := startShop(t)
	status, doc := s.call(t, "POST", "/admin/customers.json?include=billing_address", taro)
	expect(t, "status", status, 201)
	expect(t, "birth", at(doc, "data", "attributes", "birth"), "1990/01/02")
	expect(t, "optin", at(doc, "data", "attributes", "optin"), true)
	expect(t, "point", at(doc, "data", "attributes", "point"), 100.0)
	expect(t, "linked", at(doc, "data", "attributes", "line_id_linked_at") != nil, true)
	expect(t, "full_name", at(doc, "included", 0, "attributes", "full_name"), "鈴木 太郎")
	status, doc = s.call(t, "POST", "/admin/customers.json", taro)
	expect(t, "again", status, 422)
	expect(t, "code", at(doc, "errors", 0, "code"), "ACU3999")
	other := strings.Replace(taro, "taro@", "jiro@", 1)
	status, _ = s.call(t, "POST", "/admin/customers.json", other)
	expect(t, "same link number, checked", status, 422)
	status, _ = s.call(t, "POST", "/admin/customers.json", strings.Replace(other, `numbers":1`, `numbers":0`, 1))
	expect(t, "same link number, unchecked", status, 201)
}

func TestUpdateChangesOnlyWhatWasSentAndDropsTheRestSilently(t *testing.T) {
	s := startShop(t)
	status, doc := s.call(t, "PUT", "/admin/customers/30511.json", `{"customer":{"line_id":"U9","blacklist":true,"note":"x"},"update_member_groups":0}`)
	expect(t, "status", status, 200)
	expect(t, "line_id", at(doc, "data", "attributes", "line_id"), "U9")
	expect(t, "email", at(doc, "data", "attributes", "email"), "hanako@example.com")
	expect(t, "blacklist", at(doc, "data", "attributes", "blacklist"), false)
	status, doc = s.call(t, "PUT", "/admin/customers/99999.json", `{"customer":{}}`)
	expect(t, "missing", status, 404)
	expect(t, "code", at(doc, "errors", 0, "code"), "ACU2001")
}

func TestNotesArriveOnlyUnderTheirOwnKey(t *testing.T) {
	s := startShop(t)
	s.call(t, "PUT", "/admin/customers/30511.json", `{"customer":{"customer_notes_attributes":[{"content":"a"}]}}`)
	s.call(t, "PUT", "/admin/customers/30511.json", `{"customer":{"notes_attributes":[{"content":"b"}]}}`)
	_, doc := s.call(t, "GET", "/admin/customers/30511.json?include=notes,billing_address", "")
	expect(t, "content", at(doc, "included", 0, "attributes", "content"), "b")
	expect(t, "one note", at(doc, "included", 2), nil)
}

func TestBulkUpdateAnswers200WithFailuresInside(t *testing.T) {
	s := startShop(t)
	status, doc := s.call(t, "PUT", "/admin/customers/bulk_update.json", `{"customers":[{"id":30511,"link_number":"A"},{"id":31,"link_number":"B"}]}`)
	expect(t, "status", status, 200)
	expect(t, "success", at(doc, "success", 0), 30511.0)
	expect(t, "failure", at(doc, "failure", 0), 31.0)
	expect(t, "wrapper", at(doc, "errors", 0, "code"), "ACU0000")
	expect(t, "reason", at(doc, "errors", 0, "errors", 0, "code"), "ACU2001")
}

func TestCustomersWithARunningSubscriptionStay(t *testing.T) {
	s := startShop(t)
	if err := s.PutRecord(t.Context(), "subs_orders", "5120", map[string]any{"state": "active"}); err != nil {
		t.Fatal(err)
	}
	_, doc := s.call(t, "DELETE", "/admin/customers/bulk_destroy.json", `{"customer_ids":[30511,30502]}`)
	expect(t, "failure", at(doc, "failure", 0), 30511.0)
	expect(t, "success", at(doc, "success", 0), 30502.0)
	status, _ := s.call(t, "GET", "/admin/customers/30502.json", "")
	expect(t, "deleted", status, 404)
	_, doc = s.call(t, "GET", "/admin/customers.json?q[id_eq]=30502&q[with_deleted]=1", "")
	expect(t, "with_deleted", at(doc, "data", 0, "id"), "30502")
}

func TestPointsEmailsAndSMS(t *testing.T) {
	s := startShop(t)
	_, before := s.call(t, "GET", "/admin/customers/30511.json", "")
	had, _ := at(before, "data", "attributes", "point").(float64)
	s.call(t, "POST", "/admin/customers/30511/points.json", `{"name":"test","point":100,"addition_and_subtraction":1,"with_create":1}`)
	_, after := s.call(t, "GET", "/admin/customers/30511.json", "")
	expect(t, "point", at(after, "data", "attributes", "point"), had+100)
	status, _ := s.call(t, "POST", "/admin/customers/30511/emails.json", `{"subject":"s","body":"b"}`)
	expect(t, "email", status, 200)
	status, _ = s.call(t, "POST", "/admin/customers/30511/sms.json", `{"body":""}`)
	expect(t, "empty sms", status, 422)
}

func TestFreeColumns(t *testing.T) {
	s := startShop(t)
	s.call(t, "POST", "/admin/orders/88213/free_column_values/bulk_create.json", `{"free_columns":[{"free_column_id":5,"free_column_value":"乾燥"}]}`)
	resp, text := s.raw(t, "GET", "/admin/orders/88213/free_column_values.json", "")
	var doc []any
	if err := json.Unmarshal(text, &doc); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", resp.StatusCode, text)
	}
	expect(t, "value", at(doc, 0, "values", 0, "values", 0, "free_column_value_values", 0), "乾燥")
}
