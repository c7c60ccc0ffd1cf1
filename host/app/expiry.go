package app

import (
	"context"
	"time"

	"github.com/musubi-run/musubi/host/builtin"
	"github.com/musubi-run/musubi/host/schedule"
	"github.com/musubi-run/musubi/host/web/api"
)

// lookAtExpiries is how often somebody looks whether a secret expires soon.
const lookAtExpiries = time.Hour

// watchExpiries warns people of secrets that expire soon, until ctx ends.
func (a *App) watchExpiries(ctx context.Context) {
	tick := time.NewTicker(lookAtExpiries)
	defer tick.Stop()
	for {
		a.warnOfExpiries(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// expiry takes the day that a secret expires on as one of the configured zone.
func (a *App) expiry(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, a.cfg.Zone)
}

func (a *App) warnOfExpiries(ctx context.Context) {
	for name, conn := range a.cfg.Connections {
		for secret, day := range conn.Expires {
			if err := a.engine.WarnOfExpiry(ctx, name, secret, a.expiry(day)); err != nil && ctx.Err() == nil {
				a.log.Error("warning of an expiry failed, repeating in an hour", "connection", name, "error", err)
			}
		}
	}
}

// runLink is where a run is to be seen from outside, "" if nobody said where the host is.
func (a *App) runLink(id string) string {
	if a.cfg.PublicURL == "" {
		return ""
	}
	return a.cfg.PublicURL + api.Prefix + "/runs/" + id
}

// warnOfPoll tells people of a poll that needs one of them.
func (a *App) warnOfPoll(ctx context.Context, s schedule.Source, t schedule.Trouble) (told bool, err error) {
	return a.engine.WarnOfPoll(ctx, builtin.FailingPoll{
		Connection: s.Connection, Trigger: s.Trigger, Kind: t.Error.Kind.String(), Message: t.Error.Message,
		Tries: int64(t.Tries), Since: t.Since,
	})
}
