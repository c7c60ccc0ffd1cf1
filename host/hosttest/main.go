package hosttest

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/config"
)

// configVariable holds the musubi.yaml of a host that is to run as a process.
const configVariable = "MUSUBI_HOSTTEST_CONFIG"

// Main is the TestMain of a package that uses [Options.Process]: the test's
// program, started again, is then the host. So nothing has to be built twice.
//
//	func TestMain(m *testing.M) { hosttest.Main(m) }
func Main(m *testing.M) {
	file := os.Getenv(configVariable)
	if file == "" {
		os.Exit(m.Run())
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if err := serve(file, logger); err != nil {
		logger.Error("host ended", "error", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve does what the command serve does.
func serve(file string, logger *slog.Logger) error {
	cfg, err := config.Load(file)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	a, err := app.Open(ctx, cfg, app.Options{Logger: logger})
	if err != nil {
		return err
	}
	return errors.Join(a.Serve(ctx), a.Close())
}
