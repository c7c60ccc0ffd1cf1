package storetest

import (
	"time"

	"github.com/musubi-run/musubi/host/store"
)

var expiryPromises = map[string]func(fixture){
	"vanishes-in-time":    rowVanishesInTime,
	"never-early":         rowVanishesNeverEarly,
	"already-past":        rowOfThePastIsNotThere,
	"counts-as-absent":    expiredCountsAsAbsent,
	"not-scanned":         expiredIsNotScanned,
	"new-value-new-time":  newValueHasItsOwnTime,
	"same-batch-of-past":  pastRowInAGroup,
	"scan-keeps-its-time": scanUnderWayKeepsItsTime,
}

func (f fixture) putFor(key string, d time.Duration) {
	f.Helper()
	var b store.Batch
	b.PutUntil(key, []byte(key), f.clock.Now().Add(d))
	f.commit(b)
}

func rowVanishesInTime(f fixture) {
	f.putFor("k", time.Hour)
	f.clock.advance(time.Hour - time.Second)
	f.holds("k", "k")
	f.clock.advance(time.Second)
	f.absent("k")
}

func rowVanishesNeverEarly(f fixture) {
	f.putFor("k", 1500*time.Millisecond)
	f.clock.advance(1499 * time.Millisecond)
	f.holds("k", "k")
	f.clock.advance(1001 * time.Millisecond)
	f.absent("k")
}

func rowOfThePastIsNotThere(f fixture) {
	f.fill("k")
	f.putFor("k", -time.Hour)
	f.absent("k")
	var b store.Batch
	b.PutUntil("l", nil, time.Unix(0, 0))
	b.PutUntil("m", nil, time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC))
	f.commit(b)
	f.absent("l", "m")
}

func expiredCountsAsAbsent(f fixture) {
	f.putFor("k", time.Minute)
	f.clock.advance(time.Minute)
	var stale, fresh store.Batch
	stale.Holds("k", []byte("k"))
	stale.Put("x", nil)
	f.refused(stale, store.ErrConflict)
	fresh.Absent("k")
	fresh.Put("k", []byte("again"))
	f.commit(fresh)
	f.holds("k", "again")
	f.clock.advance(time.Hour)
	f.holds("k", "again")
}

func expiredIsNotScanned(f fixture) {
	f.fill("a", "c")
	f.putFor("b", time.Minute)
	checkRange(f, store.Range{}, []string{"a", "b", "c"})
	f.clock.advance(time.Minute)
	checkRange(f, store.Range{}, []string{"a", "c"})
	checkRange(f, store.Range{Limit: 2}, []string{"a", "c"})
	checkRange(f, store.Range{Reverse: true}, []string{"c", "a"})
}

func newValueHasItsOwnTime(f fixture) {
	f.putFor("longer", time.Minute)
	f.putFor("longer", time.Hour)
	f.putFor("for-ever", time.Minute)
	f.fill("for-ever", "shorter")
	f.putFor("shorter", time.Minute)
	f.clock.advance(time.Minute)
	f.fill("unrelated")
	f.holds("longer", "longer")
	f.holds("for-ever", "for-ever")
	f.absent("shorter")
}

// pastRowInAGroup writes an expired row and tests it from many sides at once.
func pastRowInAGroup(f fixture) {
	together(20, func(int) {
		var b store.Batch
		b.Absent("k")
		b.PutUntil("k", []byte("v"), f.clock.Now())
		if err := f.store.Commit(f.Context(), b); err != nil {
			f.Error(err)
		}
	})
	f.absent("k")
}

func scanUnderWayKeepsItsTime(f fixture) {
	f.putFor("a", time.Minute)
	f.putFor("b", time.Minute)
	seen := 0
	err := f.store.Scan(f.Context(), store.Range{}, func(string, []byte) error {
		seen++
		f.clock.advance(time.Minute)
		return nil
	})
	if err != nil || seen != 2 {
		f.Fatalf("saw %d rows, %v, want 2", seen, err)
	}
}
