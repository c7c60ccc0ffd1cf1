package hosttest_test

import (
	"net/http"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// The main job: what changes in the shop becomes one right record in the CRM,
// with either form of the shipped flow.

func TestCustomerBecomesRecord(t *testing.T) {
	for _, flow := range []string{"ecforce-customer-to-salesforce", "ecforce-customer-to-salesforce-upsert"} {
		t.Run(flow, func(t *testing.T) {
			t.Parallel()
			h := hosttest.Start(t, hosttest.Options{
				Library:     []string{flow},
				Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce"}, "crm": {Connector: "salesforce"}},
			})
			synchronise(t, h)
		})
	}
}

// synchronise adds a customer, changes her, repeats a delivery and sends one
// that cannot be read.
func synchronise(t *testing.T, h *hosttest.Host) {
	t.Helper()
	change(t, h, map[string]any{"email": "hanako-700001@example.com", "billing_address": map[string]any{"name01": "山田", "name02": "花子"}})
	wantAccount(t, h, "山田 花子")
	change(t, h, map[string]any{"billing_address": map[string]any{"name01": "鈴木", "name02": "花子"}})
	wantAccount(t, h, "鈴木 花子")
	wantDeadLetter(t, h)
}

// change edits the customer in the shop's console, which delivers a webhook,
// and waits for what comes of it.
func change(t *testing.T, h *hosttest.Host, fields map[string]any) {
	t.Helper()
	before := len(h.Runs(host.RunFilter{}))
	if err := h.Sims["shop"].PutRecord(t.Context(), "customers", "700001", fields); err != nil {
		t.Fatal(err)
	}
	// A new customer is announced as created, which the flow does not listen to.
	if before == 0 {
		h.Deliver("shop", simkit.Delivery{Event: "customer_updated", ID: "700001"})
	}
	for _, run := range h.Settled(before + 1) {
		if run.State != host.RunDone {
			t.Fatalf("run %s of %s: %s: %v", run.ID, run.Subject, run.State, run.Error)
		}
	}
}

func wantAccount(t *testing.T, h *hosttest.Host, name string) {
	t.Helper()
	var accounts []struct {
		Name string
		Mail string `json:"Mail__c"`
	}
	if err := h.Sims["crm"].Records(t.Context(), "Account", &accounts); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, a := range accounts {
		if a.Mail == "hanako-700001@example.com" {
			found = append(found, a.Name)
		}
	}
	if len(found) != 1 || found[0] != name {
		t.Errorf("the customer's accounts are %q, want one: %q", found, name)
	}
}

func wantDeadLetter(t *testing.T, h *hosttest.Host) {
	t.Helper()
	header := http.Header{"X-Ecf-Event": {"customer_updated"}, "Content-Type": {"application/json"}}
	if status, answer := h.Send("shop", header, []byte(`{"customer": {"id": "`)); status != http.StatusOK {
		t.Errorf("a delivery that cannot be read is answered %d %s", status, answer)
	}
	letters, err := h.Client.DeadLetters(t.Context(), host.EventFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(letters) != 1 {
		t.Errorf("%d dead letters, want 1", len(letters))
	}
}
