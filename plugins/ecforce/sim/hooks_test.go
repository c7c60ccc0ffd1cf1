package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/simkit"
)

// hookReceiver collects deliveries: the event and the body.
func hookReceiver(t *testing.T, s *shopUnderTest, hook simkit.Hook) func() []string {
	t.Helper()
	got := make(chan string, 100)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		got <- r.Header.Get("x-ecf-event") + " " + body.String()
	}))
	t.Cleanup(srv.Close)
	hook.URL = srv.URL
	if err := s.SetHook(t.Context(), hook); err != nil {
		t.Fatal(err)
	}
	return func() []string {
		if _, err := s.Sent(t.Context()); err != nil {
			t.Fatal(err)
		}
		var all []string
		for len(got) > 0 {
			all = append(all, <-got)
		}
		return all
	}
}

func TestWebhooksNameTheEventInTheHeader(t *testing.T) {
	s := startShop(t)
	received := hookReceiver(t, s, simkit.Hook{Template: "bare"})
	s.call(t, "PUT", "/admin/customers/30511.json", `{"customer":{"state":"cancel"}}`)
	s.call(t, "PUT", "/admin/orders/88213.json", `{"order":{"state":"delivered"}}`)
	s.call(t, "PUT", "/admin/subs_orders/5120.json", `{"subs_order":{"state":"active"}}`)
	want := []string{
		`customer_updated {"musubi":1,"family":"customer","id":"30511","number":"7ac01be9f2"}`,
		`customer_cancel {"musubi":1,"family":"customer","id":"30511","number":"7ac01be9f2"}`,
		`order_updated {"musubi":1,"family":"order","id":"88213","number":"b41f09c7aa","customer_id":"30511","state":"delivered"}`,
		`order_delivered {"musubi":1,"family":"order","id":"88213","number":"b41f09c7aa","customer_id":"30511","state":"delivered"}`,
		`subs_order_updated {"musubi":1,"family":"subs_order","id":"5120","state":"active"}`,
		`subs_order_active {"musubi":1,"family":"subs_order","id":"5120","state":"active"}`,
	}
	if got := received(); !slices.Equal(got, want) {
		t.Errorf("got %s", strings.Join(got, "\n"))
	}
}

func TestIDsTemplateTellsTheTimeOfTheChange(t *testing.T) {
	s := startShop(t)
	received := hookReceiver(t, s, simkit.Hook{Template: "ids"})
	if _, err := s.Deliver(t.Context(), simkit.Delivery{Event: "product_updated", ID: "1"}); err != nil {
		t.Fatal(err)
	}
	want := `product_updated {"musubi":1,"family":"product","id":"1","number":"P-1","updated_at":"2024/01/10 09:12:40"}`
	if got := received(); !slices.Equal(got, []string{want}) {
		t.Errorf("got %q", got)
	}
}

func TestFullTemplateIsAllTextAndEscapesNothing(t *testing.T) {
	s := startShop(t)
	received := hookReceiver(t, s, simkit.Hook{Events: []string{"customer_updated"}, Template: "full"})
	if err := s.PutRecord(t.Context(), "customers", "30511", map[string]any{"point": 7}); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(received()[0], " ")
	var doc map[string]any
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Fatal(err)
	}
	expect(t, "point", at(doc, "customer", "point"), "7")
	expect(t, "nil", at(doc, "customer", "line_id"), "")
	if err := s.PutRecord(t.Context(), "customers", "30511", map[string]any{"billing_address": map[string]any{"addr02": `"ひかり"ビル`}}); err != nil {
		t.Fatal(err)
	}
	if _, body, _ := strings.Cut(received()[0], " "); json.Valid([]byte(body)) {
		t.Errorf("a quote was escaped: %s", body)
	}
}

func TestDeliverSendsAnyEvent(t *testing.T) {
	s := startShop(t)
	received := hookReceiver(t, s, simkit.Hook{Template: `{"id":"{{ customer.id }}","zip":"{{ customer.billing_address.full_zip }}"}`})
	for _, d := range []simkit.Delivery{{Event: "customer_updated", ID: "30511", Times: 2}, {Event: "job_done", Body: "{"}} {
		if answer, err := s.Deliver(t.Context(), d); err != nil || answer.Status != 200 {
			t.Fatalf("%+v, %v", answer, err)
		}
	}
	want := []string{`customer_updated {"id":"30511","zip":"1500001"}`, `customer_updated {"id":"30511","zip":"1500001"}`, "job_done {"}
	if got := received(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
