package main

import (
	"slices"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

// TestAPeriodIsTheOneThatWasAskedFor: one day written twice is none, and not the days up to it.
func TestAPeriodIsTheOneThatWasAskedFor(t *testing.T) {
	s := openShop(t, nil)
	for _, until := range []string{"2025-02-11", "2025-02-10"} {
		err := abi.AsError(s.Do("ad_url.count", map[string]any{"url_ids": []string{"1"}, "from": "2025-02-11", "until": until}, nil))
		if err == nil || err.Kind != abi.Invalid || !slices.Contains(err.Fields, "until") {
			t.Errorf("until %s: %v", until, err)
		}
	}
	var got accessCounts
	if err := s.Do("ad_url.count", map[string]any{"url_ids": []string{"1"}, "from": " ", "until": ""}, &got); err != nil || got.From < "2020" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestAnAdURLWithoutAccessesIsReported: its orders may have come by an access before the period.
func TestAnAdURLWithoutAccessesIsReported(t *testing.T) {
	counts := accessCounts{Counts: []accessCount{{ID: "1", Total: 5}}}
	got := counts.and([]adURL{{ID: "1"}, {ID: "2", BaseURL: "lp02"}})
	if want := []accessCount{{ID: "1", Total: 5}, {ID: "2", BaseURL: "lp02"}}; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}
