package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/mem"
)

// Rules change again and again, come back and are swept, by a host that may end
// in the middle: what a run, the history or the present needs stays, and of
// the rest nothing.
func TestSweepOfRulesLeavesWhatIsNeeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRuleRig(t)
		t.Repeat(map[string]func(*rapid.T){
			"install": func(t *rapid.T) {
				r.install(t, rapid.IntRange(0, 3).Draw(t, "a"), rapid.IntRange(0, 3).Draw(t, "b"), rapid.IntRange(0, 5).Draw(t, "note"))
			},
			"run":   func(t *rapid.T) { r.run(t) },
			"sweep": func(t *rapid.T) { r.sweep(t, rapid.IntRange(0, 8).Draw(t, "age"), rapid.Bool().Draw(t, "dies")) },
			"end": func(t *rapid.T) {
				if _, err := r.ledger.SweepRuns(t.Context(), fmt.Sprintf("R%03d", rapid.IntRange(0, r.now).Draw(t, "before"))); err != nil {
					t.Fatal(err)
				}
			},
			"": func(t *rapid.T) { r.check(t) },
		})
	})
}

// TestManyRulesAreSwept has more rows than one commit deletes.
func TestManyRulesAreSwept(t *testing.T) {
	r := newRuleRig(t)
	for n := range 600 {
		r.install(t, n, n, n)
	}
	r.sweep(t, -1, true)
	r.check(t)
	r.sweep(t, -1, false)
	rows := 0
	for _, table := range []string{"fl\x00", "rs\x00", "rh\x00"} {
		err := r.store.Scan(t.Context(), store.Range{Prefix: table}, func(string, []byte) error { rows++; return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	if rows != 4 {
		t.Errorf("%d rows are left, want two flows, a set and a line", rows)
	}
}

// checker is a test or one round of one.
type checker interface {
	rapid.TB
	Context() context.Context
	Cleanup(f func())
}

// ruleRig is a ledger in whose store the time goes on with every change of the rules.
type ruleRig struct {
	store   *mortal
	ledger  *ledger.Ledger
	now     int
	current string
	flows   map[string]string
	// since is when each line of the history began, sets which set it is of.
	since []int
	sets  []string
	// horizon is the newest age that was swept.
	horizon int
}

func newRuleRig(t checker) *ruleRig {
	r := &ruleRig{store: &mortal{Store: mem.New(func() time.Time { return noon }), left: -1}}
	t.Cleanup(func() {
		if err := r.store.Close(); err != nil {
			t.Error(err)
		}
	})
	var err error
	if r.ledger, err = ledger.Open(t.Context(), r.store); err != nil {
		t.Fatal(err)
	}
	return r
}

func at(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }

func (r *ruleRig) install(t checker, a, b, note int) {
	r.now++
	r.flows = map[string]string{"a": fmt.Sprint(a), "b": fmt.Sprint(b)}
	set := fmt.Sprintf("%d-%d-%d", a, b, note)
	var c ledger.Change
	c.PutRules(set, map[string][]byte{"all": []byte(set)}, r.flows)
	if set != r.current {
		c.AddRulesVersion(&host.RulesVersion{Version: set, Since: at(r.now), Flows: r.flows})
		r.since, r.sets = append(r.since, r.now), append(r.sets, set)
	}
	r.current = set
	r.commit(t, &c)
}

func (r *ruleRig) run(t checker) {
	if r.current == "" {
		return
	}
	r.now++
	var c ledger.Change
	c.AddRun(&host.Run{ID: fmt.Sprintf("R%03d", r.now), Flow: "a", Version: r.flows["a"], State: host.RunDone})
	r.commit(t, &c)
}

func (r *ruleRig) commit(t checker, c *ledger.Change) {
	if err := r.ledger.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func (r *ruleRig) sweep(t checker, age int, dies bool) {
	if dies {
		r.store.left = 1
	}
	r.horizon = max(r.horizon, r.now-age)
	old, err := r.ledger.OldRules(t.Context(), at(r.now-age), r.current)
	if err != nil {
		t.Fatal(err)
	}
	_, err = old.Delete(t.Context())
	r.store.left = -1
	if err != nil && !errors.Is(err, errDead) {
		t.Fatal(err)
	}
}

func (r *ruleRig) check(t checker) {
	err := r.ledger.EachRun(t.Context(), func(run host.Run) error {
		_, sources, err := r.ledger.RulesOf(t.Context(), run.Flow, run.Version)
		if err == nil && !strings.HasPrefix(string(sources["all"]), run.Version+"-") {
			err = fmt.Errorf("the rules are %s", sources["all"])
		}
		if err != nil {
			t.Errorf("the rules of run %s, version %s: %v", run.ID, run.Version, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, set := range r.sets {
		if i+1 < len(r.since) && r.since[i+1] < r.horizon {
			continue
		}
		if _, err := r.ledger.RulesSources(t.Context(), set); err != nil {
			t.Errorf("the rules that were in force since %d: %v", r.since[i], err)
		}
	}
}

var errDead = errors.New("the host ended here")

// mortal is a store that takes no commit after so many.
type mortal struct {
	store.Store

	left int
}

func (m *mortal) Commit(ctx context.Context, b store.Batch) error {
	if m.left == 0 {
		return errDead
	}
	m.left--
	return m.Store.Commit(ctx, b)
}
