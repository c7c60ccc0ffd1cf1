package storetest

import (
	"errors"
	"strconv"
	"sync/atomic"

	"github.com/musubi-run/musubi/host/store"
)

var conditionPromises = map[string]func(fixture){
	"table":            conditionTable,
	"all-must-hold":    allConditionsMustHold,
	"checked-alone":    conditionsWithoutMutations,
	"one-wins":         exactlyOneWins,
	"counter-is-exact": counterIsExact,
	"token-passes":     tokenIsNeverHeldTwice,
}

func conditionTable(f fixture) {
	var b store.Batch
	b.Put("full", []byte("v"))
	b.Put("empty", nil)
	f.commit(b)
	cases := []struct {
		name  string
		add   func(*store.Batch)
		holds bool
	}{
		{"absent and is", func(b *store.Batch) { b.Absent("none") }, true},
		{"absent but is not", func(b *store.Batch) { b.Absent("full") }, false},
		{"absent but is empty", func(b *store.Batch) { b.Absent("empty") }, false},
		{"holds", func(b *store.Batch) { b.Holds("full", []byte("v")) }, true},
		{"holds another", func(b *store.Batch) { b.Holds("full", []byte("w")) }, false},
		{"holds more", func(b *store.Batch) { b.Holds("full", []byte("vv")) }, false},
		{"holds nothing", func(b *store.Batch) { b.Holds("full", nil) }, false},
		{"holds but is not there", func(b *store.Batch) { b.Holds("none", []byte("v")) }, false},
		{"empty and is", func(b *store.Batch) { b.Holds("empty", nil) }, true},
		{"empty but is not there", func(b *store.Batch) { b.Holds("none", nil) }, false},
	}
	for _, c := range cases {
		var b store.Batch
		c.add(&b)
		b.Put("written", []byte(c.name))
		err := f.store.Commit(f.Context(), b)
		if c.holds && err != nil || !c.holds && !errors.Is(err, store.ErrConflict) {
			f.Errorf("%s: %v", c.name, err)
		}
		if got, getErr := f.store.Get(f.Context(), "written"); (getErr == nil && string(got) == c.name) != c.holds {
			f.Errorf("%s: wrote %q, %v", c.name, got, getErr)
		}
	}
}

func allConditionsMustHold(f fixture) {
	f.fill("a", "b")
	var b store.Batch
	b.Holds("a", []byte("a"))
	b.Absent("b")
	b.Put("c", nil)
	f.refused(b, store.ErrConflict)
	f.absent("c")
}

func conditionsWithoutMutations(f fixture) {
	f.fill("a")
	var yes, no store.Batch
	yes.Holds("a", []byte("a"))
	no.Absent("a")
	f.commit(yes)
	f.refused(no, store.ErrConflict)
}

func exactlyOneWins(f fixture) {
	for round := range 20 {
		key := "claim/" + strconv.Itoa(round)
		var won atomic.Int32
		together(8, func(i int) {
			var b store.Batch
			b.Absent(key)
			b.Put(key, []byte{byte(i)})
			switch err := f.store.Commit(f.Context(), b); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, store.ErrConflict):
				f.Error(err)
			}
		})
		if won.Load() != 1 {
			f.Fatalf("%d winners, want 1", won.Load())
		}
	}
}

// counterIsExact increments one row from many sides by compare-and-set.
func counterIsExact(f fixture) {
	const writers, each = 6, 25
	var b store.Batch
	b.Put("n", []byte("0"))
	f.commit(b)
	together(writers, func(int) {
		for range each {
			increment(f)
		}
	})
	f.holds("n", strconv.Itoa(writers*each))
}

func increment(f fixture) {
	for {
		old, err := f.store.Get(f.Context(), "n")
		if err != nil {
			f.Error(err)
			return
		}
		n, err := strconv.Atoi(string(old))
		if err != nil {
			f.Error(err)
			return
		}
		var b store.Batch
		b.Holds("n", old)
		b.Put("n", []byte(strconv.Itoa(n+1)))
		if err := f.store.Commit(f.Context(), b); !errors.Is(err, store.ErrConflict) {
			if err != nil {
				f.Error(err)
			}
			return
		}
	}
}

// tokenIsNeverHeldTwice takes and returns a token: between, nobody else has it.
func tokenIsNeverHeldTwice(f fixture) {
	f.fill("free")
	var holders atomic.Int32
	together(6, func(int) {
		for taken := 0; taken < 15; {
			var take, giveBack store.Batch
			take.Holds("free", []byte("free"))
			take.Delete("free")
			err := f.store.Commit(f.Context(), take)
			if errors.Is(err, store.ErrConflict) {
				continue
			}
			if holders.Add(1) != 1 || err != nil {
				f.Errorf("held twice, or %v", err)
			}
			holders.Add(-1)
			taken++
			giveBack.Absent("free")
			giveBack.Put("free", []byte("free"))
			if err := f.store.Commit(f.Context(), giveBack); err != nil {
				f.Error(err)
			}
		}
	})
}
