package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/host"
)

// feedBatch is how many ids of ready runs are boarded ahead of need, and how
// many more a line knows by name.
const feedBatch = 1024

// feed executes ready runs, as many at once as there are slots, those of live
// events before those of a backfill, until loops ends. Runs live on work.
func (e *Engine) feed(loops, work context.Context) {
	for loops.Err() == nil {
		ids, err := e.nextReady(loops)
		if err != nil {
			if loops.Err() == nil {
				e.Logger.Error("reading ready runs failed, repeating", "error", err)
				e.pause(loops)
				e.ready.lower("")
				e.later.lower("")
			}
			continue
		}
		for i, id := range ids {
			select {
			case e.flight.slots <- struct{}{}:
				e.launch(work, id)
			case <-loops.Done():
				e.ground(ids[i:])
				return
			}
		}
	}
}

// nextReady waits until runs are ready and boards them.
func (e *Engine) nextReady(ctx context.Context) ([]string, error) {
	for {
		for prio, l := range []*lineup{host.PriorityLive: e.ready, host.PriorityBackfill: e.later} {
			ids, err := e.boardFrom(ctx, prio, l)
			if len(ids) > 0 || err != nil {
				return ids, err
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-e.ready.wake:
		case <-e.later.wake:
		}
	}
}

// boardFrom boards the runs of a line that are known by name, and then those
// that the frontier leads to.
func (e *Engine) boardFrom(ctx context.Context, prio int, l *lineup) ([]string, error) {
	limit := feedBatch
	if prio == host.PriorityBackfill { // leave room: a live run may come any moment
		limit = max(1, e.MaxRuns/4)
	}
	ids, err := e.Ledger.ReadyAmong(ctx, prio, l.named(limit), e.flight.board)
	if from, ok := l.take(); ok && err == nil {
		room := max(1, limit-len(ids)) // one at least, or names could come for ever
		var found []string
		if found, err = e.Ledger.ReadyRuns(ctx, prio, from, room, e.flight.board); len(found) == room {
			l.lower(found[room-1] + "\x01")
		}
		ids = append(ids, found...)
	}
	if err != nil {
		e.ground(ids)
		return nil, fmt.Errorf("listing ready runs: %w", err)
	}
	return ids, nil
}

// ground gives back runs that were boarded and not launched.
func (e *Engine) ground(ids []string) {
	for _, id := range ids {
		e.flight.leave(id)
	}
}

// launch executes the run in a goroutine of its own, in the slot that was taken for it.
func (e *Engine) launch(ctx context.Context, id string) {
	slot := &berth{slots: e.flight.slots}
	e.workers.Go(func() {
		defer slot.give()
		err := e.execute(withBerth(ctx, slot), id)
		if e.flight.leave(id) { // one of the two knows its row
			e.ready.add(id)
			e.later.add(id)
		}
		if err == nil || errors.Is(err, context.Canceled) {
			return
		}
		e.Logger.Error("run could not be recorded, repeating", "run", id, "error", err)
		e.pause(ctx)
		e.ready.lower(id)
		e.later.lower(id)
	})
}
