package ledger_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/mem"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) (*ledger.Ledger, store.Store) {
	t.Helper()
	s := mem.New(func() time.Time { return noon })
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	l, err := ledger.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return l, s
}

func commit(t *testing.T, l *ledger.Ledger, fill func(c *ledger.Change)) {
	t.Helper()
	if err := tryCommit(t, l, fill); err != nil {
		t.Fatal(err)
	}
}

func tryCommit(t *testing.T, l *ledger.Ledger, fill func(c *ledger.Change)) error {
	t.Helper()
	var c ledger.Change
	fill(&c)
	return l.Commit(t.Context(), &c)
}

func event(n int) *host.Event {
	return &host.Event{
		ID: fmt.Sprintf("E%03d", n), Connection: "shop", Type: "customer.updated",
		Subject: "1", Dedupe: fmt.Sprint(n), Received: noon, Data: []byte("null"),
	}
}

func TestOpenFencesTheEarlierOwner(t *testing.T) {
	old, s := open(t)
	if _, err := ledger.Open(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	err := tryCommit(t, old, func(c *ledger.Change) { c.PutDead(&host.DeadLetter{ID: "D1"}) })
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("commit of a fenced ledger: %v, want a conflict", err)
	}
	if fenced, err := old.Fenced(t.Context()); err != nil || !fenced {
		t.Errorf("Fenced() = %t, %v", fenced, err)
	}
}

func TestAcceptEventConflictsOnRepetition(t *testing.T) {
	l, _ := open(t)
	commit(t, l, func(c *ledger.Change) { c.AcceptEvent(event(1), time.Hour) })
	again := event(2)
	again.Dedupe = event(1).Dedupe
	err := tryCommit(t, l, func(c *ledger.Change) { c.AcceptEvent(again, time.Hour) })
	if !errors.Is(err, store.ErrConflict) {
		t.Fatalf("repetition: %v, want a conflict", err)
	}
	if id, err := l.Accepted(t.Context(), "shop", "customer.updated", "1"); err != nil || id != "E001" {
		t.Errorf("Accepted() = %q, %v", id, err)
	}
}

func TestInboxKeepsOrderUntilLeft(t *testing.T) {
	l, _ := open(t)
	for n := range 3 {
		commit(t, l, func(c *ledger.Change) { c.AcceptEvent(event(n), time.Hour) })
	}
	commit(t, l, func(c *ledger.Change) { c.LeaveInbox("E000") })
	events, err := l.Inbox(t.Context(), "", 10)
	if err != nil || len(events) != 2 || events[0].ID != "E001" || events[1].ID != "E002" {
		t.Errorf("Inbox() = %v, %v", events, err)
	}
	if err := tryCommit(t, l, func(c *ledger.Change) { c.LeaveInbox("E000") }); !errors.Is(err, store.ErrConflict) {
		t.Errorf("leaving twice: %v, want a conflict", err)
	}
}

// run adds a run and lets it enter its lane.
func enter(t *testing.T, l *ledger.Ledger, id, lane string) bool {
	t.Helper()
	var c ledger.Change
	r := &host.Run{ID: id, Lane: lane, State: host.RunQueued, Created: noon}
	c.AddRun(r)
	lanes := l.Lanes()
	head, err := lanes.Enter(t.Context(), &c, r)
	if err != nil {
		t.Fatal(err)
	}
	lanes.Save(&c)
	if err := l.Commit(t.Context(), &c); err != nil {
		t.Fatal(err)
	}
	return head
}

func leave(t *testing.T, l *ledger.Ledger, id, lane string) string {
	t.Helper()
	var c ledger.Change
	r := &host.Run{ID: id, Lane: lane}
	c.Unready(r)
	lanes := l.Lanes()
	next, err := lanes.Leave(t.Context(), &c, r)
	if err != nil {
		t.Fatal(err)
	}
	lanes.Save(&c)
	if err := l.Commit(t.Context(), &c); err != nil {
		t.Fatal(err)
	}
	if next == nil {
		return ""
	}
	return next.ID
}

func TestOldestOfALaneGoesFirstWheneverItCame(t *testing.T) {
	l, _ := open(t)
	for _, id := range []string{"R5", "R7", "R3", "R6"} {
		enter(t, l, id, "a")
	}
	var order []string
	for id := "R5"; id != ""; id = leave(t, l, id, "a") {
		order = append(order, id)
		if id == "R6" {
			enter(t, l, "R4", "a")
		}
	}
	if diff := cmp.Diff([]string{"R5", "R3", "R6", "R4", "R7"}, order); diff != "" {
		t.Errorf("the lane's order (-want +got):\n%s", diff)
	}
}

func TestLaneRunsOneAtATimeInOrder(t *testing.T) {
	l, _ := open(t)
	heads := []bool{enter(t, l, "R1", "a"), enter(t, l, "R2", "a"), enter(t, l, "R3", "a"), enter(t, l, "R4", "b")}
	if diff := cmp.Diff([]bool{true, false, false, true}, heads); diff != "" {
		t.Errorf("heads (-want +got):\n%s", diff)
	}
	if next := leave(t, l, "R1", "a"); next != "R2" {
		t.Errorf("after R1 comes %q", next)
	}
	ready, err := l.ReadyRuns(t.Context(), 0, "", 10, nil)
	if err != nil || !cmp.Equal(ready, []string{"R2", "R4"}) {
		t.Errorf("ready: %v, %v", ready, err)
	}
	if next := leave(t, l, "R2", "a"); next != "R3" {
		t.Errorf("after R2 comes %q", next)
	}
	if next := leave(t, l, "R3", "a"); next != "" {
		t.Errorf("after R3 comes %q", next)
	}
	if !enter(t, l, "R5", "a") {
		t.Error("an idle lane must let a run go on at once")
	}
}

func TestLanesConflictWhenSomebodyElseMovedTheLane(t *testing.T) {
	l, _ := open(t)
	enter(t, l, "R1", "a")
	lanes := l.Lanes()
	var stale ledger.Change
	if _, err := lanes.Leave(t.Context(), &stale, &host.Run{ID: "R1", Lane: "a"}); err != nil {
		t.Fatal(err)
	}
	lanes.Save(&stale)
	enter(t, l, "R2", "a") // waits for R1; were the stale change to win, for ever
	if err := l.Commit(t.Context(), &stale); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a stale view of the lane: %v, want a conflict", err)
	}
}

func TestReplaceRunConflictsWithAnEarlierReplacement(t *testing.T) {
	l, _ := open(t)
	enter(t, l, "R1", "a")
	mine, err := l.RunRow(t.Context(), "R1")
	if err != nil {
		t.Fatal(err)
	}
	theirs := mine
	theirs.State = host.RunCancelled
	commit(t, l, func(c *ledger.Change) { c.ReplaceRun(&theirs) })
	mine.State = host.RunDone
	if err := tryCommit(t, l, func(c *ledger.Change) { c.ReplaceRun(&mine) }); !errors.Is(err, store.ErrConflict) {
		t.Errorf("replacing a cancelled run: %v, want a conflict", err)
	}
}

func TestTimersComeInOrderOfTime(t *testing.T) {
	l, _ := open(t)
	commit(t, l, func(c *ledger.Change) {
		c.SetTimer("late", noon.Add(time.Hour))
		c.SetTimer("early", noon)
	})
	timers, err := l.Timers(t.Context(), time.Time{}, 10)
	want := []ledger.Timer{{Due: noon, Run: "early"}, {Due: noon.Add(time.Hour), Run: "late"}}
	if diff := cmp.Diff(want, timers); diff != "" || err != nil {
		t.Fatalf("timers (-want +got):\n%s%v", diff, err)
	}
	commit(t, l, func(c *ledger.Change) { c.FireTimer(timers[0]) })
	if err := tryCommit(t, l, func(c *ledger.Change) { c.FireTimer(timers[0]) }); !errors.Is(err, store.ErrConflict) {
		t.Errorf("firing twice: %v, want a conflict", err)
	}
}

func TestCursorMovesOnlyFromWhereItWasRead(t *testing.T) {
	l, _ := open(t)
	read, err := l.Cursor(t.Context(), "shop", "order.updated")
	if err != nil || read.Value != nil {
		t.Fatalf("a new cursor: %v, %v", read, err)
	}
	next := host.Cursor{Connection: "shop", Trigger: "order.updated", Value: []byte(`"b"`), Updated: noon}
	commit(t, l, func(c *ledger.Change) { c.MoveCursor(read, next) })
	if err := tryCommit(t, l, func(c *ledger.Change) { c.MoveCursor(read, next) }); !errors.Is(err, store.ErrConflict) {
		t.Errorf("moving from a stale reading: %v, want a conflict", err)
	}
}
