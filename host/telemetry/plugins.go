package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// PluginUse is what one call of a plugin used.
type PluginUse struct {
	// Operation is action, confirm, webhook or poll; Name the action's or the trigger's.
	Operation, Name string
	Fuel            int64
	// Duration is the whole call's, HTTP that of its requests.
	Duration, HTTP time.Duration
	HTTPCalls      int
	// Memory is what the instance held after the call, in bytes.
	Memory int64
	// Started says that an instance was started for the call, Dropped why it was
	// not kept: empty if it was.
	Started bool
	Dropped string
}

// Plugins counts what calls of plugins use.
type Plugins struct {
	fuel, seconds    *prometheus.HistogramVec
	requests         *prometheus.CounterVec
	started, dropped *prometheus.CounterVec
	memory           *prometheus.GaugeVec
}

func newPlugins() *Plugins {
	call := []string{"connection", "operation", "name"}
	return &Plugins{
		fuel: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "plugin_fuel", Help: "Instructions that a call of a plugin ran; limits.fuel bounds them.",
			Buckets: []float64{1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 2e9},
		}, call),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "plugin_compute_seconds", Help: "Time that a call of a plugin took besides waiting for its HTTP requests.",
			Buckets: []float64{.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .1, 1},
		}, call),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "plugin_http_requests_total", Help: "HTTP requests that plugins asked for.",
		}, call),
		started: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "plugin_instances_started_total", Help: "Instances of plugins that were started for a call.",
		}, []string{"connection"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "plugin_instances_dropped_total",
			Help: "Instances that were not kept after a call: broken (a crash or a limit), worn (many calls), grown (memory), closed.",
		}, []string{"connection", "reason"}),
		memory: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "plugin_memory_bytes", Help: "Memory of the instance that served a connection last.",
		}, []string{"connection"}),
	}
}

func (p *Plugins) collectors() []prometheus.Collector {
	return []prometheus.Collector{p.fuel, p.seconds, p.requests, p.started, p.dropped, p.memory}
}

// Called counts a call of a connection's plugin.
func (p *Plugins) Called(connection string, u PluginUse) {
	p.fuel.WithLabelValues(connection, u.Operation, u.Name).Observe(float64(u.Fuel))
	p.seconds.WithLabelValues(connection, u.Operation, u.Name).Observe((u.Duration - u.HTTP).Seconds())
	p.requests.WithLabelValues(connection, u.Operation, u.Name).Add(float64(u.HTTPCalls))
	p.memory.WithLabelValues(connection).Set(float64(u.Memory))
	if u.Started {
		p.started.WithLabelValues(connection).Inc()
	}
	if u.Dropped != "" {
		p.dropped.WithLabelValues(connection, u.Dropped).Inc()
	}
}

// WatchInstances shows how many instances of its plugin a connection has.
func (m *Metrics) WatchInstances(connection string, count func() int) error {
	return m.register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Name: "plugin_instances", Help: "Instances of plugins that exist, idle ones included.",
		ConstLabels: prometheus.Labels{"connection": connection},
	}, func() float64 { return float64(count()) }))
}
