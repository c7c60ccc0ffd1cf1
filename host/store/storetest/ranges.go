package storetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/host/store"
)

var rangePromises = map[string]func(fixture){
	"table":             rangeTable,
	"binary-keys":       binaryKeysAreOrderedAsBytes,
	"deleted-are-gone":  deletedRowsAreNotScanned,
	"many-rows":         manyRowsInOrder,
	"keys-only-is-nil":  keysOnlyPassesNil,
	"empty-is-not-nil":  emptyValuePassesNotNil,
	"last-of-a-prefix":  lastOfAPrefix,
	"latest-value-only": scanShowsTheLatestValueOnly,
}

func rangeTable(f fixture) {
	f.fill("a", "b", "b/1", "b/2", "b/3", "b0", "c", "d\xff", "d\xff\xff", "e")
	cases := []struct {
		r    store.Range
		want string
	}{
		{store.Range{}, "a b b/1 b/2 b/3 b0 c d\xff d\xff\xff e"},
		{store.Range{Prefix: "b/"}, "b/1 b/2 b/3"},
		{store.Range{Prefix: "b"}, "b b/1 b/2 b/3 b0"},
		{store.Range{Prefix: "d\xff"}, "d\xff d\xff\xff"},
		{store.Range{Prefix: "x"}, ""},
		{store.Range{From: "b/2"}, "b/2 b/3 b0 c d\xff d\xff\xff e"},
		{store.Range{From: "b/15"}, "b/2 b/3 b0 c d\xff d\xff\xff e"},
		{store.Range{To: "b/2"}, "a b b/1"},
		{store.Range{From: "b/", To: "b0"}, "b/1 b/2 b/3"},
		{store.Range{From: "c", To: "b"}, ""},
		{store.Range{From: "b", To: "b"}, ""},
		{store.Range{Prefix: "b/", From: "b/2"}, "b/2 b/3"},
		{store.Range{Prefix: "b/", From: "a"}, "b/1 b/2 b/3"},
		{store.Range{Prefix: "b/", From: "c"}, ""},
		{store.Range{Prefix: "b/", To: "b/3"}, "b/1 b/2"},
		{store.Range{Prefix: "b/", To: "z"}, "b/1 b/2 b/3"},
		{store.Range{Prefix: "b/", To: "a"}, ""},
		{store.Range{Limit: 2}, "a b"},
		{store.Range{Prefix: "b/", Limit: 3}, "b/1 b/2 b/3"},
		{store.Range{Prefix: "b/", Limit: 9}, "b/1 b/2 b/3"},
	}
	for _, c := range cases {
		want := strings.Fields(c.want)
		checkRange(f, c.r, want)
		if c.r.Limit == 0 {
			c.r.Reverse = true
			slices.Reverse(want)
			checkRange(f, c.r, want)
			c.r.Limit = 1
			checkRange(f, c.r, want[:min(1, len(want))])
		}
	}
}

func checkRange(f fixture, r store.Range, want []string) {
	f.Helper()
	wantRows := []row{}
	for _, k := range want {
		wantRows = append(wantRows, row{k, k})
	}
	if diff := cmp.Diff(wantRows, f.rows(r), cmp.AllowUnexported(row{})); diff != "" {
		f.Errorf("%+v: (-want +got)\n%s", r, diff)
	}
	r.KeysOnly = true
	got := []string{}
	for _, row := range f.rows(r) {
		got = append(got, row.key)
	}
	if !slices.Equal(got, want) {
		f.Errorf("%+v: %q, want %q", r, got, want)
	}
}

// oddKeys are in order, and some are dear to a backend.
var oddKeys = []string{
	"", "\x00", "\x00\x00", "\x00\x01", "\x00format", "\x01", "!badger!txn", "!badger!x", "A", "a", "a\x00", "a\x00b",
	"aa", "キー", "\xc3\x28", "\xff", "\xff\xfe", "\xff\xff", "\xff\xff\xff",
}

func binaryKeysAreOrderedAsBytes(f fixture) {
	slices.Sort(oddKeys)
	f.fill(oddKeys...)
	checkRange(f, store.Range{}, oddKeys)
	checkRange(f, store.Range{Prefix: "\xff"}, oddKeys[len(oddKeys)-4:])
	checkRange(f, store.Range{To: "\x00"}, []string{""})
	checkRange(f, store.Range{Prefix: "\x00", Reverse: true}, []string{"\x00format", "\x00\x01", "\x00\x00", "\x00"})
	for _, k := range oddKeys {
		f.holds(k, k)
	}
}

func deletedRowsAreNotScanned(f fixture) {
	f.fill("a", "b", "c", "d")
	var b store.Batch
	b.Delete("a")
	b.Delete("c")
	f.commit(b)
	checkRange(f, store.Range{}, []string{"b", "d"})
	checkRange(f, store.Range{Limit: 1}, []string{"b"})
	checkRange(f, store.Range{Reverse: true}, []string{"d", "b"})
}

func manyRowsInOrder(f fixture) {
	const batches, each = 10, 1000
	want := []string{}
	for i := range batches {
		keys := []string{}
		for j := range each {
			keys = append(keys, fmt.Sprintf("k%06d", j*batches+i))
		}
		f.fill(keys...)
		want = append(want, keys...)
	}
	slices.Sort(want)
	checkRange(f, store.Range{}, want)
	slices.Reverse(want)
	checkRange(f, store.Range{Reverse: true}, want)
}

func keysOnlyPassesNil(f fixture) {
	f.fill("a")
	err := f.store.Scan(f.Context(), store.Range{KeysOnly: true}, func(_ string, value []byte) error {
		if value != nil {
			f.Errorf("value %q", value)
		}
		return nil
	})
	if err != nil {
		f.Error(err)
	}
}

func emptyValuePassesNotNil(f fixture) {
	var b store.Batch
	b.Put("a", nil)
	f.commit(b)
	err := f.store.Scan(f.Context(), store.Range{}, func(_ string, value []byte) error {
		if value == nil {
			f.Error("an empty value became nil")
		}
		return nil
	})
	if err != nil {
		f.Error(err)
	}
}

// lastOfAPrefix is the scan that looks for the newest of something. A neighbour
// that sorts right behind the prefix must not end it.
func lastOfAPrefix(f fixture) {
	f.fill("run/1", "run/2", "run0", "run0x")
	checkRange(f, store.Range{Prefix: "run/", Reverse: true, Limit: 1}, []string{"run/2"})
	checkRange(f, store.Range{Prefix: "run/", To: "run/2", Reverse: true, Limit: 1}, []string{"run/1"})
}

func scanShowsTheLatestValueOnly(f fixture) {
	for i := range 5 {
		var b store.Batch
		b.Put("k", fmt.Append(nil, i))
		b.Put("l", fmt.Append(nil, i))
		f.commit(b)
	}
	want := []row{{"k", "4"}, {"l", "4"}}
	for _, reverse := range []bool{false, true} {
		got := f.rows(store.Range{Reverse: reverse})
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
			f.Errorf("reverse %v: (-want +got)\n%s", reverse, diff)
		}
		slices.Reverse(want)
	}
}
