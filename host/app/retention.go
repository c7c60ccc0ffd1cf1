package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/ledger"
)

// sweepEvery is how often what is old enough is deleted.
const sweepEvery = time.Hour

// sweepRulesEvery is how often old rules are: they are few, and to know which of
// them runs need all runs are read.
const sweepRulesEvery = 24 * time.Hour

// sweeper deletes what the configured retention no longer wants.
type sweeper struct {
	ledger *ledger.Ledger
	want   config.Retention
	now    func() time.Time
	log    *slog.Logger
	// size is how many bytes the store takes on the disk.
	size func() int64
	// memberFaults deletes what members could not take in, of events with smaller ids.
	memberFaults func(ctx context.Context, before string) (int, error)
	// rules deletes rules that went out of force before a time.
	rules func(ctx context.Context, before time.Time) (int, error)

	// expected is how many bytes of what was deleted for its size the disk has not
	// given back yet: a store deletes by writing, and frees the space later.
	expected int64
	// rulesDue is when rules are looked at next.
	rulesDue time.Time
}

func (a *App) sweeper() *sweeper {
	return &sweeper{
		ledger: a.ledger, want: a.cfg.Retention, now: a.opts.Now, log: a.log,
		rules: a.sweepRules, memberFaults: a.members.SweepFaults,
		size: func() int64 {
			stats := a.store.Stats()
			return stats.TableBytes + stats.ValueBytes
		},
	}
}

// sweepRules holds nobody up while it looks which rules are old, so it lets them be
// if others came into force meanwhile: they may be old ones again.
func (a *App) sweepRules(ctx context.Context, before time.Time) (int, error) {
	current, loaded := a.inForce()
	old, err := a.ledger.OldRules(ctx, before, current)
	if err != nil {
		return 0, err
	}
	a.reload.Lock()
	defer a.reload.Unlock()
	if !a.loaded.Equal(loaded) {
		return 0, nil
	}
	return old.Delete(ctx)
}

// inForce returns the version of the rules, and since when they are loaded.
func (a *App) inForce() (version string, loaded time.Time) {
	a.reload.Lock()
	defer a.reload.Unlock()
	return a.rules.Current().Version(), a.loaded
}

// keep sweeps now and every hour, until ctx ends.
func (s *sweeper) keep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		s.sweep(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sweep goes from runs to events, which are kept for as long as a run needs them.
func (s *sweeper) sweep(ctx context.Context) {
	oldest := s.beyondSize(ctx)
	events := max(s.idBefore(s.want.Events), oldest)
	for _, kind := range []struct {
		name   string
		before string
		sweep  func(ctx context.Context, before string) (int, error)
	}{
		{"runs", max(s.idBefore(s.want.Runs), oldest), s.ledger.SweepRuns},
		{"events", events, s.ledger.SweepEvents},
		{"errors of members", events, s.memberFaults},
		{"dead_letters", s.idBefore(s.want.DeadLetters), s.ledger.SweepDead},
		{"audit", s.idBefore(s.want.Audit), s.ledger.SweepAudit},
	} {
		if kind.before == "" {
			continue
		}
		n, err := kind.sweep(ctx, kind.before)
		s.tell(ctx, kind.name, n, err)
	}
	_, err := s.ledger.SweepClaims(ctx, s.now())
	s.tell(ctx, "claims", 0, err)
	s.sweepRules(ctx)
}

// sweepRules deletes the rules of acts that are not kept any more.
func (s *sweeper) sweepRules(ctx context.Context) {
	now := s.now()
	if s.want.Audit == 0 || now.Before(s.rulesDue) {
		return
	}
	s.rulesDue = now.Add(sweepRulesEvery)
	n, err := s.rules(ctx, now.Add(-s.want.Audit))
	s.tell(ctx, "rules", n, err)
}

func (s *sweeper) tell(ctx context.Context, rows string, n int, err error) {
	if err != nil && ctx.Err() == nil {
		s.log.Error("deleting what is old failed, repeating later", "rows", rows, "error", err)
	}
	if n > 0 {
		s.log.Info("old rows deleted", "rows", rows, "count", n)
	}
}

// idBefore is the id before which things are older than keep; empty keeps all.
func (s *sweeper) idBefore(keep time.Duration) string {
	if keep == 0 {
		return ""
	}
	return idAt(s.now().Add(-keep))
}

// beyondSize is the id before which runs and events must go because the store
// is too large; empty if it is not. What is expected to come free is halved
// each time: an estimate that was too high must not let the disk fill.
func (s *sweeper) beyondSize(ctx context.Context) string {
	size := s.size()
	excess := size - s.expected - s.want.Size
	s.expected /= 2
	if s.want.Size == 0 || excess <= 0 {
		return ""
	}
	id, err := s.ledger.OldestBeyond(ctx, excess)
	if err != nil {
		s.log.Error("looking for what is oldest failed, repeating in an hour", "error", err)
		return ""
	}
	s.expected += excess
	s.log.Warn("the store is larger than it may be, the oldest runs are deleted", "bytes", size, "limit", s.want.Size)
	return id
}

// idAt is smaller than every id that is given at t or later.
func idAt(t time.Time) string {
	var id ulid.ULID
	if err := id.SetTime(ulid.Timestamp(t)); err != nil { // a time after the year 10889
		return ""
	}
	return id.String()
}
