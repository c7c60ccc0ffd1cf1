package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	musubi "github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/web/client"
)

// Done is the time from webhooks to the ends of their runs at a steady rate.
type Done struct {
	Machine Machine `json:"machine"`
	Rate    int     `json:"rate_per_second"`
	Runs    int     `json:"runs"`
	// Latency is from the moment at which the host began to read a webhook until
	// its run was done, durably, by the host's own clock.
	Latency Latency `json:"webhook_to_done"`
	Host    Usage   `json:"host"`
	Shop    Usage   `json:"shop_sim"`
	CRM     Usage   `json:"crm_sim"`
}

// RunLatency delivers so many webhooks a second for o.Duration to a whole
// host, each about one of a hundred and twenty customers.
func RunLatency(ctx context.Context, o Options, rate int) (*Done, error) {
	b := &bench{Options: o}
	rig, err := b.prepare(ctx)
	if err != nil {
		return nil, err
	}
	defer rig.close()
	h, err := b.newHost(rig, "latency", true)
	if err != nil {
		return nil, err
	}
	if _, err := b.start(ctx, h); err != nil {
		return nil, err
	}
	if err := b.warmUp(ctx, h); err != nil {
		return nil, errors.Join(err, h.stop())
	}
	done, err := b.steady(ctx, h, rig, rate)
	return done, errors.Join(err, h.stop())
}

// steady has runs go through at a rate and looks how long each took.
func (b *bench) steady(ctx context.Context, h *host, r *rig, rate int) (*Done, error) {
	path, err := h.hookPath()
	if err != nil {
		return nil, err
	}
	d := &Done{Machine: Here(), Rate: rate, Runs: int(b.Duration.Seconds() * float64(rate))}
	b.tell(fmt.Sprintf("delivering %d webhooks, %d a second", d.Runs, rate))
	pids := []int{h.cmd.Process.Pid, r.shop.Pid(), r.crm.Pid()}
	before := usages(pids)
	if err := b.paced(ctx, rate, d.Runs, func(n int) error {
		return h.post(ctx, path, webhook(firstCustomer+n%benchCustomers, n+1, b.Now()))
	}); err != nil {
		return nil, err
	}
	if err := b.awaitRuns(ctx, h, d.Runs+1); err != nil {
		return nil, err
	}
	for i, u := range []*Usage{&d.Host, &d.Shop, &d.CRM} {
		*u = UsageOf(pids[i]).since(before[i])
	}
	took, err := b.tookEach(ctx, h, d.Runs)
	d.Latency = percentiles(took)
	return d, err
}

// paced calls send n times, at a steady rate, whatever the earlier calls do.
func (b *bench) paced(ctx context.Context, rate, n int, send func(n int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(b.Connections)
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for i := range n {
		select {
		case <-ctx.Done():
			return group.Wait()
		case <-tick.C:
			group.Go(func() error { return send(i) })
		}
	}
	return group.Wait()
}

// listed is how many rows the host is asked for at once.
const listed = 500

// operator asks the host as its operators do.
func (h *host) operator() (*client.Client, error) {
	token, err := config.LoadAdminToken(filepath.Join(h.dir, "data"))
	if err != nil {
		return nil, err
	}
	return client.New("http://"+h.address, token, http.DefaultTransport), nil
}

// tookEach reads how long each of the newest n runs took.
func (b *bench) tookEach(ctx context.Context, h *host, n int) ([]time.Duration, error) {
	c, err := h.operator()
	if err != nil {
		return nil, err
	}
	received := make(map[string]time.Time, n)
	for before := ""; len(received) < n; {
		events, err := c.Events(ctx, musubi.EventFilter{Before: before, Limit: listed})
		if err != nil || len(events) == 0 {
			return nil, errors.Join(err, errShort)
		}
		for i := range events {
			received[events[i].ID] = events[i].Received
		}
		before = events[len(events)-1].ID
	}
	took := make([]time.Duration, 0, n)
	for before := ""; len(took) < n; {
		runs, err := c.Runs(ctx, musubi.RunFilter{Before: before, Limit: listed})
		if err != nil || len(runs) == 0 {
			return nil, errors.Join(err, errShort)
		}
		for i := range runs {
			if at, ok := received[runs[i].Event]; ok && len(took) < n {
				took = append(took, runs[i].Ended.Sub(at))
			}
		}
		before = runs[len(runs)-1].ID
	}
	return took, nil
}

var errShort = errors.New("the host lists fewer runs than there were")

// Print writes the report as a table.
func (d *Done) Print(w io.Writer) {
	p := &printer{w: w}
	m := d.Machine
	p.line("%s/%s, %d cores, %s, %s; loopback, fsync on; sims and load on the same machine", m.OS, m.Arch, m.Cores, m.CPU, m.Go)
	p.line("")
	p.line("%-34s p50 %.1f ms  p90 %.1f ms  p99 %.1f ms  max %.1f ms", fmt.Sprintf("webhook to done at %d/s", d.Rate),
		d.Latency.P50, d.Latency.P90, d.Latency.P99, d.Latency.Max)
	p.line("%-34s %10d, three platform calls each", "runs", d.Runs)
	for _, u := range []struct {
		name  string
		usage Usage
	}{{"  host", d.Host}, {"  shop sim", d.Shop}, {"  CRM sim", d.CRM}} {
		p.line("%-34s %10.1f CPU s  peak %.0f MB", u.name, u.usage.CPUSeconds, u.usage.PeakMB)
	}
}
