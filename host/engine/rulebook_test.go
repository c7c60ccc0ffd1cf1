package engine_test

import (
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
