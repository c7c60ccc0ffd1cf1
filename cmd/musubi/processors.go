package main

import (
	"context"
	"os"
	"runtime"
)

// useTheMachine settles what Go may take of the machine for a process with a
// store in it, until ctx ends.
func useTheMachine(ctx context.Context) {
	economize(ctx)
	occupyProcessors(ctx)
}

// occupyProcessors has Go run one thread more than there are processors: every
// commit waits for the disk in a call during which Go takes the thread for a
// busy one, and with two processors half the machine would idle meanwhile.
// `musubi bench` makes an eighth to a quarter more complete runs with it, for 35 MB, most
// of them instances of plugins, whose number follows the threads. What
// GOMAXPROCS says is left alone.
func occupyProcessors(ctx context.Context) {
	if os.Getenv("GOMAXPROCS") != "" {
		return
	}
	runtime.SetDefaultGOMAXPROCS() // so that a second host in one process adds no other
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	context.AfterFunc(ctx, runtime.SetDefaultGOMAXPROCS)
}
