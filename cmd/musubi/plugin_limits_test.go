package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/egress"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Every limit that a connection can set is among those that inspect prints.
func TestInspectPrintsEveryLimit(t *testing.T) {
	p := &program{lang: diag.English}
	printed := map[string]bool{}
	for _, row := range p.boundTable(app.BoundsOf(nil)).rows {
		printed[row[0]] = true
	}
	for _, limits := range []any{wasm.Limits{}, egress.Limits{}} {
		for field := range reflect.TypeOf(limits).Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !printed[name] {
				t.Errorf("%s is not printed", name)
			}
		}
	}
}

// The host sends the client's secret to the token address, which need not be
// among the hosts that the plugin reaches.
func TestInspectPrintsWhereTokensComeFrom(t *testing.T) {
	long := "https://" + strings.Repeat("a.", widestCell) + "example.com"
	m := &abi.Manifest{Hosts: []string{long}, Auth: []abi.AuthScheme{
		{Name: "header", Type: abi.AuthHeader},
		{Name: "client", Type: abi.AuthClientCredentials, TokenURL: long + "/token"},
	}}
	for lang, want := range map[diag.Lang]string{diag.English: "gets tokens from " + long + "/token", diag.Japanese: "トークンの取得先 " + long + "/token"} {
		p := &program{lang: lang}
		rows := p.authTable(m).rows
		if rows[0][3] != "" || rows[1][3] != want {
			t.Errorf("got %q", rows)
		}
	}
	if got := lines(m.Hosts).rows[0][0]; got != long {
		t.Errorf("the host is cut: %s", got)
	}
}

func TestInspectPrintsThePaceOfEndpoints(t *testing.T) {
	p := &program{lang: diag.English}
	rows := p.paceTable(&abi.Limits{Endpoints: []abi.EndpointLimit{
		{Match: "POST /broadcast", Requests: 60, Seconds: 3600}, {Match: "* /groups/{...}", Requests: 5, Seconds: 90},
	}}).rows
	want := [][]string{
		{"POST /broadcast", "60 / h", "requests at this endpoint"},
		{"* /groups/{...}", "5 / 90s", "requests at this endpoint"},
	}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("got %q", rows)
	}
}

// What a host answers without a signature is part of what a plugin can do.
func TestInspectPrintsPings(t *testing.T) {
	m := &abi.Manifest{Webhook: &abi.Webhook{Pings: []abi.Ping{{Form: []string{"webhook_id", "shop"}}}}}
	for lang, want := range map[diag.Lang]string{diag.English: "a form of webhook_id and shop alone", diag.Japanese: "webhook_id・shop だけのフォーム"} {
		p := &program{lang: lang}
		if rows := p.webhookTable(m).rows; len(rows) != 2 || rows[1][0] != want {
			t.Errorf("got %q", rows)
		}
	}
}
