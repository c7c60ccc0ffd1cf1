package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

func status(t *testing.T, h *hosttest.Host) api.Status {
	t.Helper()
	s, err := h.Client.Status(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// whereOf reads a group's filter, as the command line does.
func whereOf(t *testing.T, text string) (f host.RunFilter) {
	t.Helper()
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "flow":
			f.Flow = value
		case "connection":
			f.Connection = value
		case "kind":
			f.Kind, _ = abi.ParseKind(value)
		case "code":
			f.Code = value
		case "failed_since":
			f.FailedSince, _ = time.Parse(time.RFC3339, value)
		}
	}
	return f
}

func customers(t *testing.T, h *hosttest.Host, first, count int) {
	t.Helper()
	for id := first; id < first+count; id++ {
		fields := map[string]any{"email": fmt.Sprintf("hanako-%d@example.com", id), "billing_address": map[string]any{"name01": "山田", "name02": "花子"}}
		if err := h.Sims["shop"].PutRecord(t.Context(), "customers", fmt.Sprint(id), fields); err != nil {
			t.Fatal(err)
		}
		h.Deliver("shop", simkit.Delivery{Event: "customer_updated", ID: fmt.Sprint(id)})
	}
}

// answers has a part of the CRM answer so, until further notice.
func answers(t *testing.T, h *hosttest.Host, m simkit.Match, status int, body string) {
	t.Helper()
	err := h.Sims["crm"].Inject(t.Context(), simkit.Fault{
		Match: m, Kind: simkit.FaultStatus, Times: simkit.Forever, Status: status, Body: body,
		Headers: map[string]string{"Content-Type": "application/json"},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestStatusTellsOfANight has runs fail in two ways, deliveries that cannot be
// read, and a credential that is refused with runs that wait for it.
func TestStatusTellsOfANight(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{
		Library: []string{"ecforce-customer-to-salesforce-upsert"},
		Rules:   map[string]string{"customers.yaml": everyCustomer},
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}, "crm": {
			Connector: "salesforce", Expires: map[string]string{"client_secret": time.Now().AddDate(0, 0, 5).Format(time.DateOnly)},
		}},
	})
	quiet := status(t, h)
	if len(quiet.Failures)+len(quiet.Dead) > 0 || quiet.NotReady != nil || quiet.Rules.Flows != 2 || len(quiet.Expiring) != 1 {
		t.Errorf("a new host is %+v", quiet)
	}
	answers(t, h, simkit.Match{Method: http.MethodPost, Path: "/sobjects/Account"}, http.StatusBadRequest, `[{"errorCode":"INVALID_FIELD","message":"No such column"}]`)
	customers(t, h, 710001, 3)
	h.Settled(6)
	answers(t, h, simkit.Match{Path: "/services/data"}, http.StatusUnauthorized, `[{"errorCode":"INVALID_SESSION_ID","message":"Session expired"}]`)
	customers(t, h, 710004, 2)
	h.Send("shop", nil, []byte("{"))
	h.Await("two runs to wait", func() bool { return crmOf(status(t, h)).Held.N == 2 })

	s := status(t, h)
	if c := crmOf(s); c.State != host.ConnectionParked || c.Since.IsZero() || c.Oldest.IsZero() {
		t.Errorf("the connection is %+v", c)
	}
	if s.Runs.Waiting.N != 2 || s.Runs.Failed.N != 8 || s.Runs.Queued.N != 0 || len(s.Dead) != 1 || s.Dead[0].Count != 1 {
		t.Errorf("runs are %+v, dead %+v", s.Runs, s.Dead)
	}
	wantGroups(t, h, s.Failures, map[string]int{"customers  invalid": 5, "ecforce-customer-to-salesforce-upsert crm invalid": 3})
}

func crmOf(s api.Status) api.Connection { return s.Connections[0] }

// wantGroups also has each group's filter select just its runs.
func wantGroups(t *testing.T, h *hosttest.Host, groups []api.Failures, want map[string]int) {
	t.Helper()
	for _, g := range groups {
		name := fmt.Sprintf("%s %s %s", g.Flow, g.Connection, g.Error.Kind)
		if want[name] != g.Count {
			t.Errorf("%d failures of %q, want %d", g.Count, name, want[name])
		}
		delete(want, name)
		again, err := h.Client.RerunMany(t.Context(), whereOf(t, g.Where), api.BulkAct{Rerun: host.Rerun{How: host.RestartStep}, Preview: true})
		if err != nil || again.Count != g.Count {
			t.Errorf("%s selects %d runs of %d, %v", g.Where, again.Count, g.Count, err)
		}
	}
	if len(want) > 0 {
		t.Errorf("no failures of %v in %+v", want, groups)
	}
}
