package ledger_test

import (
	"context"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/host/store/mem"
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

// renewing is a store in which a claim is renewed while expired ones are looked for.
type renewing struct {
	store.Store

	renew func()
}

func (s *renewing) Scan(ctx context.Context, r store.Range, visit func(string, []byte) error) error {
	err := s.Store.Scan(ctx, r, visit)
	if renew := s.renew; renew != nil {
		s.renew = nil
		renew()
	}
	return err
}

// What is claimed again just when the old claim is swept stays claimed.
func TestAClaimThatIsRenewedIsNotSwept(t *testing.T) {
	s := &renewing{Store: mem.New(time.Now)}
	l, err := ledger.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC)
	claim := func(owner string, now time.Time) bool {
		first, err := l.Claim(t.Context(), "thanks", "O-1", owner, now, now.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return first
	}
	claim("run1", start)
	later := start.Add(2 * time.Hour)
	s.renew = func() { claim("run2", later) }
	if _, err := l.SweepClaims(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	if claim("run3", later) {
		t.Error("two have the claim")
	}
	if n, err := l.SweepClaims(t.Context(), later.Add(2*time.Hour)); n != 1 || err != nil {
		t.Errorf("%d are swept when it is over, %v", n, err)
	}
}
