package main

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (*sample) RulesHistory(context.Context, int) ([]host.RulesVersion, error) {
	return []host.RulesVersion{
		{Version: "9f86d081884c7d65", Since: morning, Flows: map[string]string{"customer-to-crm": "5d41402abc4b2a76", "thanks": "2"}},
		{Version: "1f8ac10f23c5b5bc", Since: morning.Add(-time.Hour), Flows: map[string]string{"customer-to-crm": "1", "greet": "1"}},
	}, nil
}

func (*sample) RulesSources(_ context.Context, version string) (map[string][]byte, error) {
	if version != "1f8ac10f23c5b5bc" {
		return nil, host.ErrNotFound
	}
	return map[string][]byte{"customers.yaml": []byte("language: 1\nflow: customers\non: {connection: shop, event: customer.updated}\nsteps:\n  - stop: nothing yet\n")}, nil
}

func (*sample) Read(_ context.Context, _, action string, input json.RawMessage) (json.RawMessage, error) {
	if action == "record.search" && strings.Contains(string(input), "Refused__c") {
		return nil, &abi.Error{Kind: abi.Denied, Message: "no access to Refused__c", Code: "INVALID_FIELD"}
	}
	return json.RawMessage(sampleAnswers[action]), nil
}

// sampleAnswers is what the sample's platforms answer, by action.
var sampleAnswers = map[string]string{
	"record.describe": `{"object":"Account","title":"取引先","fields":[
		{"name":"Name","type":"string","required":true},{"name":"Mail__c","type":"string"},{"name":"Rank__c","type":"string","values":["gold","silver"]}]}`,
	"record.search": `{"total_size":1,"records":[{"id":"001xx000003DGb2"}]}`,
}

// sampleWholeEvent carries all of the customer, as a real shop's does.
func sampleWholeEvent() host.Event {
	e := sampleEvent()
	e.ID, e.Subject = "01KE5E0003", "30512"
	e.Data = json.RawMessage(`{"id":"30512","email":"mari.suzuki@shop.example.org","full_name":"鈴木 真理"}`)
	return e
}
