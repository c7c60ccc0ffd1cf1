package enginebench

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/musubi-run/musubi/cmd/musubi/internal/bench"
)

// Queue is a backlog that was worked off: all runs waited on disk before the first began.
type Queue struct {
	Machine      bench.Machine `json:"machine"`
	Runs         int           `json:"runs"`
	Customers    int           `json:"customers"`
	FillSeconds  float64       `json:"fill_seconds"`
	DrainSeconds float64       `json:"drain_seconds"`
	PerSecond    float64       `json:"per_second"`
	CPUSeconds   float64       `json:"cpu_seconds"`
	// PeakMB is the largest resident memory while the queue was drained.
	PeakMB float64 `json:"peak_mb"`
	DiskMB int64   `json:"disk_mb"`
}

// DrainQueue makes so many runs wait, for a twentieth as many customers, and drains them: what writes one record more often is taken for a loop.
func DrainQueue(ctx context.Context, o Options, runs int) (q *Queue, err error) {
	b, err := open(ctx, &o, "queue")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.close(ctx)) }()
	q = &Queue{Machine: bench.Here(), Runs: runs, Customers: max(1, runs/20)}
	o.tell("putting %d events into the queue", runs)
	began := o.Now()
	if err := b.accept(ctx, runs, func(i int) int { return i % q.Customers }); err != nil {
		return nil, err
	}
	q.FillSeconds = o.Now().Sub(began).Seconds()
	o.tell("draining it")
	bench.ForgetPeak()
	before, began := bench.UsageOf(os.Getpid()), o.Now()
	b.Start(ctx)
	if err := b.await(ctx, int64(runs)); err != nil {
		return nil, err
	}
	took, after := o.Now().Sub(began).Seconds(), bench.UsageOf(os.Getpid())
	q.DrainSeconds, q.PerSecond = took, float64(runs)/took
	q.CPUSeconds, q.PeakMB = after.CPUSeconds-before.CPUSeconds, after.PeakMB
	q.DiskMB = b.disk()
	return q, nil
}

// Print writes the report for a person.
func (q *Queue) Print(w io.Writer) {
	p := printer{w}
	p.head(q.Machine)
	p.line("%d queued runs of %d customers, three calls each", q.Runs, q.Customers)
	p.line("  accepted in %.1f s", q.FillSeconds)
	p.line("  drained in %.1f s: %.0f runs/s, %.1f CPU s", q.DrainSeconds, q.PerSecond, q.CPUSeconds)
	p.line("  resident memory while draining: peak %.0f MB; disk %d MB", q.PeakMB, q.DiskMB)
}
