package main

import (
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk"
)

// Who is recognised by somebody else's number would get that person's data.
func TestOnlyWhatIsTheBuyersOwnIsTheirNumber(t *testing.T) {
	s := openShop(t, nil)
	const (
		own   = `{"last_name":"山田","first_name":"花子","phone":"090-1111-2222"}`
		other = `{"last_name":"鈴木","first_name":"太郎","phone":"080-3333-4444"}`
		buyer = `"last_name":"山田","first_name":"花子"`
	)
	for _, c := range []struct{ topic, body, want string }{
		{"customers/update", `{"id":1,` + buyer + `,"default_address":` + own + `}`, "09011112222"},
		{"customers/update", `{"id":1,"last_name":"山田 ","first_name":"　花子","default_address":` + own + `}`, "09011112222"},
		{"customers/update", `{"id":1,` + buyer + `,"default_address":` + other + `}`, ""},
		{"customers/update", `{"id":1,` + buyer + `,"phone":"+817055556666","default_address":` + other + `}`, "07055556666"},
		{"customers/update", `{"id":1,"default_address":` + other + `}`, ""},
		{"orders/updated", `{"id":1,"customer":{"id":1,` + buyer + `},"billing_address":` + other + `,"shipping_address":` + other + `}`, ""},
		{"orders/updated", `{"id":1,"customer":{"id":1,` + buyer + `},"billing_address":` + other + `,"shipping_address":` + own + `}`, "09011112222"},
		{"orders/updated", `{"id":1,"billing_address":` + own + `,"shipping_address":` + other + `}`, "09011112222"},
		{"orders/updated", `{"id":1,"shipping_address":` + other + `}`, ""},
		{"checkouts/update", `{"id":1,"customer":{"id":1,` + buyer + `},"shipping_address":` + other + `}`, ""},
		{"checkouts/update", `{"id":1,"customer":{"id":1,` + buyer + `},"shipping_address":` + own + `}`, "09011112222"},
	} {
		var got struct {
			Phone string `json:"phone"`
		}
		if err := sdk.Decode(deliver(t, s, c.topic, c.body).Data, &got); err != nil {
			t.Fatal(err)
		}
		if got.Phone != c.want {
			t.Errorf("%s %s: got %q, want %q", c.topic, c.body, got.Phone, c.want)
		}
	}
}

// Nothing of a person is there where the plan hides it: then nobody knows.
func TestWhatIsEmptyIsToldFromWhatIsHidden(t *testing.T) {
	s := openShop(t, nil)
	s.put(t, "customers", "7770001", map[string]any{"phone": nil, "lastName": "佐藤", "metafields": []any{}})
	for shown, want := range map[string]string{"shown": "line_id phone", "null": "line_id", "denied": "line_id"} {
		s.limit(t, map[string]any{"personal_data": shown})
		var c customer
		if err := s.Do("customer.get", byID{ID: "7770001"}, &c); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(c.Cleared, " "); got != want {
			t.Errorf("%s: %q, want %q", shown, got, want)
		}
	}
	var c customer
	if err := sdk.Decode(deliver(t, s, "customers/update", `{"id":7770001,"last_name":"山田"}`).Data, &c); err != nil || c.Cleared != nil {
		t.Errorf("a webhook without metafields clears %v, %v", c.Cleared, err)
	}
}
