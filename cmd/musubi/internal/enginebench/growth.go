package enginebench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/musubi-run/musubi/cmd/musubi/internal/bench"
	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
)

// Growth is what a run costs as the store grows.
type Growth struct {
	Machine bench.Machine `json:"machine"`
	// Runs is how many runs each point was measured with.
	Runs   int     `json:"runs"`
	Points []Point `json:"points"`
}

// Point is one size of the store.
type Point struct {
	Links  int `json:"links"`
	Timers int `json:"timers"`
	// Micros is the time of one run, CPUMicros the processor time, all processors together.
	Micros    float64 `json:"microseconds_per_run"`
	CPUMicros float64 `json:"cpu_microseconds_per_run"`
	// PeakMB is the largest resident memory while the runs went through.
	PeakMB float64 `json:"peak_mb"`
	DiskMB int64   `json:"disk_mb"`
}

// Grow measures runs at growing numbers of links, and at the last of them
// with so many timers pending besides. Half of the runs are about customers
// that are linked already.
func Grow(ctx context.Context, o Options, links []int, timers, runs int) (g *Growth, err error) {
	b, err := open(ctx, &o, "growth")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.close(ctx)) }()
	g = &Growth{Machine: bench.Here(), Runs: runs}
	b.Start(ctx)
	have := 0
	for _, want := range links {
		o.tell("making %d links", want)
		if err := b.link(ctx, have, want); err != nil {
			return nil, err
		}
		have = want
		if err := g.measure(ctx, b, Point{Links: want}); err != nil {
			return nil, err
		}
	}
	if timers == 0 {
		return g, nil
	}
	o.tell("setting %d timers", timers)
	if err := b.wait(ctx, timers); err != nil {
		return nil, err
	}
	err = g.measure(ctx, b, Point{Links: have, Timers: timers})
	return g, err
}

// measure has the runs go through, once to warm up and once for the figures.
// What filling the store left to be sorted is not a run's cost.
func (g *Growth) measure(ctx context.Context, b *bed, p Point) error {
	b.o.tell("letting the store come to rest")
	if _, err := bench.Rest(ctx, b.o.Now); err != nil {
		return err
	}
	half := func(i int) int {
		if i%2 == 0 {
			return i * 7919 % max(1, p.Links) // somewhere among those that are linked
		}
		return p.Links + 1_000_000_000 + int(b.ids.Load())%1_000_000 // nobody knows this one yet
	}
	if err := b.pass(ctx, g.Runs/10+1, half); err != nil {
		return err
	}
	bench.ForgetPeak()
	before, began := bench.UsageOf(os.Getpid()), b.o.Now()
	if err := b.pass(ctx, g.Runs, half); err != nil {
		return err
	}
	took, after := b.o.Now().Sub(began), bench.UsageOf(os.Getpid())
	p.Micros = float64(took.Microseconds()) / float64(g.Runs)
	p.CPUMicros = (after.CPUSeconds - before.CPUSeconds) * 1e6 / float64(g.Runs)
	p.PeakMB = after.PeakMB
	p.DiskMB = b.disk()
	g.Points = append(g.Points, p)
	return nil
}

// pass has n runs go through from their events to their ends.
func (b *bed) pass(ctx context.Context, n int, key func(i int) int) error {
	want := b.ended.Load() + int64(n)
	if err := b.accept(ctx, n, key); err != nil {
		return err
	}
	return b.await(ctx, want)
}

// seedBatch is how many rows are written in one commit while a store is filled.
const seedBatch = 1000

// link links the customers from a number to another.
func (b *bed) link(ctx context.Context, from, to int) error {
	now := b.o.Now()
	return b.seed(ctx, from, to, func(c *ledger.Change, n int) {
		c.PutLink(&host.Link{
			Kind: "customer", From: host.Ref{Connection: "shop", ID: customerID(n)},
			To: host.Ref{Connection: "crm", Object: "Account", ID: fmt.Sprintf("a%08d", n)}, Created: now, Written: now,
		}, ledger.LinkView{})
	})
}

// pending is how far away the timers are.
const pending = 365 * 24 * time.Hour

// wait lets n runs wait for a year.
func (b *bed) wait(ctx context.Context, n int) error {
	due := b.o.Now().Add(pending)
	return b.seed(ctx, 0, n, func(c *ledger.Change, n int) {
		run := host.Run{
			ID: b.newID(), Flow: "later", Version: "1", Event: "none", Connection: "shop", Type: "customer.updated",
			Subject: customerID(n), State: host.RunWaiting, Created: b.o.Now(), Due: due.Add(time.Duration(n) * time.Millisecond),
		}
		c.AddRun(&run)
		c.SetTimer(run.ID, run.Due)
	})
}

func (b *bed) seed(ctx context.Context, from, to int, add func(c *ledger.Change, n int)) error {
	for at := from; at < to; at += seedBatch {
		var c ledger.Change
		for n := at; n < min(at+seedBatch, to); n++ {
			add(&c, n)
		}
		if err := b.ledger.Commit(ctx, &c); err != nil {
			return fmt.Errorf("filling the store: %w", err)
		}
	}
	return nil
}

// Print writes the curve for a person.
func (g *Growth) Print(w io.Writer) {
	p := printer{w}
	p.head(g.Machine)
	p.line("%d runs of three calls at each size, half of them about new customers", g.Runs)
	p.line("%12s %12s %12s %14s %10s %10s", "links", "timers", "µs/run", "CPU µs/run", "peak MB", "disk MB")
	for _, at := range g.Points {
		p.line("%12d %12d %12.0f %14.0f %10.0f %10d", at.Links, at.Timers, at.Micros, at.CPUMicros, at.PeakMB, at.DiskMB)
	}
}
