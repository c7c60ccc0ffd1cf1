package telemetry

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

const namespace = "musubi"

// Metrics are a host's figures, in a registry of their own.
type Metrics struct {
	Registry *prometheus.Registry
	Webhooks *Webhooks
	Engine   *Engine
	Plugins  *Plugins
}

// New returns figures that stand at zero. version is the host's.
func New(version string) (*Metrics, error) {
	m := &Metrics{Registry: prometheus.NewRegistry(), Webhooks: newWebhooks(), Engine: newEngine(), Plugins: newPlugins()}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Always 1; the label tells the version.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	err := m.register(slices.Concat(m.Plugins.collectors(), []prometheus.Collector{
		build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.Webhooks.deliveries, m.Webhooks.seconds,
		m.Engine.events, m.Engine.runs, m.Engine.runSeconds, m.Engine.calls, m.Engine.callSeconds,
	})...)
	return m, err
}

func (m *Metrics) register(all ...prometheus.Collector) error {
	var faults []error
	for _, c := range all {
		faults = append(faults, m.Registry.Register(c))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	return nil
}

// Webhooks counts deliveries as platforms see them.
type Webhooks struct {
	deliveries *prometheus.CounterVec
	seconds    prometheus.Histogram
}

func newWebhooks() *Webhooks {
	return &Webhooks{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "webhook_deliveries_total",
			Help: "Webhook requests by what became of them; no connection: there is none of that name.",
		}, []string{"connection", "outcome"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "webhook_delivery_seconds",
			Help:    "Time from a webhook request to its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}),
	}
}

// Delivered counts one request.
func (w *Webhooks) Delivered(connection, outcome string, took time.Duration) {
	w.deliveries.WithLabelValues(connection, outcome).Inc()
	w.seconds.Observe(took.Seconds())
}

// Engine counts what the engine does.
type Engine struct {
	events, runs, calls     *prometheus.CounterVec
	runSeconds, callSeconds *prometheus.HistogramVec
}

func newEngine() *Engine {
	return &Engine{
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "events_total",
			Help: "Announced events by what became of them: accepted, duplicate, dead.",
		}, []string{"connection", "outcome"}),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "runs_total", Help: "Runs that reached a state.",
		}, []string{"flow", "state"}),
		runSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "run_seconds", Help: "Time from a run's creation to its end.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 5, 30, 300, 3600, 86400},
		}, []string{"flow"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "connector_calls_total",
			Help: "Calls of connectors' actions; kind is ok, or the kind of error.",
		}, []string{"connection", "action", "kind"}),
		callSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "connector_call_seconds",
			Help:    "Time that a connector's action took, the platform's answer included.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"connection", "action"}),
	}
}

// Delivery counts events by what became of them.
func (e *Engine) Delivery(connection, outcome string, count int) {
	e.events.WithLabelValues(connection, outcome).Add(float64(count))
}

// RunEnded counts a run that ended or waits. Only ends count into the time.
func (e *Engine) RunEnded(flow string, state host.RunState, age time.Duration) {
	e.runs.WithLabelValues(flow, string(state)).Inc()
	if !state.Open() {
		e.runSeconds.WithLabelValues(flow).Observe(age.Seconds())
	}
}

// CallEnded counts a call of an action.
func (e *Engine) CallEnded(connection, action string, kind abi.Kind, took time.Duration) {
	e.calls.WithLabelValues(connection, action, kind.String()).Inc()
	e.callSeconds.WithLabelValues(connection, action).Observe(took.Seconds())
}
