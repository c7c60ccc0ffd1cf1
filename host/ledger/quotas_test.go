package ledger_test

import (
	"testing"

	"github.com/musubi-run/musubi/host/ledger"
)

func TestDayCountsAreKept(t *testing.T) {
	l, s := open(t)
	for _, step := range []struct {
		day               int64
		want, limit, took int
	}{
		{day: 10, want: 30, limit: 50, took: 30},
		{day: 10, want: 30, limit: 50, took: 20},
		{day: 10, want: 30, limit: 50, took: 0},
		{day: 9, want: 1, limit: 50, took: 0}, // the clock went back
		{day: 10, want: -15, limit: 50, took: -15},
		{day: 10, want: 30, limit: 20, took: 0}, // the limit was lowered
		{day: 11, want: -5, limit: 50, took: 0},
		{day: 11, want: 1, limit: 50, took: 1},
	} {
		took, err := ledger.Quotas{Ledger: l}.Take(t.Context(), "shop", step.day, step.want, step.limit)
		if err != nil || took != step.took {
			t.Errorf("%+v: took %d, %v", step, took, err)
		}
	}
	next, err := ledger.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if took, err := (ledger.Quotas{Ledger: next}).Take(t.Context(), "shop", 11, 50, 50); err != nil || took != 49 {
		t.Errorf("after a restart: took %d, %v", took, err)
	}
	if _, err := (ledger.Quotas{Ledger: l}).Take(t.Context(), "shop", 11, 1, 50); err == nil {
		t.Error("a host whose store was taken over still counts")
	}
}
