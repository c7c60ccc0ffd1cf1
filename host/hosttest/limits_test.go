package hosttest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// neighbours are two CRMs that have nothing to do with one another: each gets a
// lead for every account that it tells of.
func neighbours(t *testing.T, limits map[string]any) *hosttest.Host {
	t.Helper()
	rules := map[string]string{}
	connections := map[string]hosttest.Connection{}
	for _, name := range []string{"silent", "lively"} {
		rules[name+".yaml"] = strings.NewReplacer("crm", name, "flow: thank", "flow: thank-"+name).Replace(thank)
		connections[name] = hosttest.Connection{Connector: "salesforce", Quiet: true, Limits: limits}
	}
	return hosttest.Start(t, hosttest.Options{
		Rules: rules, Connections: connections, Extra: map[string]any{"shutdown_grace": "1s"},
	})
}

// announce has a CRM tell of accounts, each in a lane of its own.
func announce(t *testing.T, h *hosttest.Host, connection string, count int) {
	t.Helper()
	var work errgroup.Group
	work.SetLimit(16)
	for n := range count {
		id := fmt.Sprintf("001xx%010dAAA", 800000+n)
		work.Go(func() error {
			if err := h.Sims[connection].PutRecord(t.Context(), "Account", id, map[string]any{"Name": "花子商店"}); err != nil {
				return err
			}
			answer, err := h.Sims[connection].Deliver(t.Context(), simkit.Delivery{Event: "Account", ID: id})
			if err == nil && answer.Status != http.StatusOK {
				err = fmt.Errorf("the host answered %+v", answer)
			}
			return err
		})
	}
	if err := work.Wait(); err != nil {
		t.Fatal(err)
	}
}

// A platform that never answers fills every call that its own connection may
// have, and more wait. Another connection's runs do not notice: they end while
// not one of the silent platform's calls does.
func TestASilentPlatformDoesNotStarveAnother(t *testing.T) {
	t.Parallel()
	h := neighbours(t, map[string]any{"time": "10m", "request_time": "10m"})
	inject(t, h, "silent", simkit.Fault{Match: simkit.Match{Method: "POST", Path: "/sobjects/Lead"}, Kind: simkit.FaultHang, Times: 1000})
	announce(t, h, "silent", 600)
	h.Await("the silent platform to be asked", func() bool {
		return len(h.Runs(host.RunFilter{Flow: "thank-silent", State: host.RunRunning})) > 0
	})
	announce(t, h, "lively", 20)
	h.Await("the other's runs to be done", func() bool {
		return len(h.Runs(host.RunFilter{Flow: "thank-lively", State: host.RunDone})) == 20
	})
	if done := h.Runs(host.RunFilter{Flow: "thank-silent", State: host.RunDone}); len(done) != 0 {
		t.Errorf("%d runs of the silent platform are done", len(done))
	}
	if err := h.Sims["silent"].ClearFaults(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// What a connection's file says bounds its calls, and the error names the key.
func TestLimitsOfAConnectionHold(t *testing.T) {
	t.Parallel()
	for key, value := range map[string]any{"fuel": 1000, "output_bytes": 1, "recursion": 1, "response_bytes": 1, "header_count": 1} {
		t.Run(key, func(t *testing.T) {
			h := hosttest.Start(t, hosttest.Options{
				Rules:       map[string]string{"thank.yaml": thank},
				Connections: map[string]hosttest.Connection{"crm": {Connector: "salesforce", Quiet: true, Limits: map[string]any{key: value}}},
			})
			_, err := h.Client.Read(t.Context(), "crm", "record.search", []byte(`{"object":"Account","match":{"Name":"x"}}`))
			if err == nil || !strings.Contains(err.Error(), "limits."+key) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The day's requests are counted over a restart, and beyond them runs wait for the next day.
func TestTheDaysRequestsHoldOverARestart(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{
		Rules: map[string]string{"thank.yaml": thank},
		Connections: map[string]hosttest.Connection{
			"crm": {Connector: "salesforce", Quiet: true, Limits: map[string]any{"per_day": 2, "day_start": "00:00+09:00"}},
		},
	})
	announce(t, h, "crm", 1)
	h.Settled(1)
	h.Restart()
	announce(t, h, "crm", 4)
	h.Await("the connection to pause", func() bool { return connectionState(t, h, "crm") == host.ConnectionPaused })
	connections, err := h.Client.Connections(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if e := connections[0].Error; e == nil || e.Kind != abi.RateLimited || e.Code != "per_day" {
		t.Errorf("paused for %+v", e)
	}
	// The call that the day still had may be on its way while another is refused.
	h.Await("the day's second request to arrive", func() bool { return len(leads(t, h)) >= 2 })
	wantLeads(t, h, 2)
}

// What calls used is in the metrics, by connection and action.
func TestFuelIsInTheMetrics(t *testing.T) {
	t.Parallel()
	h := start(t, false)
	tell(t, h, 1)
	answer, err := http.Get(h.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`musubi_plugin_fuel_count{connection="crm",name="record.create",operation="action"} 1`,
		`musubi_plugin_fuel_count{connection="crm",name="",operation="webhook"} 1`,
		`musubi_plugin_http_requests_total{connection="crm",name="record.create",operation="action"} 1`,
		`musubi_plugin_instances{connection="crm"} 2`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s", want)
		}
	}
}
