package store_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/musubi-run/musubi/host/store"
)

// Bounds must select exactly the keys that the range's own words select.
func TestBoundsSelectWhatTheRangeSays(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		return string(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 'a', 'b', 0xfe, 0xff}), 0, 3).Draw(t, "bytes"))
	})
	rapid.Check(t, func(t *rapid.T) {
		r := store.Range{Prefix: text.Draw(t, "prefix"), From: text.Draw(t, "from"), To: text.Draw(t, "to")}
		key := text.Draw(t, "key")
		want := strings.HasPrefix(key, r.Prefix) && key >= r.From && (r.To == "" || key < r.To)
		from, to := r.Bounds()
		if got := key >= from && (to == "" || key < to); got != want {
			t.Fatalf("key %q in %+v: %v, want %v; bounds %q, %q", key, r, got, want, from, to)
		}
	})
}
