package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/engine"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store/mem"
	"github.com/musubi-run/musubi/rules"
)

func TestRulesThatStayInForceAreNotedOnce(t *testing.T) {
	l, err := ledger.Open(t.Context(), mem.New(time.Now))
	if err != nil {
		t.Fatal(err)
	}
	book := engine.NewRulebook(l, nil)
	now := time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)
	for range 2 {
		if err := book.Install(t.Context(), new(rules.Set), now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
	history, err := l.RulesHistory(t.Context(), 10)
	if err != nil || len(history) != 1 || !history[0].Since.Equal(now.Add(-2*time.Hour)) {
		t.Errorf("history is %+v, %v", history, err)
	}
}

// A version that is not in force is checked again when it was not asked for
// for so long that it was forgotten, and only then.
func TestOldVersionsAreForgotten(t *testing.T) {
	l, err := ledger.Open(t.Context(), mem.New(time.Now))
	if err != nil {
		t.Fatal(err)
	}
	loads := 0
	load := func(sources map[string][]byte) (*rules.Set, error) {
		loads++
		return rules.LoadSources(sources, catalog())
	}
	book := engine.NewRulebook(l, load)
	const versions = 70
	var old [versions]string
	for i := range old {
		set, err := load(map[string][]byte{"flow.yaml": fmt.Appendf(nil, "language: 1\nflow: f\non: {connection: shop, event: customer.updated}\nsteps: [{stop: n%d}]\n", i)})
		if err != nil {
			t.Fatal(err)
		}
		if err := book.Install(t.Context(), set, time.Now().Add(time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
		old[i] = set.Flow("f").Version
	}
	ask := func(i int) (checked int) {
		before := loads
		if f, err := book.Flow(t.Context(), "f", old[i]); err != nil || f.Version != old[i] {
			t.Fatalf("version %d: %v", i, err)
		}
		return loads - before
	}
	for i := range versions - 1 {
		if checked := ask(i); checked != 1 {
			t.Errorf("version %d was checked %d times", i, checked)
		}
	}
	if first, last := ask(0), ask(versions-2); first != 1 || last != 0 {
		t.Errorf("the oldest was checked %d times, the latest %d times", first, last)
	}
}
