package app_test

import (
	"encoding/json"
	"testing"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

// TestWhyMembersRefuseAnEventIsToldInJapanese compares with what an import says of the same.
func TestWhyMembersRefuseAnEventIsToldInJapanese(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}}})
	in := api.MemberImport{Source: "test"}
	for _, model := range []abi.Model{"customer", "order", "subscription"} {
		in.Facts = append(in.Facts, api.MemberFact{Connection: "shop", Model: model, Data: json.RawMessage("{}")})
	}
	got, err := h.Client.ImportMembers(t.Context(), in)
	if err != nil || len(got.Refused) != len(in.Facts) {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, refused := range got.Refused {
		if ja := app.FaultJA(refused.Why.EN); ja == "" || ja != refused.Why.JA {
			t.Errorf("%q is told as %q, want %q", refused.Why.EN, ja, refused.Why.JA)
		}
	}
	if ja := app.FaultJA("reading the data of the event: EOF"); ja != "イベントのデータを読めません: EOF" {
		t.Errorf("data that cannot be read is told as %q", ja)
	}
}
