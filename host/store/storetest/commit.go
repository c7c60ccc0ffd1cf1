package storetest

import (
	"fmt"
	"strconv"

	"github.com/musubi-run/musubi/host/store"
)

var commitPromises = map[string]func(fixture){
	"whole-batch":          commitsTheWholeBatch,
	"refused-writes-none":  refusedBatchWritesNothing,
	"visible-at-once":      commitIsVisibleAtOnce,
	"many-writers":         manyWritersAreAllKept,
	"delete-of-nothing":    deletingAnAbsentKeyIsFine,
	"empty-batch":          emptyBatchIsFine,
	"never-half-a-batch":   scanNeverSeesHalfABatch,
	"large-beside-small":   largeBatchBesideSmallOnes,
	"rewrites-of-one-row":  rewritesOfOneRowKeepTheLast,
	"put-after-delete-row": putAfterDelete,
}

func commitsTheWholeBatch(f fixture) {
	f.fill("old")
	var b store.Batch
	b.Put("a", []byte("1"))
	b.Put("b", []byte("2"))
	b.Delete("old")
	f.commit(b)
	f.holds("a", "1")
	f.holds("b", "2")
	f.absent("old")
}

func refusedBatchWritesNothing(f fixture) {
	f.fill("old")
	var b store.Batch
	b.Put("a", []byte("1"))
	b.Delete("old")
	b.Holds("old", []byte("something else"))
	f.refused(b, store.ErrConflict)
	f.absent("a")
	f.holds("old", "old")
}

func commitIsVisibleAtOnce(f fixture) {
	for i := range 100 {
		want := strconv.Itoa(i)
		var b store.Batch
		b.Put("k", []byte(want))
		f.commit(b)
		f.holds("k", want)
	}
}

func manyWritersAreAllKept(f fixture) {
	const writers, each = 16, 50
	together(writers, func(w int) {
		for i := range each {
			var b store.Batch
			b.Put(fmt.Sprintf("%02d/%03d", w, i), []byte("x"))
			if err := f.store.Commit(f.Context(), b); err != nil {
				f.Error(err)
			}
		}
	})
	if got := len(f.rows(store.Range{})); got != writers*each {
		f.Fatalf("%d rows, want %d", got, writers*each)
	}
}

func deletingAnAbsentKeyIsFine(f fixture) {
	var b store.Batch
	b.Delete("nothing")
	f.commit(b)
	f.absent("nothing")
}

func emptyBatchIsFine(f fixture) {
	f.commit(store.Batch{})
	if rows := f.rows(store.Range{}); len(rows) != 0 {
		f.Fatalf("rows in a new store: %v", rows)
	}
}

func scanNeverSeesHalfABatch(f fixture) {
	const rounds = 200
	f.fill("a", "z")
	written := make(chan struct{})
	go func() {
		defer close(written)
		for i := range rounds {
			var b store.Batch
			b.Put("a", []byte(strconv.Itoa(i)))
			b.Put("z", []byte(strconv.Itoa(i)))
			if err := f.store.Commit(f.Context(), b); err != nil {
				f.Error(err)
			}
		}
	}()
	for first := true; first || open(written); first = false {
		rows := f.rows(store.Range{From: "a"})
		if len(rows) != 2 || (rows[0].value != rows[1].value && rows[0].value != "a") {
			f.Fatalf("half a batch: %v", rows)
		}
	}
}

func open(done <-chan struct{}) bool {
	select {
	case <-done:
		return false
	default:
		return true
	}
}

// largeBatchBesideSmallOnes fills more than one transaction of a backend while
// others commit.
func largeBatchBesideSmallOnes(f fixture) {
	const batches, rows = 6, 2000
	together(batches, func(w int) {
		var b store.Batch
		for i := range rows {
			b.Put(fmt.Sprintf("%d/%04d", w, i), make([]byte, store.MaxSmall*9/10/rows-6))
		}
		if err := f.store.Commit(f.Context(), b); err != nil {
			f.Error(err)
		}
	})
	if got := len(f.rows(store.Range{KeysOnly: true})); got != batches*rows {
		f.Fatalf("%d rows, want %d", got, batches*rows)
	}
}

func rewritesOfOneRowKeepTheLast(f fixture) {
	const writers, each = 8, 50
	f.fill("k")
	together(writers, func(w int) {
		for i := range each {
			var b store.Batch
			b.Put("k", []byte("last"))
			b.Put(fmt.Sprintf("by/%d", w), []byte(strconv.Itoa(i)))
			if err := f.store.Commit(f.Context(), b); err != nil {
				f.Error(err)
			}
		}
	})
	f.holds("k", "last")
	for w := range writers {
		f.holds(fmt.Sprintf("by/%d", w), strconv.Itoa(each-1))
	}
}

func putAfterDelete(f fixture) {
	f.fill("k")
	var gone, back store.Batch
	gone.Delete("k")
	back.Absent("k")
	back.Put("k", []byte("again"))
	f.commit(gone)
	f.commit(back)
	f.holds("k", "again")
}
