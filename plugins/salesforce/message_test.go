package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
)

func message(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "webhooks", name, "body"))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestMessagesOfOtherOrgsAreRefused(t *testing.T) {
	body := message(t, "opportunity")
	for organization, want := range map[string]abi.Kind{
		"00Dxx0000000001":    abi.OK,
		"00Dxx0000000001EAA": abi.OK,
		"00Dxx0000000002EAA": abi.Denied,
		"00dxx0000000001":    abi.Denied,
	} {
		c := sdktest.New(t, connector(), map[string]any{"base_url": "https://example.my.salesforce.com", "organization_id": organization}, nil)
		if _, err := c.Deliver(sdk.Delivery{Method: "POST", Body: body}); abi.KindOf(err) != want {
			t.Errorf("organization_id %s: %v, want %s", organization, err, want)
		}
	}
}

func TestSessionIDIsDropped(t *testing.T) {
	c := sdktest.New(t, connector(), map[string]any{"base_url": "https://example.my.salesforce.com"}, nil)
	receipt, err := c.Deliver(sdk.Delivery{Method: "POST", Body: message(t, "several-with-entities")})
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range receipt.Events {
		if strings.Contains(string(event.Data), "AQ0AQ") {
			t.Errorf("the session id is in the event: %s", event.Data)
		}
	}
}

func TestEntitiesAreNotExpandedFromADTD(t *testing.T) {
	body := strings.Replace(string(message(t, "opportunity")), "<soapenv:Envelope", `<!DOCTYPE x [<!ENTITY x "y">]><soapenv:Envelope`, 1)
	body = strings.Replace(body, "Closed Won", "&x;", 1)
	if _, err := readMessage([]byte(body)); err == nil {
		t.Error("a message with an entity of its own is read")
	}
}

func FuzzReadMessage(f *testing.F) {
	cases, err := os.ReadDir(filepath.Join("testdata", "webhooks"))
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		f.Add(message(f, c.Name()))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := readMessage(body)
		if err != nil {
			return
		}
		for i := range m.Notifications {
			if event, err := m.Notifications[i].event(m); err == nil && (event.Subject == "" || event.Dedupe == "") {
				t.Errorf("an event without subject or dedupe: %+v", event)
			}
		}
	})
}
