package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Ack is durable acknowledgement: each 200 stands for a fsynced event.
type Ack struct {
	Connections int     `json:"connections"`
	Deliveries  int64   `json:"deliveries"`
	PerSecond   float64 `json:"per_second"`
	Latency     Latency `json:"latency"`
	Host        Usage   `json:"host"`
}

// Runs is complete runs of the step-by-step flow: three platform calls each.
type Runs struct {
	Runs      int     `json:"runs"`
	Customers int     `json:"customers"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"per_second"`
	Host      Usage   `json:"host"`
	Shop      Usage   `json:"shop_sim"`
	CRM       Usage   `json:"crm_sim"`
}

// Start is how long a host takes from its start to the first 200 of /readyz,
// with plugins that are in the compile cache.
type Start struct {
	ColdMS float64   `json:"cold_ms"`
	WarmMS []float64 `json:"warm_ms"`
}

const warmStarts = 3

func (b *bench) measureStart(ctx context.Context, r *rig) (Start, error) {
	h, err := b.newHost(r, "start", true)
	if err != nil {
		return Start{}, err
	}
	var s Start
	for i := range warmStarts + 1 {
		took, err := b.start(ctx, h)
		if err != nil {
			return s, err
		}
		ms := float64(took) / float64(time.Millisecond)
		if i == 0 {
			s.ColdMS = ms
			if err := b.warmUp(ctx, h); err != nil {
				return s, err
			}
		} else {
			s.WarmMS = append(s.WarmMS, ms)
		}
		if err := h.stop(); err != nil {
			return s, err
		}
	}
	return s, nil
}

// warmUp has every plugin compiled by one complete run.
func (b *bench) warmUp(ctx context.Context, h *host) error {
	path, err := h.hookPath()
	if err != nil {
		return err
	}
	if err := h.post(ctx, path, webhook(firstCustomer, 0, b.Now())); err != nil {
		return err
	}
	return b.awaitRuns(ctx, h, 1)
}

const firstCustomer = 30501

func (b *bench) measureAck(ctx context.Context, r *rig) (Ack, error) {
	h, err := b.newHost(r, "ack", false)
	if err != nil {
		return Ack{}, err
	}
	if _, err := b.start(ctx, h); err != nil {
		return Ack{}, err
	}
	path, err := h.hookPath()
	if err != nil {
		return Ack{}, errors.Join(err, h.stop())
	}
	at := b.Now()
	if err := h.post(ctx, path, webhook(1, 0, at.Add(-time.Hour))); err != nil { // compiles the plugin
		return Ack{}, errors.Join(err, h.stop())
	}
	before, began := UsageOf(h.cmd.Process.Pid), b.Now()
	var count atomic.Int64
	next := func() (int, bool) { return int(count.Add(1)), b.Now().Sub(began) < b.Duration }
	l := b.deliver(ctx, h, path, next, func(n int) []byte { return webhook(n, n, at) })
	took := b.Now().Sub(began)
	a := Ack{
		Connections: b.Connections, Deliveries: l.sent.Load(), PerSecond: float64(l.sent.Load()) / took.Seconds(),
		Latency: percentiles(l.took), Host: UsageOf(h.cmd.Process.Pid).since(before),
	}
	return a, errors.Join(l.err(), h.stop())
}

func (l *load) err() error {
	if n := l.failed.Load(); n > 0 {
		return fmt.Errorf("%d deliveries failed, the first: %w", n, l.fault)
	}
	return nil
}

// benchCustomers is how many customers the runs are about: lanes that run side by side.
const benchCustomers = 120

func (b *bench) measureRuns(ctx context.Context, r *rig) (Runs, error) {
	h, err := b.newHost(r, "runs", true)
	if err != nil {
		return Runs{}, err
	}
	if _, err := b.start(ctx, h); err != nil {
		return Runs{}, err
	}
	if err := b.warmUp(ctx, h); err != nil {
		return Runs{}, errors.Join(err, h.stop())
	}
	m, err := b.runAll(ctx, h, r)
	return m, errors.Join(err, h.stop())
}

func (b *bench) runAll(ctx context.Context, h *host, r *rig) (Runs, error) {
	path, err := h.hookPath()
	if err != nil {
		return Runs{}, err
	}
	pids := []int{h.cmd.Process.Pid, r.shop.Pid(), r.crm.Pid()}
	before := usages(pids)
	began := b.Now()
	var count atomic.Int64
	next := func() (int, bool) { n := int(count.Add(1)); return n, n <= b.Runs }
	body := func(n int) []byte { return webhook(firstCustomer+n%benchCustomers, n, began) }
	l := b.deliver(ctx, h, path, next, body)
	if err := l.err(); err != nil {
		return Runs{}, err
	}
	if err := b.awaitRuns(ctx, h, b.Runs+1); err != nil {
		return Runs{}, err
	}
	took := b.Now().Sub(began)
	after := usages(pids)
	return Runs{
		Runs: b.Runs, Customers: benchCustomers, Seconds: took.Seconds(), PerSecond: float64(b.Runs) / took.Seconds(),
		Host: after[0].since(before[0]), Shop: after[1].since(before[1]), CRM: after[2].since(before[2]),
	}, nil
}

const (
	runsEvery  = 100 * time.Millisecond
	runsWithin = 5 * time.Minute
)

// awaitRuns waits until so many runs are done; one that fails ends the wait.
func (b *bench) awaitRuns(ctx context.Context, h *host, want int) error {
	ctx, cancel := context.WithTimeout(ctx, runsWithin)
	defer cancel()
	tick := time.NewTicker(runsEvery)
	defer tick.Stop()
	for {
		done, failed, err := h.runs(ctx)
		switch {
		case err != nil:
			return err
		case failed > 0:
			return fmt.Errorf("%d runs failed or had to wait: look at them in %s", failed, h.dir)
		case done >= want:
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %d runs, %d are done: %w", want, done, ctx.Err())
		case <-tick.C:
		}
	}
}

// runs reads from the metrics how many runs ended well, and how many otherwise.
func (h *host) runs(ctx context.Context) (done, failed int, err error) {
	_, err = h.get(ctx, "/metrics", func(lines *bufio.Scanner) {
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), "} ")
			if !strings.HasPrefix(name, "musubi_runs_total{") {
				continue
			}
			n, _ := strconv.ParseFloat(value, 64) //nolint:errcheck // our own format
			if strings.Contains(name, `state="done"`) {
				done += int(n)
			} else {
				failed += int(n)
			}
		}
	})
	return done, failed, err
}
