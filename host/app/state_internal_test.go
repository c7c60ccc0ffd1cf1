package app

import (
	"fmt"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store/mem"
	"github.com/musubi-run/musubi/host/wasm"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestAPluginRemembersSoManyKeys(t *testing.T) {
	s := mem.New(time.Now)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	l, err := ledger.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	state := guestState{l, "shop", 3}
	put := func(keys ...int) error {
		var writes []wasm.StateWrite
		for _, k := range keys {
			writes = append(writes, wasm.StateWrite{Key: fmt.Sprint("k", k), Value: []byte("v")})
		}
		return state.Put(t.Context(), writes)
	}
	for _, keys := range [][]int{{1, 2}, {2, 3}, {1, 2, 3}} {
		if err := put(keys...); err != nil {
			t.Errorf("%v: %v", keys, err)
		}
	}
	if err := put(1, 4); abi.KindOf(err) != abi.Limit {
		t.Errorf("a fourth key: %v", err)
	}
	if v, err := state.Get(t.Context(), "k4"); v != nil || err != nil {
		t.Errorf("the fourth key holds %q, %v", v, err)
	}
	if err := (guestState{l, "shop2", 3}).Put(t.Context(), []wasm.StateWrite{{Key: "k4"}}); err != nil {
		t.Errorf("another connection: %v", err)
	}
}
