package bench

import (
	"fmt"
	"io"
)

// Print writes the report as a table.
func (r *Report) Print(w io.Writer) {
	p := &printer{w: w}
	p.line("%s/%s, %d cores, %s, %s; loopback, fsync on", r.Machine.OS, r.Machine.Arch, r.Machine.Cores, r.Machine.CPU, r.Machine.Go)
	p.line("")
	p.line("%-34s %10.0f /s    p50 %.1f ms  p90 %.1f ms  p99 %.1f ms  max %.1f ms", fmt.Sprintf("webhook acknowledged, %d clients", r.Ack.Connections),
		r.Ack.PerSecond, r.Ack.Latency.P50, r.Ack.Latency.P90, r.Ack.Latency.P99, r.Ack.Latency.Max)
	p.line("%-34s %10.1f CPU s  peak %.0f MB", "  host", r.Ack.Host.CPUSeconds, r.Ack.Host.PeakMB)
	p.line("%-34s %10.0f /s    %d runs in %.1f s over %d customers", "complete run, 3 platform calls", r.Runs.PerSecond, r.Runs.Runs, r.Runs.Seconds, r.Runs.Customers)
	for _, u := range []struct {
		name  string
		usage Usage
	}{{"  host", r.Runs.Host}, {"  shop sim", r.Runs.Shop}, {"  CRM sim", r.Runs.CRM}} {
		p.line("%-34s %10.1f CPU s  peak %.0f MB", u.name, u.usage.CPUSeconds, u.usage.PeakMB)
	}
	p.line("%-34s %10.0f /s    hard-coded in Go: no rules, sandbox, store or retries", "the same by hand", r.ByHand.PerSecond)
	p.line("%-34s %10.0f ms", "start to ready, empty compile cache", r.Start.ColdMS)
	for _, ms := range r.Start.WarmMS {
		p.line("%-34s %10.0f ms", "start to ready, warm compile cache", ms)
	}
}

// printer writes lines to a buffer, which takes them all.
type printer struct{ w io.Writer }

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p.w, format+"\n", args...) }
