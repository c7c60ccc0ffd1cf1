package app

import (
	"context"
	"errors"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/web/api"
)

const (
	// mostTimers is how many waiting runs are looked at, those that go on soonest first.
	mostTimers = 10_000
	// soon is within which a call that failed is tried again, unless the platform
	// asked for more patience: a little longer than the longest pause of the engine's.
	soon = 40 * time.Minute
)

// waiting is what runs wait for.
type waiting struct {
	ledger    *ledger.Ledger
	standings map[string]ledger.Standing
	retrying  map[string]int
	// more says that runs which are tried again soon may not have been looked at.
	more bool
}

func (v View) waiting(ctx context.Context, now time.Time) (*waiting, error) {
	w := &waiting{ledger: v.ledger, standings: map[string]ledger.Standing{}, retrying: map[string]int{}}
	standings, err := v.ledger.Standings(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range standings {
		w.standings[s.Connection] = s
	}
	timers, err := v.ledger.Timers(ctx, time.Time{}, mostTimers)
	if err != nil {
		return nil, err
	}
	w.more = len(timers) == mostTimers && timers[mostTimers-1].Due.Before(now.Add(soon))
	for _, t := range timers {
		if err := w.look(ctx, t.Run); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// look counts the run if it waits to try a call again.
func (w *waiting) look(ctx context.Context, id string) error {
	if id == "" { // a notice window
		return nil
	}
	run, err := w.ledger.Run(ctx, id)
	if errors.Is(err, host.ErrNotFound) {
		return nil
	}
	if err != nil || run.Error == nil {
		return err
	}
	connection, err := w.ledger.FailedAt(ctx, &run)
	w.retrying[connection]++
	return err
}

// tell says of a connection since when it does not work, and how many runs wait for it.
func (w *waiting) tell(ctx context.Context, c *api.Connection) error {
	if s := w.standings[c.Name]; s.State == c.State && c.State != host.ConnectionReady {
		c.Since = s.Since
	}
	c.Retrying = host.Count{N: w.retrying[c.Name], AtLeast: w.more}
	held, oldest, err := w.ledger.HeldCount(ctx, c.Name)
	if err != nil || held.N == 0 {
		return err
	}
	c.Held = held
	run, err := w.ledger.Run(ctx, oldest)
	if err != nil && !errors.Is(err, host.ErrNotFound) {
		return err
	}
	c.Oldest = run.Created
	return nil
}
