package ledger_test

import (
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
)

// An overview looks at no more than it is told, however much is stored.
func TestAnOverviewIsBounded(t *testing.T) {
	l, _ := open(t)
	commit(t, l, func(c *ledger.Change) {
		for i, id := range []string{"01A", "01B", "01C", "01D"} {
			c.AddRun(&host.Run{ID: id, Event: "01E", Created: noon.Add(time.Duration(i) * time.Hour)})
		}
		c.Hold("crm", "01B")
		c.Hold("crm", "01A")
		c.Hold("crm2", "01C")
		c.SetTimer("01D", noon)
		c.MarkFailed("01D")
	})
	for _, ask := range []struct {
		since time.Time
		most  int
		seen  int
		all   bool
	}{{noon.Add(time.Hour), 10, 3, true}, {noon, 4, 4, true}, {noon, 2, 2, false}} {
		seen := 0
		all, err := l.RecentRuns(t.Context(), ask.since, ask.most, func(*host.Run) { seen++ })
		if err != nil || seen != ask.seen || all != ask.all {
			t.Errorf("%+v: saw %d, all %v, %v", ask, seen, all, err)
		}
	}
	held, oldest, err := l.HeldCount(t.Context(), "crm")
	if err != nil || held.N != 2 || oldest != "01A" {
		t.Errorf("%+v wait, the oldest is %q, %v", held, oldest, err)
	}
	still, err := l.Standstill(t.Context())
	if err != nil || still.Waiting.N != 4 || still.Failed.N != 1 || still.Ready.N != 0 {
		t.Errorf("%+v, %v", still, err)
	}
}
