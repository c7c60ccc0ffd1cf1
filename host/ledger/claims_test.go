package ledger_test

import (
	"testing"
	"time"
)

func TestAClaimHasOneOwnerUntilItExpires(t *testing.T) {
	l, _ := open(t)
	day := func(n int) time.Time { return time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n) }
	for i, step := range []struct {
		scope, name, owner string
		day                int
		first              bool
	}{
		{"thanks", "O-1", "run1", 0, true},
		{"thanks", "O-1", "run1", 1, true},
		{"thanks", "O-1", "run2", 1, false},
		{"thanks", "O-2", "run2", 1, true},
		{"others", "O-1", "run2", 1, true},
		{"thanks", "O-1", "run2", 10, true},
		{"thanks", "O-1", "run1", 11, false},
	} {
		first, err := l.Claim(t.Context(), step.scope, step.name, step.owner, day(step.day), day(step.day+10))
		if err != nil || first != step.first {
			t.Errorf("%d: %+v: %v %v", i, step, first, err)
		}
	}
	for _, sweep := range []struct{ day, deleted int }{{11, 0}, {12, 2}, {21, 1}, {30, 0}} {
		if n, err := l.SweepClaims(t.Context(), day(sweep.day)); err != nil || n != sweep.deleted {
			t.Errorf("day %d: swept %d, %v", sweep.day, n, err)
		}
	}
	if first, err := l.Claim(t.Context(), "thanks", "O-1", "run1", day(11), day(40)); !first || err != nil {
		t.Errorf("a swept claim still holds: %v", err)
	}
}
