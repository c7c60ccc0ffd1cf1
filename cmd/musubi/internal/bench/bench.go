// Package bench measures a whole host from outside: the real program as a
// process of its own, simulated platforms as others, everything on loopback
// and on this machine's disk, with fsync on.
package bench

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/musubi-run/musubi/host/pluginbuild"
)

// Options say what is measured and how.
type Options struct {
	// Program is this program, to be run as the host under test.
	Program string
	// Dir holds the hosts' data; its disk is part of what is measured.
	Dir     string
	Builder *pluginbuild.Builder
	// Connections is how many clients deliver at once.
	Connections int
	// Duration is how long deliveries are acknowledged for; Runs how many runs are completed.
	Duration time.Duration
	Runs     int
	// Progress is told what is going on; it is not the result.
	Progress io.Writer
	Now      func() time.Time
}

// Report is what was measured, and on what.
type Report struct {
	Machine Machine `json:"machine"`
	Ack     Ack     `json:"webhook_acknowledgement"`
	Runs    Runs    `json:"complete_runs"`
	ByHand  ByHand  `json:"complete_runs_by_hand"`
	Start   Start   `json:"start"`
}

// Run measures everything, one thing after the other.
func Run(ctx context.Context, o Options) (*Report, error) {
	b := &bench{Options: o}
	rig, err := b.prepare(ctx)
	if err != nil {
		return nil, err
	}
	defer rig.close()
	report := &Report{Machine: Here()}
	b.tell("measuring start-up")
	if report.Start, err = b.measureStart(ctx, rig); err != nil {
		return nil, fmt.Errorf("measuring start-up: %w", err)
	}
	b.tell("measuring webhook acknowledgement")
	if report.Ack, err = b.measureAck(ctx, rig); err != nil {
		return nil, fmt.Errorf("measuring acknowledgement: %w", err)
	}
	b.tell("measuring complete runs")
	if report.Runs, err = b.measureRuns(ctx, rig); err != nil {
		return nil, fmt.Errorf("measuring complete runs: %w", err)
	}
	b.tell("measuring the same flow, hard-coded")
	if report.ByHand, err = b.measureByHand(ctx, rig); err != nil {
		return nil, fmt.Errorf("measuring the hard-coded flow: %w", err)
	}
	return report, nil
}

type bench struct{ Options }

func (b *bench) tell(what string) { fmt.Fprintln(b.Progress, what+" …") }
