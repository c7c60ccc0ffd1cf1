package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
)

// closedShop is a connection that no request may leave by.
func closedShop(t *testing.T, settings map[string]any) *sdktest.Connection {
	t.Helper()
	all := map[string]any{"base_url": "https://shop.example.com"}
	for name, value := range settings {
		all[name] = value
	}
	return sdktest.New(t, connector, all, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a webhook made the request %s", r.URL)
	}))
}

// delivery is a webhook as the platform sends it.
func delivery(event, body string) sdk.Delivery {
	return sdk.Delivery{Method: "POST", Headers: []abi.Header{{Name: "X-Ecf-Event", Value: event}}, Body: []byte(body)}
}

// deliver delivers a webhook that makes one event, and returns the event.
func deliver(t *testing.T, c *sdktest.Connection, event, body string) abi.Event {
	t.Helper()
	receipt, err := c.Deliver(delivery(event, body))
	if err != nil || len(receipt.Events) != 1 {
		t.Fatalf("%s: %d events, %v", event, len(receipt.Events), err)
	}
	return receipt.Events[0]
}

// TestRepetitionsAndChanges says which deliveries are one fact.
func TestRepetitionsAndChanges(t *testing.T) {
	const stamped = `{"id":"1","updated_at":"2025/02/11 21:03:10"}`
	cases := []struct {
		name, event, first, second string
		same                       bool
	}{
		{"the same change twice", "customer_updated", stamped, stamped, true},
		{"two changes", "customer_updated", stamped, `{"id":"1","updated_at":"2025/02/11 21:03:11"}`, false},
		{"two customers", "customer_updated", stamped, strings.Replace(stamped, `"1"`, `"2"`, 1), false},
		{"no time of change", "customer_updated", `{"id":"1"}`, `{"id":"1"}`, false},
		{"a pause without a time of change", "subs_order_suspend", `{"id":"1"}`, `{"id":"1"}`, false},
		{"shipping twice without a time", "order_shipped", `{"id":"1"}`, `{"id":"1"}`, true},
		{"shipping, sent again after the order changed", "order_shipped", stamped, `{"id":"1","updated_at":"2026/01/01 00:00:00"}`, true},
		{"two orders shipped", "order_shipped", `{"id":"1"}`, `{"id":"2"}`, false},
		{"an unknown event twice", "card_expired", stamped, stamped, true},
		{"an unknown event of two customers", "rank_changed", `{"customer_id":"1","updated_at":"2025/02/11 21:03:10"}`, `{"customer_id":"2","updated_at":"2025/02/11 21:03:10"}`, false},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := closedShop(t, nil)
			first := deliver(t, c, tc.event, tc.first)
			c.Now = c.Now.Add(time.Millisecond)
			second := deliver(t, c, tc.event, tc.second)
			if (first.Dedupe == second.Dedupe) != tc.same {
				t.Errorf("%q and %q", first.Dedupe, second.Dedupe)
			}
		})
	}
}

// TestOrderCompleteIsNotOrderCompleted: a state word and the end of building are two facts.
func TestOrderCompleteIsNotOrderCompleted(t *testing.T) {
	c := closedShop(t, nil)
	confirmed, completed := deliver(t, c, "order_complete", `{"id":"1"}`), deliver(t, c, "order_completed", `{"id":"1"}`)
	if confirmed.Type != "order.confirmed" || completed.Type != "order.completed" {
		t.Errorf("%s and %s", confirmed.Type, completed.Type)
	}
}

func TestUnknownEventsOfOneRecordAreToldApart(t *testing.T) {
	c := closedShop(t, nil)
	const body = `{"id":"1","updated_at":"2025/02/11 21:03:10"}`
	if a, b := deliver(t, c, "card_expired", body), deliver(t, c, "card_deleted", body); a.Dedupe == b.Dedupe {
		t.Errorf("both are %q", a.Dedupe)
	}
}

func TestEveryAnnouncedTriggerIsDeclared(t *testing.T) {
	c := closedShop(t, nil)
	for name, what := range events {
		if got := deliver(t, c, name, `{"id":"1"}`); got.Type != what.trigger || got.Subject != "1" {
			t.Errorf("%s makes %s of %s", name, got.Type, got.Subject)
		}
	}
}

func TestIDsOnlyRefusesOtherTemplates(t *testing.T) {
	c := closedShop(t, map[string]any{"webhook_bodies": "ids"})
	deliver(t, c, "customer_updated", `{"musubi":1,"id":"1"}`)
	if _, err := c.Deliver(delivery("customer_updated", `{"id":"1"}`)); abi.KindOf(err) != abi.Invalid {
		t.Errorf("error %v", err)
	}
}

func TestTemplateShapes(t *testing.T) {
	c := closedShop(t, nil)
	for name, body := range map[string]string{
		"at the top":           `{"id":"7","email":"a@example.com"}`,
		"number":               `{"id":7,"email":"a@example.com"}`,
		"under the family":     `{"customer":{"id":"7","email":"a@example.com"}}`,
		"id beside the family": `{"id":"7","customer":{"email":"a@example.com"}}`,
		"under data":           `{"data":{"id":"7","email":"a@example.com"}}`,
		"as the API writes it": `{"data":{"id":"7","attributes":{"id":7,"email":"a@example.com"}}}`,
		"customer_id":          `{"customer_id":"7","email":"a@example.com"}`,
		"byte order mark":      "\ufeff" + `{"id":"7","email":"a@example.com"}`,
	} {
		event := deliver(t, c, "customer_updated", body)
		var data customer
		if err := json.Unmarshal(event.Data, &data); err != nil {
			t.Fatal(err)
		}
		if data.ID != "7" || data.Email != "a@example.com" {
			t.Errorf("%s: id %q, email %q", name, data.ID, data.Email)
		}
	}
}

func TestShopperTokenGetsNowhere(t *testing.T) {
	c := closedShop(t, nil)
	for _, body := range []string{
		`{"id":"1","authentication_token":"s3cr3t"}`, `{"customer":{"id":"1","authentication_token":"s3cr3t"}}`,
		`{"data":{"id":"1","type":"customer","attributes":{"authentication_token":"s3cr3t"}}}`,
	} {
		if event := deliver(t, c, "customer_updated", body); strings.Contains(string(event.Data), "s3cr3t") {
			t.Errorf("%s gives %s", body, event.Data)
		}
	}
}

// noHost is a host that a webhook asks for nothing; its log tells of a panic.
type noHost struct{}

func (noHost) HTTP(*abi.Request) *abi.Response       { panic("a webhook made a request") }
func (noHost) StateGet(string) ([]byte, bool, error) { panic("a webhook read state") }
func (noHost) StateSet(string, []byte) error         { panic("a webhook wrote state") }
func (noHost) Learn(abi.Allowance)                   { panic("a webhook learned of a limit") }
func (noHost) Log(_ abi.Level, line string)          { panic(line) }

// FuzzReceive: whatever a template renders is an event or Invalid, never anything else.
func FuzzReceive(f *testing.F) {
	f.Add("customer_updated", `{"customer":{"id":"1","billing_address":{"addr02":"1-2"}}}`)
	f.Add("order_shipped", `{"id":"1","customer":{"id":""},"total":"1980","updated_at":"2025/02/11 21:03:10"}`)
	f.Add("subs_order_suspend", `{"data":{"attributes":{"id":1.0,"state":null}}}`)
	f.Add("x", `[{"id":"\ud800"}]`)
	settings := []byte(`{"base_url":"https://shop.example.com"}`)
	instance := connector.Instance(noHost{})
	f.Fuzz(func(t *testing.T, event, body string) {
		reply := instance.Handle(&abi.Call{
			Op: abi.OpWebhook, Settings: settings, Now: sdktest.Epoch, Body: []byte(body), Headers: delivery(event, body).Headers,
		})
		if reply.Err != nil {
			if reply.Err.Kind != abi.Invalid {
				t.Errorf("%v", reply.Err)
			}
			return
		}
		var receipt abi.Receipt
		if err := json.Unmarshal(reply.Body, &receipt); err != nil {
			t.Fatalf("%v in %s", err, reply.Body)
		}
		for _, e := range receipt.Events {
			if e.Subject == "" || e.Dedupe == "" {
				t.Errorf("event without subject or dedupe: %+v", e)
			}
		}
	})
}
