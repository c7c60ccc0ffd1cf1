// Package telemetry sets up what a host tells about itself: its log, and its
// figures for Prometheus. The figures are plain structs whose methods the
// packages that report to them declare as interfaces of their own.
package telemetry

import (
	"io"
	"log/slog"
)

// NewLogger returns a logger that writes one line per record to w: JSON, or
// text that people read.
func NewLogger(w io.Writer, level slog.Level, json bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if json {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
