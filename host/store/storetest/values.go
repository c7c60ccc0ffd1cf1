package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/host/store"
)

var valuePromises = map[string]func(fixture){
	"empty-is-a-value":      emptyIsAValue,
	"sizes":                 valuesOfAllSizes,
	"caller-owns-committed": callerMayReuseWhatItCommitted,
	"caller-owns-got":       callerMayChangeWhatItGot,
	"binary":                everyByteSurvives,
}

var limitPromises = map[string]func(fixture){
	"fullest-batch": fullestBatchFits,
	"over":          overTheLimitIsInvalid,
	"twice":         changingAKeyTwiceIsInvalid,
}

func emptyIsAValue(f fixture) {
	var b store.Batch
	b.Put("nil", nil)
	b.Put("empty", []byte{})
	f.commit(b)
	f.holds("nil", "")
	f.holds("empty", "")
	if v, err := f.store.Get(f.Context(), "empty"); v == nil || err != nil {
		f.Errorf("got %v, %v, want an empty value", v, err)
	}
}

func valuesOfAllSizes(f fixture) {
	sizes := []int{1, 255, 4096, store.LargeValue - 1, store.LargeValue, 1 << 20, store.MaxValue}
	for _, size := range sizes {
		key, value := strconv.Itoa(size), pattern(size)
		var b store.Batch
		b.Put(key, value)
		f.commit(b)
		got, err := f.store.Get(f.Context(), key)
		if err != nil || !bytes.Equal(got, value) {
			f.Errorf("%d bytes came back as %d, %v", size, len(got), err)
		}
		var same store.Batch
		same.Holds(key, value)
		f.commit(same)
	}
}

// pattern is n bytes that do not compress to nothing.
func pattern(n int) []byte {
	b := make([]byte, n)
	state := uint32(n)
	for i := range b {
		state = state*1664525 + 1013904223
		b[i] = byte(state >> 24)
	}
	return b
}

func callerMayReuseWhatItCommitted(f fixture) {
	value, expected := []byte("value"), []byte("value")
	var put store.Batch
	put.Put("k", value)
	f.commit(put)
	copy(value, "XXXXX")
	f.holds("k", "value")
	var swap store.Batch
	swap.Holds("k", expected)
	swap.Put("k", value)
	f.commit(swap)
	copy(expected, "YYYYY")
	copy(value, "YYYYY")
	f.holds("k", "XXXXX")
}

func callerMayChangeWhatItGot(f fixture) {
	f.fill("value")
	got, err := f.store.Get(f.Context(), "value")
	if err != nil {
		f.Fatal(err)
	}
	copy(got, "XXXXX")
	_ = append(got, "more"...)
	f.holds("value", "value")
}

func everyByteSurvives(f fixture) {
	var all []byte
	for i := range 256 {
		all = append(all, byte(i))
	}
	var b store.Batch
	b.Put(string(all), all)
	f.commit(b)
	f.holds(string(all), string(all))
}

func fullestBatchFits(f fixture) {
	const rows = store.MaxRows
	size := store.MaxSmall/rows - 8
	var b store.Batch
	for i := range rows {
		b.Put(fmt.Sprintf("%08d", i), pattern(size))
	}
	f.commit(b)
	if got := len(f.rows(store.Range{KeysOnly: true})); got != rows {
		f.Errorf("%d rows, want %d", got, rows)
	}
	var big store.Batch
	big.Put(strings.Repeat("k", store.MaxKey), pattern(store.MaxValue))
	big.Put("l", pattern(store.MaxBatch-store.MaxValue-store.MaxKey-1))
	f.commit(big)
}

func overTheLimitIsInvalid(f fixture) {
	build := map[string]func(*store.Batch){
		"key":        func(b *store.Batch) { b.Put(strings.Repeat("k", store.MaxKey+1), nil) },
		"condition":  func(b *store.Batch) { b.Absent(strings.Repeat("k", store.MaxKey+1)) },
		"value":      func(b *store.Batch) { b.Put("k", make([]byte, store.MaxValue+1)) },
		"conditions": func(b *store.Batch) { b.If = make([]store.Condition, store.MaxRows+1) },
		"expected":   func(b *store.Batch) { b.Holds("k", make([]byte, store.MaxValue+1)) },
		"rows":       func(b *store.Batch) { puts(b, store.MaxRows+1, 1) },
		"small":      func(b *store.Batch) { puts(b, store.MaxSmall/(store.LargeValue-1)+1, store.LargeValue-1) },
		"all":        func(b *store.Batch) { puts(b, 3, store.MaxBatch/3+1) },
	}
	for name, add := range build {
		var b store.Batch
		b.Put("first", nil)
		add(&b)
		if err := f.store.Commit(f.Context(), b); !errors.Is(err, store.ErrInvalid) {
			f.Errorf("%s: %v, want %v", name, err, store.ErrInvalid)
		}
		f.absent("first")
	}
}

func puts(b *store.Batch, rows, size int) {
	value := make([]byte, size)
	for i := range rows {
		b.Put(fmt.Sprintf("row/%d", i), value)
	}
}

func changingAKeyTwiceIsInvalid(f fixture) {
	for _, others := range []int{0, 100} {
		var b store.Batch
		b.Put("k", nil)
		puts(&b, others, 1)
		b.Delete("k")
		f.refused(b, store.ErrInvalid)
		f.absent("k")
	}
}
