package main

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// garbagePercent is how much garbage may come together, of what is alive:
	// half of what Go usually allows.
	garbagePercent = 50
	// spareBytes are for all that Go needs beside the heap, and for small heaps.
	spareBytes = 10 << 20
	// limitEvery is how often the limit follows the heap; limitStep is how far
	// the heap moves before it does.
	limitEvery = 200 * time.Millisecond
	limitStep  = 4 << 20
)

// economize has Go keep little memory that it does not use, until ctx ends: a
// host shares its machine with others, and most of what it computes is outside
// the Go heap anyway. Garbage is collected early, and a limit that follows what
// is alive has freed memory given back at once, which Go otherwise does slowly.
// What GOGC or GOMEMLIMIT says is left alone.
func economize(ctx context.Context) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		go followHeap(ctx)
	}
}

func followHeap(ctx context.Context) {
	tick := time.NewTicker(limitEvery)
	defer tick.Stop()
	defer debug.SetMemoryLimit(math.MaxInt64)
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	var followed int64
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		metrics.Read(live)
		now := int64(live[0].Value.Uint64()) //nolint:gosec // no heap is that large
		if now < followed-limitStep || now > followed+limitStep {
			followed = now
			debug.SetMemoryLimit(now + now/2 + spareBytes)
		}
	}
}
