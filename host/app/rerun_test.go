package app_test

import (
	"errors"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/simkit"
)

const askCRM = `language: 1
flow: ask
on: {connection: shop, event: customer.updated}
steps:
  - call: crm.record.search
    with: {object: Nothing, match: {Name: x}}
`

// Another connection may run a failed run again only if the flow uses the one
// that it takes the place of, and both are of the same connector.
func TestRerunNamesTheConnectionsThatCanBeReplaced(t *testing.T) {
	crm := hosttest.Connection{Connector: "salesforce", Quiet: true}
	h := hosttest.Start(t, hosttest.Options{
		Rules:       map[string]string{"ask.yaml": askCRM},
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}, "crm": crm, "crm2": crm},
	})
	h.Deliver("shop", simkit.Delivery{Event: "customer_updated", ID: "30511"})
	run := h.Settled(1)[0]
	if run.State != host.RunFailed {
		t.Fatalf("the run is %s", run.State)
	}
	for _, c := range []struct{ name, other, en, ja string }{
		{"crm2", "crm", "flow ask does not use the connection crm2; it uses: crm", "フロー ask は接続 crm2 を使っていません。使っている接続: crm"},
		{"crm", "shop", "shop cannot take the place of crm: it is of the connector ecforce, not salesforce", "shop は crm の代わりになりません。shop のコネクターは salesforce ではなく ecforce です"},
		{"crm", "crm3", `there is no connection "crm3": did you mean "crm"?`, "接続「crm3」はありません。「crm」ではありませんか?"},
	} {
		for _, how := range []host.Restart{host.RestartStep, host.RestartNewest} {
			err := h.Client.Rerun(t.Context(), run.ID, host.Rerun{How: how, Connections: map[string]string{c.name: c.other}})
			if problem, ok := errors.AsType[*api.Problem](err); !ok || problem.Detail != c.en || problem.DetailJA != c.ja {
				t.Errorf("%s=%s: %+v", c.name, c.other, err)
			}
		}
	}
	if err := h.Client.Rerun(t.Context(), run.ID, host.Rerun{Connections: map[string]string{"crm": "crm2"}}); err != nil {
		t.Error(err)
	}
	if run = h.Settled(1)[0]; run.Connections["crm"] != "crm2" {
		t.Errorf("the run went with %v", run.Connections)
	}
}
