package engine

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store/mem"
)

func TestFrontierRemembersTheLowest(t *testing.T) {
	f := newFrontier()
	if _, ok := f.take(); ok {
		t.Error("a new frontier has something to look for")
	}
	f.lower("R5")
	f.lower("R3")
	f.lower("R9")
	if from, ok := f.take(); !ok || from != "R3" {
		t.Errorf("take() = %q, %t", from, ok)
	}
	if _, ok := f.take(); ok {
		t.Error("what was taken is to be looked for again")
	}
}

func TestFrontierWakesOnceForManyRows(t *testing.T) {
	f := newFrontier()
	for range 3 {
		f.lower("R1")
	}
	<-f.wake
	select {
	case <-f.wake:
		t.Error("woken twice")
	default:
	}
}

func TestFlightNotesARunThatBecomesReadyWhileItIsExecuted(t *testing.T) {
	f := newFlight(1)
	if !f.board("R1") {
		t.Fatal("an idle run was not boarded")
	}
	if f.board("R1") {
		t.Fatal("a run was boarded twice")
	}
	if !f.note("R1") || !f.leave("R1") {
		t.Error("that the run became ready meanwhile was forgotten")
	}
	if f.note("R1") {
		t.Error("a run that is over counts as one under way")
	}
	f.board("R1")
	if f.board("R1"); f.leave("R1") {
		t.Error("the row of a run under way counts as news")
	}
}

// A line that names runs which are gone still comes to those that are there.
func TestNamesOfRunsThatAreGoneHideNoOthers(t *testing.T) {
	l, err := ledger.Open(t.Context(), mem.New(time.Now))
	if err != nil {
		t.Fatal(err)
	}
	e := New(Options{Ledger: l, MaxRuns: 4})
	const there = "R9"
	var c ledger.Change
	c.Ready(&host.Run{ID: there, Priority: host.PriorityBackfill})
	if err := l.Commit(t.Context(), &c); err != nil {
		t.Fatal(err)
	}
	for n := range 5 {
		e.announce(fmt.Sprintf("R%d", n), host.PriorityBackfill)
	}
	e.announce(there, host.PriorityBackfill)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if ids, err := e.nextReady(ctx); err != nil || !slices.Equal(ids, []string{there}) {
		t.Errorf("nextReady() = %v, %v", ids, err)
	}
}

func TestLineupNamesTheOldestAndLeavesTheRestToTheFrontier(t *testing.T) {
	l := newLineup()
	l.add("R2")
	l.add("R1")
	<-l.wake
	if got := l.named(1); !slices.Equal(got, []string{"R1"}) {
		t.Errorf("named(1) = %v", got)
	}
	for n := range feedBatch {
		l.add(fmt.Sprintf("S%04d", n))
	}
	if got := l.named(feedBatch); len(got) != feedBatch || got[0] != "R2" || got[1] != "S0000" {
		t.Errorf("%d runs are named, the first %v", len(got), got[:2])
	}
	if from, ok := l.take(); !ok || from != fmt.Sprintf("S%04d", feedBatch-1) {
		t.Errorf("take() = %q, %t", from, ok)
	}
	if got := l.named(1); len(got) != 0 {
		t.Errorf("named again: %v", got)
	}
}
