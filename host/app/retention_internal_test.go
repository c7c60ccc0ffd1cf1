package app

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/engine"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/mem"
)

// kept is a store in which runs end, one an hour.
type kept struct {
	*testing.T

	store  store.Store
	ledger *ledger.Ledger
	ids    *ids
}

func newKept(t *testing.T) *kept {
	t.Helper()
	s := mem.New(time.Now)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	l, err := ledger.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return &kept{t, s, l, newIDs(time.Now, "")}
}

func (k *kept) run(state host.RunState) {
	k.Helper()
	run := host.Run{ID: k.ids.next(), Event: k.ids.next(), State: state, Created: time.Now()}
	k.event(run.Event, func(c *ledger.Change) {
		c.AddRun(&run)
		c.PutStep(&host.StepRecord{Run: run.ID, Path: "a"})
	})
}

// event is accepted and matched, with what comes of it.
func (k *kept) event(id string, more func(*ledger.Change)) {
	k.Helper()
	for _, fill := range []func(*ledger.Change){
		func(c *ledger.Change) {
			c.AcceptEvent(&host.Event{ID: id, Dedupe: id, Data: fmt.Appendf(nil, "%q", bytes.Repeat([]byte("x"), 1000))}, time.Hour)
			more(c)
		},
		func(c *ledger.Change) { c.LeaveInbox(id) },
	} {
		var c ledger.Change
		fill(&c)
		if err := k.ledger.Commit(k.Context(), &c); err != nil {
			k.Fatal(err)
		}
	}
}

// size is what all rows take.
func (k *kept) size() int64 {
	var size int64
	if err := k.store.Scan(k.Context(), store.Range{}, func(key string, value []byte) error {
		size += int64(len(key) + len(value))
		return nil
	}); err != nil {
		k.Error(err)
	}
	return size
}

func (k *kept) runs() []host.Run {
	k.Helper()
	runs, err := k.ledger.Runs(k.Context(), host.RunFilter{Limit: 1 << 20})
	if err != nil {
		k.Fatal(err)
	}
	return runs
}

func (k *kept) sweeper(want config.Retention) *sweeper {
	return &sweeper{
		ledger: k.ledger, want: want, now: time.Now, log: slog.New(slog.DiscardHandler), size: k.size,
		memberFaults: members.New(members.Options{Ledger: k.ledger, Store: k.store}).SweepFaults,
		rules: func(ctx context.Context, before time.Time) (int, error) {
			old, err := k.ledger.OldRules(ctx, before, "")
			if err != nil {
				return 0, err
			}
			return old.Delete(ctx)
		},
	}
}

// live has a run end every hour for a while, the sweeper beside it.
func (k *kept) live(s *sweeper, hours int) {
	k.Helper()
	for range hours {
		k.run(host.RunDone)
		s.sweep(k.Context())
		time.Sleep(time.Hour)
	}
}

func TestRetentionByAgeOverWeeks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKept(t)
		k.run(host.RunWaiting)
		k.live(k.sweeper(config.Retention{Runs: 7 * 24 * time.Hour, Events: 24 * time.Hour}), 5*7*24)
		if n := len(k.runs()); n < 7*24 || n > 7*24+2 {
			t.Errorf("%d runs are left, want those of a week and the open one", n)
		}
	})
}

func TestRetentionBySizeOverWeeks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKept(t)
		k.run(host.RunWaiting)
		const limit = 500_000
		k.live(k.sweeper(config.Retention{Size: limit}), 5*7*24)
		if size := k.size(); size > limit*11/10 || size < limit*8/10 {
			t.Errorf("%d bytes are left of at most %d", size, limit)
		}
		runs := k.runs()
		if oldest := runs[len(runs)-1]; oldest.State != host.RunWaiting {
			t.Errorf("the open run went: the oldest is %+v", oldest)
		}
		if newest := time.Since(runs[0].Created); newest > time.Hour {
			t.Errorf("the newest run is %s old", newest)
		}
	})
}

// Of many events that start nothing and few runs the oldest of both go, no more
// than has to: where there are no runs at all, too.
func TestRetentionBySizeCountsEventsThatStartNothing(t *testing.T) {
	for name, runsEvery := range map[string]int{"few runs": 24, "no runs": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newKept(t)
				const limit = 500_000
				s := k.sweeper(config.Retention{Size: limit})
				for hour := range 5 * 7 * 24 {
					if (hour+1)%runsEvery == 0 {
						k.run(host.RunDone)
					}
					k.event(k.ids.next(), func(*ledger.Change) {})
					if hour%24 == 0 {
						s.sweep(t.Context())
					}
					time.Sleep(time.Hour)
					if size := k.size(); hour > 600 && (size > limit*13/10 || size < limit*8/10) {
						t.Fatalf("%d bytes are left of at most %d in hour %d", size, limit, hour)
					}
				}
			})
		})
	}
}

// A disk gives deleted bytes back late: meanwhile no more goes than has to.
func TestRetentionBySizeIsPatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKept(t)
		for range 1000 {
			k.run(host.RunDone)
		}
		s := k.sweeper(config.Retention{Size: k.size() / 2})
		stale := k.size()
		s.size = func() int64 { return stale }
		s.sweep(t.Context())
		after := len(k.runs())
		if after < 450 || after > 550 {
			t.Errorf("%d of 1000 runs are left, want half", after)
		}
		s.sweep(t.Context())
		if again := len(k.runs()); again != after {
			t.Errorf("%d more runs went before the disk was asked again", after-again)
		}
	})
}

// TestRetentionTakesTheErrorsOfMembersWithTheirEvents has an event every hour that members cannot read.
func TestRetentionTakesTheErrorsOfMembersWithTheirEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKept(t)
		s := k.sweeper(config.Retention{Events: 24 * time.Hour})
		for range 100 {
			id := k.ids.next()
			k.event(id, func(c *ledger.Change) {
				var b store.Batch
				b.Put("mbf\x00"+id, []byte("{}"))
				c.Join(b)
			})
			s.sweep(t.Context())
			time.Sleep(time.Hour)
		}
		faults, err := members.New(members.Options{Store: k.store}).Faults(t.Context(), 0)
		if err != nil || len(faults) < 24 || len(faults) > 26 {
			t.Errorf("%d are left, want those of a day: %v", len(faults), err)
		}
	})
}

// TestRetentionTakesRulesOfFormerTimes changes a rule every day and looks at them every hour.
func TestRetentionTakesRulesOfFormerTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKept(t)
		s := k.sweeper(config.Retention{Audit: 7 * 24 * time.Hour})
		for hour := range 5 * 7 * 24 {
			if hour%24 == 0 {
				set := fmt.Sprint("v", hour/24)
				var c ledger.Change
				c.PutRules(set, map[string][]byte{"a.yaml": make([]byte, 1000)}, map[string]string{"a": set})
				c.AddRulesVersion(&host.RulesVersion{Version: set, Since: time.Now()})
				if err := k.ledger.Commit(t.Context(), &c); err != nil {
					t.Fatal(err)
				}
			}
			s.sweep(t.Context())
			time.Sleep(time.Hour)
		}
		history, err := k.ledger.RulesHistory(t.Context(), 100)
		if err != nil || len(history) < 8 || len(history) > 9 || history[0].Version != "v34" {
			t.Errorf("the history has %d versions, want those of a week: %v, %v", len(history), history, err)
		}
		if size := k.size(); size > 13_000 {
			t.Errorf("%d bytes are left", size)
		}
	})
}

// scanned is a store that tells of scans.
type scanned struct {
	store.Store

	told func()
}

func (s *scanned) Scan(ctx context.Context, r store.Range, visit func(string, []byte) error) error {
	s.told()
	return s.Store.Scan(ctx, r, visit)
}

// TestALookForOldRulesHoldsNobodyUp has rules come into force again that were
// found to be old just now.
func TestALookForOldRulesHoldsNobodyUp(t *testing.T) {
	k := newKept(t)
	s := &scanned{Store: k.store, told: func() {}}
	l, err := ledger.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	a := &App{ledger: l, rules: engine.NewRulebook(l, nil)}
	begin := func(set string) {
		var c ledger.Change
		c.PutRules(set, map[string][]byte{"a.yaml": nil}, map[string]string{"a": set})
		c.AddRulesVersion(&host.RulesVersion{Version: set, Since: a.loaded})
		if err := l.Commit(t.Context(), &c); err != nil {
			t.Fatal(err)
		}
		a.loaded = a.loaded.Add(time.Hour)
	}
	begin("old")
	begin("new")
	scans := 0
	s.told = func() {
		scans++
		if !a.reload.TryLock() {
			t.Fatal("who asks for the rules waits")
		}
		defer a.reload.Unlock()
		if scans == 4 {
			begin("old")
		}
	}
	n, err := a.sweepRules(t.Context(), time.Now())
	if _, there := l.RulesSources(t.Context(), "old"); n != 0 || err != nil || there != nil {
		t.Errorf("%d sets went, %v; those in force: %v", n, err, there)
	}
	s.told = func() {}
	if n, err := a.sweepRules(t.Context(), time.Now()); n != 1 || err != nil {
		t.Errorf("then %d sets went, %v", n, err)
	}
}
