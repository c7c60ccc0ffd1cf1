package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
)

func TestSweepDeletesOldRunsThatEndedAndTheirEvents(t *testing.T) {
	l, _ := open(t)
	states := []host.RunState{host.RunDone, host.RunWaiting, host.RunFailed, host.RunDone}
	for n, state := range states {
		commit(t, l, func(c *ledger.Change) {
			c.AcceptEvent(event(n), time.Hour)
			c.AddRun(&host.Run{ID: fmt.Sprintf("R%03d", n), Event: event(n).ID, State: state})
			c.PutStep(&host.StepRecord{Run: fmt.Sprintf("R%03d", n), Path: "a"})
		})
		commit(t, l, func(c *ledger.Change) { c.LeaveInbox(event(n).ID) })
	}
	if n, err := l.SweepRuns(t.Context(), "R003"); n != 2 || err != nil {
		t.Errorf("SweepRuns() = %d, %v, want the two old ones that ended", n, err)
	}
	if n, err := l.SweepEvents(t.Context(), "E003"); n != 2 || err != nil {
		t.Errorf("SweepEvents() = %d, %v, want those without a run", n, err)
	}
	if steps, err := l.Steps(t.Context(), "R000"); len(steps) != 0 || err != nil {
		t.Errorf("the journal of a deleted run: %v, %v", steps, err)
	}
	if steps, err := l.Steps(t.Context(), "R001"); len(steps) != 1 || err != nil {
		t.Errorf("the journal of an open run: %v, %v", steps, err)
	}
}

func TestSweepGoesThroughManyRows(t *testing.T) {
	l, _ := open(t)
	for n := range 450 {
		commit(t, l, func(c *ledger.Change) { c.PutDead(&host.DeadLetter{ID: fmt.Sprintf("D%03d", n)}) })
	}
	if n, err := l.SweepDead(t.Context(), "D449"); n != 449 || err != nil {
		t.Errorf("SweepDead() = %d, %v", n, err)
	}
}

// A run that looped over a long list has more steps than one commit takes.
func TestSweepDeletesALongJournal(t *testing.T) {
	l, _ := open(t)
	const steps = store.MaxRows + 100
	for from := 0; from < steps; from += 1000 {
		commit(t, l, func(c *ledger.Change) {
			for n := from; n < min(from+1000, steps); n++ {
				c.PutStep(&host.StepRecord{Run: "R1", Path: fmt.Sprint(n)})
			}
		})
	}
	commit(t, l, func(c *ledger.Change) { c.AddRun(&host.Run{ID: "R1", State: host.RunDone}) })
	if n, err := l.SweepRuns(t.Context(), "R2"); n != 1 || err != nil {
		t.Errorf("SweepRuns() = %d, %v", n, err)
	}
	if left, err := l.Steps(t.Context(), "R1"); len(left) != 0 || err != nil {
		t.Errorf("%d steps are left, %v", len(left), err)
	}
}

func TestWhichRunsMayBeGoneIsKnown(t *testing.T) {
	l, _ := open(t)
	for _, sweep := range []struct{ before, want string }{{"", ""}, {"R2", "R2"}, {"R1", "R2"}, {"R3", "R3"}} {
		if _, err := l.SweepRuns(t.Context(), sweep.before); err != nil {
			t.Fatal(err)
		}
		if got, err := l.RunsSwept(t.Context()); got != sweep.want || err != nil {
			t.Errorf("after a sweep before %q: %q, %v, want %q", sweep.before, got, err, sweep.want)
		}
	}
}
