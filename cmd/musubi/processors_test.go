package main

import (
	"context"
	"os"
	"runtime"
	"testing"
	"time"
)

func TestOneThreadMoreThanProcessors(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	t.Setenv("GOMAXPROCS", "7")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if occupyProcessors(ctx); runtime.GOMAXPROCS(0) != before {
		t.Errorf("%d threads, although GOMAXPROCS is given", runtime.GOMAXPROCS(0))
	}
	if err := os.Unsetenv("GOMAXPROCS"); err != nil {
		t.Fatal(err)
	}
	runtime.SetDefaultGOMAXPROCS()
	normal := runtime.GOMAXPROCS(0)
	for range 2 { // however many hosts one process has had
		if occupyProcessors(ctx); runtime.GOMAXPROCS(0) != normal+1 {
			t.Errorf("%d threads, want %d", runtime.GOMAXPROCS(0), normal+1)
		}
	}
	stop()
	for end := time.Now().Add(time.Minute); runtime.GOMAXPROCS(0) != normal; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d threads after the host's end, want %d", runtime.GOMAXPROCS(0), normal)
		}
	}
}
