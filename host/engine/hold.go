package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/abi"
)

// held means that the run must wait until the connection works again.
type held struct{ connection string }

func (h held) Error() string { return "waiting for connection " + h.connection }

// reach calls a plugin unless its connection is known not to work, and lets
// the connection's circuit learn from what comes back.
func (e *Engine) reach(ctx context.Context, in host.Invocation) ([]byte, error) {
	circuit := e.circuits.of(in.Connection)
	if !e.hasRoom(ctx, in.Connection) {
		return nil, held{in.Connection}
	}
	pass, ok := circuit.admit(e.Now())
	if !ok {
		return nil, held{in.Connection}
	}
	over := e.lend(ctx, in.Connection)
	output, err := e.Connectors.Invoke(ctx, in)
	over()
	if ctx.Err() != nil {
		circuit.giveBack(pass)
		return output, err
	}
	switch circuit.report(pass, abi.AsError(err), e.Now()) {
	case closed:
		e.Logger.Warn("connection does not work, its runs wait", "connection", in.Connection, "error", err)
		e.tending.lower("")
	case reopened:
		e.Logger.Info("connection works again", "connection", in.Connection)
		e.tending.lower("")
	case unchanged:
	}
	if status, ok := circuit.news(); ok {
		e.tellOf(ctx, in.Connection, status)
	}
	return output, err
}

// hasRoom says whether a connection takes one more call, or is slow for too many
// already. Half of its room is kept for what happens now.
func (e *Engine) hasRoom(ctx context.Context, connection string) bool {
	room, _ := e.loans.room(connection)
	if host.IsBackground(ctx) {
		return room >= maxLent/2
	}
	return room > 0
}

// Reach calls a plugin outside any run, with the same care: not while the
// connection is known not to work, and letting its circuit learn. The error
// then is of kind Unavailable with [host.CodeHeld], and says when to come again.
func (e *Engine) Reach(ctx context.Context, in host.Invocation) ([]byte, error) {
	output, err := e.reach(ctx, in)
	if _, waiting := errors.AsType[held](err); !waiting {
		return output, err
	}
	status := e.ConnectionStatus(in.Connection)
	message := "the connection " + in.Connection + " does not work just now"
	if status.Error != nil {
		message += ": " + status.Error.Message
	}
	wait := max(status.Until.Sub(e.Now()), 0)
	return nil, &abi.Error{Kind: abi.Unavailable, Code: host.CodeHeld, Message: message, RetryAfterMS: wait.Milliseconds()}
}

// tend releases held runs: all of them where the connection works again, one
// as a probe where a pause is over. It sleeps until the next pause is over.
func (e *Engine) tend(ctx context.Context) error {
	e.tending.take()
	waiting := e.circuits.shut(e.Now())
	names, err := e.Ledger.HeldConnections(ctx)
	if err != nil {
		return fmt.Errorf("listing held runs: %w", err)
	}
	now, next := e.Now(), e.Now().Add(longestSleep)
	for _, name := range names {
		until, shut := waiting[name]
		room, free := e.loans.room(name)
		switch {
		case room == 0: // a run that was released would come back at once
			next = now.Add(probeAgain)
		case !shut && !free:
			next = now.Add(probeAgain)
			err = e.releaseSome(ctx, name, room)
		case !shut:
			err = e.release(ctx, name)
		case !until.After(now):
			err = e.releaseProbe(ctx, name)
			next = now.Add(probeAgain)
		case until.Before(next):
			next = until
		}
		if err != nil {
			return err
		}
	}
	if len(names) == 0 {
		return nil
	}
	return e.doze(ctx, e.tending, next.Sub(now))
}

const (
	releaseBatch = 256
	// probeAgain is when to look whether a probe came back, or was cancelled on its way.
	probeAgain = time.Second
)

// doze waits for a while, or until the frontier is lowered, and has its loop come again.
func (e *Engine) doze(ctx context.Context, f *frontier, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-f.wake:
	case <-t.C:
	}
	f.lower("")
	return nil
}

// release makes held runs ready, oldest first, until none is left.
func (e *Engine) release(ctx context.Context, connection string) error {
	for {
		ids, err := e.Ledger.Held(ctx, connection, "", releaseBatch)
		if err != nil {
			return fmt.Errorf("listing runs held by %s: %w", connection, err)
		}
		if err := e.releaseAll(ctx, connection, ids); err != nil || len(ids) < releaseBatch {
			return err
		}
	}
}

// releaseProbe makes one held run ready, to see whether the connection works:
// each time the next one, because it may be one run's request that the platform
// never answers.
func (e *Engine) releaseProbe(ctx context.Context, connection string) error {
	circuit := e.circuits.of(connection)
	ids, err := e.Ledger.Held(ctx, connection, circuit.prober+"\x01", 1)
	if err == nil && len(ids) == 0 {
		ids, err = e.Ledger.Held(ctx, connection, "", 1)
	}
	if err != nil {
		return fmt.Errorf("listing runs held by %s: %w", connection, err)
	}
	if len(ids) > 0 {
		circuit.prober = ids[0]
	}
	return e.releaseAll(ctx, connection, ids)
}

// releaseSome makes held runs of a slow connection ready, as many as it has
// room for, once that is worth it.
func (e *Engine) releaseSome(ctx context.Context, connection string, room int) error {
	if room < maxLent/2 {
		return nil
	}
	ids, err := e.Ledger.Held(ctx, connection, "", room)
	if err != nil {
		return fmt.Errorf("listing runs held by %s: %w", connection, err)
	}
	return e.releaseAll(ctx, connection, ids)
}

func (e *Engine) releaseAll(ctx context.Context, connection string, ids []string) error {
	var group errgroup.Group
	group.SetLimit(firing)
	for _, id := range ids {
		group.Go(func() error { return e.releaseRun(ctx, connection, id) })
	}
	return group.Wait()
}

func (e *Engine) releaseRun(ctx context.Context, connection, id string) error {
	run, err := e.Ledger.RunRow(ctx, id)
	if err != nil && !errors.Is(err, host.ErrNotFound) {
		return fmt.Errorf("reading run %s: %w", id, err)
	}
	var c ledger.Change
	c.Unhold(connection, id)
	wake := err == nil && run.State == host.RunWaiting && run.Held == connection
	if wake {
		run.State, run.Held = host.RunQueued, ""
		c.ReplaceRun(&run)
		c.Ready(&run.Run)
	}
	if err := e.Ledger.Commit(ctx, &c); err != nil {
		if errors.Is(err, store.ErrConflict) { // cancelled meanwhile: the next look tells
			return nil
		}
		return fmt.Errorf("releasing run %s: %w", id, err)
	}
	if wake {
		e.announce(run.ID, run.Priority)
	}
	return nil
}

// ConnectionStatus tells how a connection fares, as far as calls have shown.
func (e *Engine) ConnectionStatus(connection string) host.ConnectionStatus {
	return e.circuits.of(connection).status()
}

// Resume has a connection that holds its runs be tried again at once, after a
// person has mended what was wrong.
func (e *Engine) Resume(connection string) {
	e.circuits.of(connection).resume()
	e.tending.lower("")
}
