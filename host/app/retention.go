package app

import (
	"context"
	"time"

	"github.com/oklog/ulid/v2"
)

// sweepEvery is how often what is old enough is deleted.
const sweepEvery = time.Hour

// sweepOld deletes what the configured retention no longer wants, now and
// every hour, until ctx ends.
func (a *App) sweepOld(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		a.sweepOnce(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sweepOnce goes from runs to events, which are kept for as long as a run needs them.
func (a *App) sweepOnce(ctx context.Context) {
	for _, kind := range []struct {
		name  string
		keep  time.Duration
		sweep func(ctx context.Context, before string) (int, error)
	}{
		{"runs", a.cfg.Retention.Runs, a.ledger.SweepRuns},
		{"events", a.cfg.Retention.Events, a.ledger.SweepEvents},
		{"dead_letters", a.cfg.Retention.DeadLetters, a.ledger.SweepDead},
	} {
		if kind.keep == 0 {
			continue
		}
		n, err := kind.sweep(ctx, idAt(a.opts.Now().Add(-kind.keep)))
		if err != nil && ctx.Err() == nil {
			a.log.Error("deleting what is old failed, repeating in an hour", "rows", kind.name, "error", err)
		}
		if n > 0 {
			a.log.Info("old rows deleted", "rows", kind.name, "count", n)
		}
	}
}

// idAt is smaller than every id that is given at t or later.
func idAt(t time.Time) string {
	var id ulid.ULID
	if err := id.SetTime(ulid.Timestamp(t)); err != nil { // a time after the year 10889
		return ""
	}
	return id.String()
}
