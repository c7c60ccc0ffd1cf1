package hosttest

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/config"
)

// startInside runs the host in the test's own process.
func (h *Host) startInside() (*running, error) {
	h.tb.Helper()
	cfg, err := config.Load(filepath.Join(h.Dir, "musubi.yaml"))
	if err != nil {
		return nil, err
	}
	logger := h.opts.Logger
	if logger == nil {
		logger = slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(h.tb.Context()))
	a, err := app.Open(ctx, cfg, app.Options{Logger: logger, Now: h.opts.Now})
	if err != nil {
		cancel()
		return nil, err
	}
	r := &running{stop: cancel, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		r.err = errors.Join(a.Serve(ctx), a.Close())
	}()
	return r, nil
}

// startProcess runs the host as a process of its own: the test's program again, see Main.
func (h *Host) startProcess() (*running, error) {
	h.tb.Helper()
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	process := exec.CommandContext(context.WithoutCancel(h.tb.Context()), program, "-test.run=^$")
	process.Env = append(os.Environ(), configVariable+"="+filepath.Join(h.Dir, "musubi.yaml"))
	process.Stdout, process.Stderr = h.log, h.log
	if err := process.Start(); err != nil {
		return nil, err
	}
	r := &running{
		stop:  func() { h.signal(process.Process, syscall.SIGTERM) },
		kill:  func() { h.signal(process.Process, syscall.SIGKILL) },
		ended: make(chan struct{}),
	}
	go func() {
		defer close(r.ended)
		r.err = process.Wait()
	}()
	return r, nil
}

func (h *Host) signal(process *os.Process, signal os.Signal) {
	h.tb.Helper()
	if err := process.Signal(signal); err != nil {
		h.tb.Errorf("sending the host's process a signal: %v", err)
	}
}
