package app

import (
	"context"
	"errors"
	"maps"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/web/api"
)

// mostFailed is how many failed runs are looked through, the newest first, for
// those that hold others up.
const mostFailed = 20_000

// Lineup tells which of these runs wait behind a failed one, or hold others up.
// A run that there is not is left out.
func (v View) Lineup(ctx context.Context, runs []string) (api.Lineup, error) {
	lineup, queued := api.Lineup{Behind: map[string]string{}, Holding: map[string]string{}}, map[string][]string{}
	for _, id := range runs {
		run, err := v.ledger.Run(ctx, id)
		if errors.Is(err, host.ErrNotFound) {
			continue
		}
		if err != nil {
			return lineup, err
		}
		switch run.State {
		case host.RunQueued:
			queued[run.Lane] = append(queued[run.Lane], id)
		case host.RunFailed:
			next, err := v.follower(ctx, &run)
			if err != nil {
				return lineup, err
			}
			if next != "" {
				lineup.Holding[id] = next
			}
		case host.RunRunning, host.RunWaiting, host.RunDone, host.RunCancelled:
		}
	}
	holders, err := v.holders(ctx, queued)
	for lane, holder := range holders {
		for _, id := range queued[lane] {
			lineup.Behind[id] = holder
		}
	}
	return lineup, err
}

// holders finds the failed runs that hold these lanes up.
func (v View) holders(ctx context.Context, lanes map[string][]string) (map[string]string, error) {
	wanted, found := maps.Clone(lanes), map[string]string{}
	filter := host.RunFilter{State: host.RunFailed, Limit: 500}
	for seen := 0; len(wanted) > 0 && seen < mostFailed; seen += filter.Limit {
		failed, err := v.ledger.Runs(ctx, filter)
		if err != nil {
			return nil, err
		}
		for i := range failed {
			lane := failed[i].Lane
			if wanted[lane] == nil {
				continue
			}
			next, err := v.follower(ctx, &failed[i])
			if err != nil {
				return nil, err
			}
			if next != "" {
				found[lane] = failed[i].ID
				delete(wanted, lane)
			}
		}
		if len(failed) < filter.Limit {
			break
		}
		filter.Before = failed[len(failed)-1].ID
	}
	return found, nil
}

// follower is the run whose turn would come if this one left its lane; "" if
// the lane is not this one's, or nobody waits. Nothing is committed.
func (v View) follower(ctx context.Context, run *host.Run) (string, error) {
	next, err := v.ledger.Lanes().Leave(ctx, new(ledger.Change), run)
	if err != nil || next == nil {
		return "", err
	}
	return next.ID, nil
}
