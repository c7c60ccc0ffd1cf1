package simkit

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Main runs the sim as a program until it is interrupted, and exits. When it is
// ready it prints one line to standard output:
//
//	listening on http://127.0.0.1:9001
//
// With -stdin it also ends when standard input does, so that a sim never
// outlives the process that started it.
func Main(p Program) {
	flags := flag.NewFlagSet(p.Name+"-sim", flag.ExitOnError)
	addr := flags.String("addr", "127.0.0.1:0", "address to listen on, `host:port`; port 0 takes a free one")
	seed := flags.Int64("seed", 1, "seed of the made-up data")
	stdin := flags.Bool("stdin", false, "end when standard input ends")
	_ = flags.Parse(os.Args[1:]) //nolint:errcheck // ExitOnError

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *stdin {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) //nolint:errcheck // an error is an end too
			stop()
		}()
	}
	if err := serve(ctx, p, *addr, *seed); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // stop only unhooks signals
	}
}

func serve(ctx context.Context, p Program, addr string, seed int64) error {
	s, err := Start(p, addr, seed)
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := fmt.Fprintln(os.Stdout, "listening on", s.URL); err != nil {
		return err
	}
	return s.run(ctx)
}
