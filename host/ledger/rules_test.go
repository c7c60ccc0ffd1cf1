package ledger_test

import (
	"errors"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
)

func TestRulesHistoryIsNewestFirstWithItsSources(t *testing.T) {
	l, _ := open(t)
	begun := time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)
	for i, version := range []string{"one", "two", "one"} {
		commit(t, l, func(c *ledger.Change) {
			c.PutRules(version, map[string][]byte{"a.yaml": []byte(version)}, nil)
			c.AddRulesVersion(&host.RulesVersion{Version: version, Since: begun.Add(time.Duration(i) * time.Hour)})
		})
	}
	history, err := l.RulesHistory(t.Context(), 2)
	if err != nil || len(history) != 2 || history[0].Version != "one" || history[1].Version != "two" {
		t.Errorf("history is %+v, %v", history, err)
	}
	sources, err := l.RulesSources(t.Context(), "two")
	if err != nil || string(sources["a.yaml"]) != "two" {
		t.Errorf("sources are %s, %v", sources, err)
	}
	if _, err := l.RulesSources(t.Context(), "three"); !errors.Is(err, host.ErrNotFound) {
		t.Errorf("sources of a version that never was: %v", err)
	}
}
