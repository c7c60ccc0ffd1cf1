package storetest

import (
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/host/store"
)

var snapshotPromises = map[string]func(fixture){
	"scan-is-a-snapshot":  scanIsASnapshot,
	"visit-may-use-store": visitMayUseTheStore,
	"visit-error":         visitErrorIsReturned,
	"stop":                stopEndsWithoutError,
}

func scanIsASnapshot(f fixture) {
	f.fill("a", "b", "c")
	seen := ""
	err := f.store.Scan(f.Context(), store.Range{}, func(key string, value []byte) error {
		seen += key + "=" + string(value) + " "
		var b store.Batch
		b.Put("b", []byte("changed"))
		b.Put("bb", []byte("new"))
		b.Delete("c")
		return f.store.Commit(f.Context(), b)
	})
	if want := "a=a b=b c=c "; err != nil || seen != want {
		f.Fatalf("saw %q, %v, want %q", seen, err, want)
	}
	f.holds("b", "changed")
	f.absent("c")
}

func visitMayUseTheStore(f fixture) {
	f.fill("a/1", "a/2", "b/1", "b/2")
	inner := 0
	err := f.store.Scan(f.Context(), store.Range{Prefix: "a/"}, func(key string, _ []byte) error {
		f.holds(key, key)
		inner += len(f.rows(store.Range{Prefix: "b/"}))
		return nil
	})
	if err != nil || inner != 4 {
		f.Fatalf("%d rows inside, %v, want 4", inner, err)
	}
}

func visitErrorIsReturned(f fixture) {
	f.fill("a", "b")
	own := errors.New("enough")
	visits := 0
	err := f.store.Scan(f.Context(), store.Range{}, func(string, []byte) error {
		visits++
		return own
	})
	if !errors.Is(err, own) || visits != 1 {
		f.Fatalf("%d visits, %v, want 1 and %v", visits, err, own)
	}
}

func stopEndsWithoutError(f fixture) {
	f.fill("a", "b")
	visits := 0
	err := f.store.Scan(f.Context(), store.Range{}, func(string, []byte) error {
		visits++
		return fmt.Errorf("seen it: %w", store.ErrStop)
	})
	if err != nil || visits != 1 {
		f.Fatalf("%d visits, %v, want 1 and nil", visits, err)
	}
}
