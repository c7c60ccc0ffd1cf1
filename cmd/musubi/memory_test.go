package main

import (
	"context"
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// The limit follows what is alive, up and down, and is gone when the host is.
func TestTheMemoryLimitFollowsTheHeap(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64)) // whatever GOMEMLIMIT says
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	economize(ctx)
	const large = 128 << 20
	kept := make([]byte, large)
	runtime.GC()
	awaitLimit(t, "above what is alive", func(limit int64) bool { return limit > large*3/2 && limit < math.MaxInt64 })
	runtime.KeepAlive(kept) // and no longer
	runtime.GC()
	awaitLimit(t, "down again", func(limit int64) bool { return limit < large*3/2 })
	stop()
	awaitLimit(t, "gone", func(limit int64) bool { return limit == math.MaxInt64 })
}

func awaitLimit(t *testing.T, what string, holds func(limit int64) bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(debug.SetMemoryLimit(-1)); time.Sleep(limitEvery / 4) {
		if time.Now().After(end) {
			t.Fatalf("the limit is %d, want it %s", debug.SetMemoryLimit(-1), what)
		}
	}
}
