package enginebench

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/musubi-run/musubi/cmd/musubi/internal/bench"
)

// Timers is the memory of a host in which runs wait.
type Timers struct {
	Machine bench.Machine `json:"machine"`
	Points  []Pending     `json:"points"`
}

// Pending is a number of timers, with the memory of an engine that runs over
// them, opened anew, and has done a few runs.
type Pending struct {
	Timers int     `json:"timers"`
	PeakMB float64 `json:"peak_mb"`
	DiskMB int64   `json:"disk_mb"`
	// OpenSeconds is from opening the store to the end of those runs.
	OpenSeconds float64 `json:"open_seconds"`
}

// fewRuns is how many runs go through beside the timers.
const fewRuns = 200

// HoldTimers measures an engine with ten timers and with so many.
func HoldTimers(ctx context.Context, o Options, timers int) (*Timers, error) {
	t := &Timers{Machine: bench.Here()}
	for _, n := range []int{10, timers} {
		o.tell("setting %d timers", n)
		name := "timers-few"
		if n != 10 {
			name = "timers-many"
		}
		p, err := hold(ctx, &o, name, n)
		if err != nil {
			return nil, err
		}
		t.Points = append(t.Points, p)
	}
	return t, nil
}

func hold(ctx context.Context, o *Options, name string, n int) (p Pending, err error) {
	b, err := open(ctx, o, name)
	if err != nil {
		return p, err
	}
	if err := errors.Join(b.wait(ctx, n), b.close(ctx)); err != nil {
		return p, err
	}
	last := b.ids.Load()
	debug.FreeOSMemory()
	bench.ForgetPeak()
	began := o.Now()
	if b, err = open(ctx, o, name); err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, b.close(ctx)) }()
	b.ids.Store(last)
	b.Start(ctx)
	if err := b.pass(ctx, fewRuns, func(i int) int { return i }); err != nil {
		return p, err
	}
	return Pending{
		Timers: n, PeakMB: bench.UsageOf(os.Getpid()).PeakMB, DiskMB: b.disk(),
		OpenSeconds: o.Now().Sub(began).Round(time.Millisecond).Seconds(),
	}, nil
}

// Print writes the figures for a person.
func (t *Timers) Print(w io.Writer) {
	p := printer{w}
	p.head(t.Machine)
	p.line("%12s %10s %10s %12s", "timers", "peak MB", "disk MB", "to work, s")
	for _, at := range t.Points {
		p.line("%12d %10.0f %10d %12.2f", at.Timers, at.PeakMB, at.DiskMB, at.OpenSeconds)
	}
}
