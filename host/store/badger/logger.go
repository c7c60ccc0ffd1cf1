package badger

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// logger hands Badger's messages to slog. What Badger calls information is of
// interest only to who debugs it.
type logger struct {
	to *slog.Logger
	// filled is called whenever a compaction has filled a table, by who compacts.
	filled func()
}

// tableFilled is how what Badger says then begins.
const tableFilled = "[%d] LOG Compact. Added"

// Errorf is for Badger.
func (l logger) Errorf(format string, args ...any) { l.log(slog.LevelError, format, args) }

// Warningf is for Badger.
func (l logger) Warningf(format string, args ...any) { l.log(slog.LevelWarn, format, args) }

// Infof is for Badger.
func (l logger) Infof(format string, args ...any) { l.log(slog.LevelDebug, format, args) }

// Debugf is for Badger, which calls it for every write.
func (l logger) Debugf(format string, _ ...any) {
	if strings.HasPrefix(format, tableFilled) {
		l.filled()
	}
}

func (l logger) log(level slog.Level, format string, args []any) {
	ctx := context.Background()
	if l.to.Enabled(ctx, level) {
		l.to.Log(ctx, level, "badger", "message", strings.TrimSpace(fmt.Sprintf(format, args...)))
	}
}
