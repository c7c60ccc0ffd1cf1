package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/musubi-run/musubi/host/store"
)

var cancelPromises = map[string]func(fixture){
	"cancelled-before":  cancelledBeforeDoesNothing,
	"cancelled-scan":    cancelledScanEnds,
	"cancelled-callers": cancelledCallersCorruptNothing,
}

var closePromises = map[string]func(fixture){
	"everything-after": everythingAfterCloseFails,
	"twice":            closingTwiceIsFine,
	"during-commits":   closeAnswersEveryCommit,
	"during-scan":      closeEndsAScan,
}

func cancelledBeforeDoesNothing(f fixture) {
	f.fill("k")
	ctx, cancel := context.WithCancel(f.Context())
	cancel()
	var b store.Batch
	b.Put("x", nil)
	for name, err := range map[string]error{
		"commit": f.store.Commit(ctx, b),
		"get":    second(f.store.Get(ctx, "k")),
		"scan":   second(scan(ctx, f.store, store.Range{})),
	} {
		if !errors.Is(err, context.Canceled) {
			f.Errorf("%s: %v, want %v", name, err, context.Canceled)
		}
	}
	f.absent("x")
}

func second[T any](_ T, err error) error { return err }

func cancelledScanEnds(f fixture) {
	f.fill("a", "b", "c")
	ctx, cancel := context.WithCancel(f.Context())
	visits := 0
	err := f.store.Scan(ctx, store.Range{}, func(string, []byte) error {
		visits++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || visits != 1 {
		f.Fatalf("%d visits, %v", visits, err)
	}
}

// cancelledCallersCorruptNothing gives up on every other commit and reuses its
// memory at once: each batch is there whole or not at all.
func cancelledCallersCorruptNothing(f fixture) {
	const writers, each = 16, 40
	together(writers, func(w int) {
		value := make([]byte, 2000)
		for i := range each {
			fill(value, byte(w*each+i))
			commitOrGiveUp(f, fmt.Sprintf("%02d/%03d", w, i), value, i%2 == 0)
			fill(value, 0)
		}
	})
	for _, r := range f.rows(store.Range{}) {
		if r.value != string(fill(make([]byte, 2000), r.value[0])) {
			f.Errorf("row %q has a mixed value", r.key)
		}
		half := r.key[:7] + "a"
		if r.key[7:] == "a" {
			half = r.key[:7] + "b"
		}
		f.holds(half, r.value)
	}
}

func commitOrGiveUp(f fixture, key string, value []byte, giveUp bool) {
	ctx, cancel := context.WithCancel(f.Context())
	defer cancel()
	if giveUp {
		go cancel()
	}
	var b store.Batch
	b.Put(key+"/a", value)
	b.Put(key+"/b", value)
	err := f.store.Commit(ctx, b)
	if err != nil && (!giveUp || !errors.Is(err, context.Canceled)) {
		f.Error(err)
	}
	if err == nil {
		f.holds(key+"/a", string(value))
	}
}

func fill(b []byte, v byte) []byte {
	for i := range b {
		b[i] = v
	}
	return b
}

func everythingAfterCloseFails(f fixture) {
	f.fill("k")
	if err := f.store.Close(); err != nil {
		f.Fatal(err)
	}
	var b store.Batch
	b.Put("x", nil)
	for name, err := range map[string]error{
		"commit": f.store.Commit(f.Context(), b),
		"get":    second(f.store.Get(f.Context(), "k")),
		"scan":   second(scan(f.Context(), f.store, store.Range{})),
	} {
		if !errors.Is(err, store.ErrClosed) {
			f.Errorf("%s: %v, want %v", name, err, store.ErrClosed)
		}
	}
}

func closingTwiceIsFine(f fixture) {
	together(3, func(int) {
		if err := f.store.Close(); err != nil {
			f.Error(err)
		}
	})
}

func closeAnswersEveryCommit(f fixture) {
	var committed atomic.Int64
	together(9, func(w int) {
		if w == 0 {
			for committed.Load() < 50 {
				f.store.Get(f.Context(), "k") //nolint:errcheck // it only passes the time
			}
			if err := f.store.Close(); err != nil {
				f.Error(err)
			}
			return
		}
		for i := 0; ; i++ {
			var b store.Batch
			b.Put(fmt.Sprintf("%d/%d", w, i), nil)
			if err := f.store.Commit(f.Context(), b); err != nil {
				if !errors.Is(err, store.ErrClosed) {
					f.Error(err)
				}
				return
			}
			committed.Add(1)
		}
	})
}

func closeEndsAScan(f fixture) {
	f.fill("a", "b")
	closed := make(chan error, 1)
	err := f.store.Scan(f.Context(), store.Range{}, func(string, []byte) error {
		go func() { closed <- f.store.Close() }()
		for !errors.Is(second(f.store.Get(f.Context(), "a")), store.ErrClosed) {
		}
		return nil
	})
	if !errors.Is(err, store.ErrClosed) {
		f.Errorf("scan: %v, want %v", err, store.ErrClosed)
	}
	if err := <-closed; err != nil {
		f.Error(err)
	}
}
