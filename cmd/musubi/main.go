// Command musubi is the host and the tool that its operators use.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // zones are named in musubi.yaml also where the machine knows none
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := run(ctx, environment{
		args: os.Args[1:], out: os.Stdout, err: os.Stderr, getenv: os.Getenv,
		now: time.Now, //nolint:forbidigo // the clock comes in here
	})
	stop()
	os.Exit(code)
}
