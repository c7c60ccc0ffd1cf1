package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/config"
	"github.com/musubi-run/musubi/host/engine"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

// many commits what fill makes of each number, a hundred at a time.
func (k *kept) many(count int, fill func(c *ledger.Change, i int)) {
	k.Helper()
	for i := 0; i < count; {
		var c ledger.Change
		for end := min(count, i+100); i < end; i++ {
			fill(&c, i)
		}
		if err := k.ledger.Commit(k.Context(), &c); err != nil {
			k.Fatal(err)
		}
	}
}

// Letters that were replayed since do not hide older ones that were not.
func TestStatusFindsDeadLettersBehindReplayedOnes(t *testing.T) {
	k := newKept(t)
	k.many(1200, func(c *ledger.Change, i int) {
		letter := host.DeadLetter{ID: k.ids.next(), Delivery: host.Delivery{Connection: "shop", Received: time.Unix(int64(i), 0)}}
		if i >= 2 {
			letter.Replayed = time.Unix(5000, 0)
		}
		c.PutDead(&letter)
	})
	dead, atLeast, err := View{ledger: k.ledger}.deadByConnection(t.Context())
	if err != nil || atLeast || len(dead) != 1 || dead[0].Count != 2 || dead[0].First.Unix() != 0 || dead[0].Last.Unix() != 1 {
		t.Errorf("dead letters are %+v, at least %v, %v", dead, atLeast, err)
	}
}

// Sleepers that go on sooner than retries may hide these: then the figure says so.
func TestRetriesThatWereNotLookedAtAreSaidToBeMissing(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	for _, c := range []struct {
		name  string
		sleep time.Duration
		want  host.Count
	}{
		{"sleepers go on first", time.Minute, host.Count{AtLeast: true}},
		{"retries go on first", time.Hour, host.Count{N: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKept(t)
			k.many(mostTimers, func(change *ledger.Change, _ int) { change.SetTimer(k.ids.next(), now.Add(c.sleep)) })
			k.many(1, func(change *ledger.Change, _ int) {
				run := host.Run{ID: k.ids.next(), State: host.RunWaiting, FailedStep: "a", Error: &abi.Error{Kind: abi.Unavailable}}
				change.AddRun(&run)
				change.PutStep(&host.StepRecord{Run: run.ID, Path: "a", Call: "crm.record.get"})
				change.SetTimer(run.ID, now.Add(30*time.Minute))
			})
			w, err := View{ledger: k.ledger}.waiting(t.Context(), now)
			if err != nil {
				t.Fatal(err)
			}
			told := api.Connection{Name: "crm"}
			if err := w.tell(t.Context(), &told); err != nil || told.Retrying != c.want {
				t.Errorf("tried again are %+v, want %+v, %v", told.Retrying, c.want, err)
			}
		})
	}
}

// A store that cannot be read is told in both languages, and no figures are made up.
func TestStatusOfABrokenStoreTellsNoFigures(t *testing.T) {
	k := newKept(t)
	a := &App{cfg: config.Default("musubi.yaml"), opts: Options{Now: time.Now}, ledger: k.ledger, rules: engine.NewRulebook(k.ledger, nil)}
	if err := k.store.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := a.Operator().Status(t.Context(), time.Time{})
	if err != nil || s.NotReady == nil || s.Connections != nil || s.Failures != nil || s.Dead != nil {
		t.Fatalf("the status is %+v, %v", s, err)
	}
	if !strings.Contains(s.NotReady.EN, "closed") || !strings.HasPrefix(s.NotReady.JA, "保存データを使えません") {
		t.Errorf("it says %+v", *s.NotReady)
	}
}

// To find out which rules no run needs any more, all runs are read; who asks how
// the host fares does not wait for that.
func TestStatusDoesNotWaitForOldRulesToBeDeleted(t *testing.T) {
	k := newKept(t)
	a := &App{ledger: k.ledger, rules: engine.NewRulebook(k.ledger, nil)}
	a.reload.Lock() // as sweepRules does
	defer a.reload.Unlock()
	told := make(chan api.RulesStatus, 1)
	go func() { told <- a.rulesStatus() }()
	select {
	case <-told:
	case <-time.After(10 * time.Second):
		t.Error("it waits")
	}
}

// Rules that are right, but could not be kept, say because the disk was full, are
// not in force either: the status says so until they are.
func TestStatusTellsOfRulesThatCouldNotBeKept(t *testing.T) {
	k := newKept(t)
	cfg := config.Default(filepath.Join(t.TempDir(), "musubi.yaml"))
	own, err := ownConnector(nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := &App{cfg: cfg, opts: Options{Now: time.Now}, ledger: k.ledger, rules: engine.NewRulebook(k.ledger, nil), catalog: catalog(cfg, nil, own)}
	flow := "language: 1\nflow: a\non: {schedule: \"0 3 * * *\"}\nsteps:\n  - stop: done\n"
	if err := errors.Join(os.Mkdir(cfg.Rules, 0o700), os.WriteFile(filepath.Join(cfg.Rules, "a.yaml"), []byte(flow), 0o600), k.store.Close()); err != nil {
		t.Fatal(err)
	}
	if err := a.Reload(t.Context()); err == nil {
		t.Fatal("they were kept")
	}
	problems := a.rulesStatus().Problems
	if len(problems) != 1 || !strings.Contains(problems[0].Message.EN, "keeping") && !strings.Contains(problems[0].Message.EN, "reading") {
		t.Errorf("the status tells of %+v", problems)
	}
}
