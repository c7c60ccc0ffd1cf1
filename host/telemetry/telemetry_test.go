package telemetry_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/telemetry"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestFiguresAreCounted(t *testing.T) {
	m := newMetrics(t)
	m.Webhooks.Delivered("shop", "accepted", 3*time.Millisecond)
	m.Engine.Delivery("shop", "duplicate", 2)
	m.Engine.RunEnded("sync", host.RunDone, time.Second)
	m.Engine.RunEnded("sync", host.RunWaiting, time.Second)
	m.Engine.CallEnded("crm", "record.create", abi.RateLimited, time.Millisecond)

	const want = `
# HELP musubi_connector_calls_total Calls of connectors' actions; kind is ok, or the kind of error.
# TYPE musubi_connector_calls_total counter
musubi_connector_calls_total{action="record.create",connection="crm",kind="rate_limited"} 1
# HELP musubi_events_total Announced events by what became of them: accepted, duplicate, dead.
# TYPE musubi_events_total counter
musubi_events_total{connection="shop",outcome="duplicate"} 2
# HELP musubi_runs_total Runs that reached a state.
# TYPE musubi_runs_total counter
musubi_runs_total{flow="sync",state="done"} 1
musubi_runs_total{flow="sync",state="waiting"} 1
# HELP musubi_webhook_deliveries_total Webhook requests by what became of them; no connection: there is none of that name.
# TYPE musubi_webhook_deliveries_total counter
musubi_webhook_deliveries_total{connection="shop",outcome="accepted"} 1
`
	compare(t, m, want, "musubi_connector_calls_total", "musubi_events_total", "musubi_runs_total", "musubi_webhook_deliveries_total")
}

func TestWhatPluginsUseIsCounted(t *testing.T) {
	m := newMetrics(t)
	if err := m.WatchInstances("crm", func() int { return 3 }); err != nil {
		t.Fatal(err)
	}
	get := telemetry.PluginUse{
		Operation: "action", Name: "record.create", Fuel: 400_000, Duration: 3 * time.Millisecond, HTTP: 2 * time.Millisecond,
		HTTPCalls: 2, Memory: 8 << 20, Started: true,
	}
	m.Plugins.Called("crm", get)
	get.Started, get.Dropped = false, "broken"
	m.Plugins.Called("crm", get)
	const want = `
# HELP musubi_plugin_http_requests_total HTTP requests that plugins asked for.
# TYPE musubi_plugin_http_requests_total counter
musubi_plugin_http_requests_total{connection="crm",name="record.create",operation="action"} 4
# HELP musubi_plugin_instances Instances of plugins that exist, idle ones included.
# TYPE musubi_plugin_instances gauge
musubi_plugin_instances{connection="crm"} 3
# HELP musubi_plugin_instances_dropped_total Instances that were not kept after a call: broken (a crash or a limit), worn (many calls), grown (memory), closed.
# TYPE musubi_plugin_instances_dropped_total counter
musubi_plugin_instances_dropped_total{connection="crm",reason="broken"} 1
# HELP musubi_plugin_instances_started_total Instances of plugins that were started for a call.
# TYPE musubi_plugin_instances_started_total counter
musubi_plugin_instances_started_total{connection="crm"} 1
`
	compare(t, m, want, "musubi_plugin_http_requests_total", "musubi_plugin_instances",
		"musubi_plugin_instances_dropped_total", "musubi_plugin_instances_started_total")
}

func TestStoreIsReadWhenAsked(t *testing.T) {
	m := newMetrics(t)
	groups := uint64(1)
	if err := m.WatchStore(func() telemetry.StoreStats { return telemetry.StoreStats{Groups: groups, Batches: 9} }); err != nil {
		t.Fatal(err)
	}
	groups = 3
	const want = `
# HELP musubi_store_commit_groups_total Commits that reached the disk, one fsync each.
# TYPE musubi_store_commit_groups_total counter
musubi_store_commit_groups_total 3
`
	compare(t, m, want, "musubi_store_commit_groups_total")
}

func TestNamesFollowThePrometheusConventions(t *testing.T) {
	m := newMetrics(t)
	if err := m.WatchStore(func() telemetry.StoreStats { return telemetry.StoreStats{} }); err != nil {
		t.Fatal(err)
	}
	problems, err := testutil.GatherAndLint(m.Registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestLoggerWritesTheFormatAboveTheLevel(t *testing.T) {
	var out bytes.Buffer
	logger := telemetry.NewLogger(&out, slog.LevelWarn, true)
	logger.Info("left out")
	logger.Warn("kept", "run", "01J")
	if got := out.String(); !strings.Contains(got, `"msg":"kept","run":"01J"`) || strings.Contains(got, "left out") {
		t.Errorf("log is %s", got)
	}
}

func newMetrics(t *testing.T) *telemetry.Metrics {
	t.Helper()
	m, err := telemetry.New("v1")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func compare(t *testing.T, m *telemetry.Metrics, want string, names ...string) {
	t.Helper()
	if err := testutil.GatherAndCompare(m.Registry, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
}
