package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// StoreStats is what a store counts about itself, since it was opened. Every
// figure but the sizes only grows.
type StoreStats struct {
	Groups, Batches, Rows      uint64
	Conflicts, Refused, Failed uint64
	LargestGroup               int
	Writing, Slowest           time.Duration
	TableBytes, ValueBytes     int64
}

// WatchStore shows what read tells each time the figures are asked for.
func (m *Metrics) WatchStore(read func() StoreStats) error {
	return m.register(newStoreCollector(read))
}

// storeFigure is one of a store's figures.
type storeFigure struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(StoreStats) float64
}

type storeCollector struct {
	read    func() StoreStats
	figures []storeFigure
}

func newStoreCollector(read func() StoreStats) *storeCollector {
	c := &storeCollector{read: read}
	counters := []struct {
		name, help string
		value      func(StoreStats) float64
	}{
		{"commit_groups_total", "Commits that reached the disk, one fsync each.", func(s StoreStats) float64 { return float64(s.Groups) }},
		{"batches_total", "Batches written; batches by groups is how well commits are grouped.", func(s StoreStats) float64 { return float64(s.Batches) }},
		{"rows_total", "Rows written.", func(s StoreStats) float64 { return float64(s.Rows) }},
		{"conflicts_total", "Batches refused because a condition did not hold.", func(s StoreStats) float64 { return float64(s.Conflicts) }},
		{"refused_total", "Batches refused for lack of space.", func(s StoreStats) float64 { return float64(s.Refused) }},
		{"failed_total", "Batches whose outcome is unknown.", func(s StoreStats) float64 { return float64(s.Failed) }},
		{"commit_seconds_total", "Time spent in commits.", func(s StoreStats) float64 { return s.Writing.Seconds() }},
	}
	for _, f := range counters {
		c.add(f.name, f.help, prometheus.CounterValue, f.value)
	}
	c.add("largest_group", "The most batches that shared an fsync.", prometheus.GaugeValue, func(s StoreStats) float64 { return float64(s.LargestGroup) })
	c.add("slowest_commit_seconds", "The slowest commit.", prometheus.GaugeValue, func(s StoreStats) float64 { return s.Slowest.Seconds() })
	c.add("table_bytes", "Size of the store's tables on the disk.", prometheus.GaugeValue, func(s StoreStats) float64 { return float64(s.TableBytes) })
	c.add("value_bytes", "Size of the store's value log on the disk.", prometheus.GaugeValue, func(s StoreStats) float64 { return float64(s.ValueBytes) })
	return c
}

func (c *storeCollector) add(name, help string, kind prometheus.ValueType, value func(StoreStats) float64) {
	desc := prometheus.NewDesc(prometheus.BuildFQName(namespace, "store", name), help, nil, nil)
	c.figures = append(c.figures, storeFigure{desc, kind, value})
}

// Describe tells which figures there are.
func (c *storeCollector) Describe(out chan<- *prometheus.Desc) {
	for _, f := range c.figures {
		out <- f.desc
	}
}

// Collect reads the store once and tells all its figures.
func (c *storeCollector) Collect(out chan<- prometheus.Metric) {
	stats := c.read()
	for _, f := range c.figures {
		out <- prometheus.MustNewConstMetric(f.desc, f.kind, f.value(stats))
	}
}
