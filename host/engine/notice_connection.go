package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/builtin"
	"github.com/musubi-run/musubi/host/ledger"
)

// tellOf keeps how a connection fares now and announces it, in one commit. If
// that fails, or it is too early, the next call's outcome tries again.
func (e *Engine) tellOf(ctx context.Context, connection string, status host.ConnectionStatus) {
	var announced bool
	err := retryConflicts(func() (err error) {
		announced, err = e.keepStanding(ctx, connection, status)
		return err
	})
	if err != nil {
		if ctx.Err() == nil {
			e.Logger.Error("telling how a connection fares failed", "connection", connection, "error", err)
		}
		return
	}
	e.circuits.of(connection).tell(status.State, announced)
}

func (e *Engine) keepStanding(ctx context.Context, connection string, status host.ConnectionStatus) (announced bool, err error) {
	row, err := e.Ledger.Standing(ctx, connection)
	if err != nil {
		return false, fmt.Errorf("reading how %s fared: %w", connection, err)
	}
	kept := row.State == status.State
	if kept && row.Announced { // told by a call beside this one
		return true, nil
	}
	next := ledger.Standing{Connection: connection, ConnectionStatus: status, Since: e.Now(), LastPaused: row.LastPaused}
	if kept {
		next.Since = row.Since
	}
	event := e.tidings(row.Standing, &next)
	var c ledger.Change
	n := e.notices()
	if next.Announced = event != "" && e.heard(event); next.Announced {
		if err := n.announce(&c, event, connection, e.NewID(), trouble(next)); err != nil {
			return false, err
		}
	}
	if kept && !next.Announced {
		return false, nil
	}
	c.ReplaceStanding(row, next)
	if err := e.Ledger.Commit(ctx, &c); err != nil {
		return false, err
	}
	n.committed()
	return next.Announced, nil
}

// tidings is the event that tells of the change, "" for none yet: a connection
// that stops and goes is told of once a window, with its recovery. When it has
// stopped at the end of the window, that is told then.
func (e *Engine) tidings(before ledger.Standing, now *ledger.Standing) string {
	switch now.State {
	case host.ConnectionParked:
		return builtin.ConnectionAuthFail
	case host.ConnectionPaused:
		if quiet := e.Now().Sub(before.LastPaused); quiet >= 0 && quiet < e.NoticeWindow { // negative: the clock was set back
			return ""
		}
		now.LastPaused = e.Now()
		return builtin.ConnectionPaused
	case host.ConnectionReady:
		if before.Announced {
			return builtin.ConnectionRecovered
		}
	}
	return ""
}

func trouble(s ledger.Standing) builtin.Trouble {
	t := builtin.Trouble{Connection: s.Connection, State: string(s.State), Since: s.Since}
	if s.Error != nil {
		t.Kind, t.Message = s.Error.Kind.String(), s.Error.Message
	}
	return t
}

// restoreStandings takes up how connections fared when an earlier host ended,
// so that a restart neither tells people twice nor forgets to tell of a recovery.
// Of one that is no longer there nothing is to be found out: its runs wait no more.
func (e *Engine) restoreStandings(ctx context.Context) {
	all, err := e.Ledger.Standings(ctx)
	if err != nil {
		e.Logger.Error("reading how connections fared failed", "error", err)
	}
	for _, s := range all {
		if s.State != host.ConnectionReady && e.Known(s.Connection) {
			e.circuits.of(s.Connection).restore(s.ConnectionStatus, s.Announced)
		}
	}
}

// WarnOfExpiry tells people, once for each number of days ahead, that a secret
// of a connection expires.
func (e *Engine) WarnOfExpiry(ctx context.Context, connection, secret string, expires time.Time) error {
	left := daysUntil(expires, e.Now())
	due, ok := dueWarning(left)
	if !ok || !e.heard(builtin.CredentialExpiring) {
		return nil
	}
	row, warned, err := e.Ledger.Warned(ctx, connection, secret)
	if err != nil {
		return fmt.Errorf("reading the last warning about %s of %s: %w", secret, connection, err)
	}
	if warned && row.Expires.Equal(expires) && row.Days <= due {
		return nil
	}
	var c ledger.Change
	n := e.notices()
	c.ReplaceWarning(row, ledger.Warning{Connection: connection, Secret: secret, Expires: expires, Days: due})
	data := builtin.Expiry{Connection: connection, Secret: secret, Expires: expires, DaysLeft: int64(left)}
	if err := n.announce(&c, builtin.CredentialExpiring, connection+"/"+secret, e.NewID(), data); err != nil {
		return err
	}
	if err := e.Ledger.Commit(ctx, &c); err != nil {
		return fmt.Errorf("warning that %s of %s expires: %w", secret, connection, err)
	}
	n.committed()
	return nil
}

// WarnOfPoll tells people that a poll fails, and says whether anybody hears it.
func (e *Engine) WarnOfPoll(ctx context.Context, poll builtin.FailingPoll) (told bool, err error) {
	if !e.heard(builtin.PollFailing) {
		return false, nil
	}
	var c ledger.Change
	n := e.notices()
	if err := n.announce(&c, builtin.PollFailing, poll.Connection, e.NewID(), poll); err != nil {
		return false, err
	}
	if err := e.Ledger.Commit(ctx, &c); err != nil {
		return false, fmt.Errorf("warning that the poll %s of %s fails: %w", poll.Trigger, poll.Connection, err)
	}
	n.committed()
	return true, nil
}

// warnAhead is how many days before a credential expires people are told.
var warnAhead = [...]int{1, 7, 14}

// dueWarning is the warning that so many days before the end people should have had.
func dueWarning(left int) (days int, ok bool) {
	for _, days := range warnAhead {
		if left <= days {
			return days, true
		}
	}
	return 0, false
}

// ExpiresSoon is how many days are left until then, and whether people are warned already.
func ExpiresSoon(expires, now time.Time) (days int, soon bool) {
	days = daysUntil(expires, now)
	_, soon = dueWarning(days)
	return days, soon
}

// daysUntil rounds up: on the eve there is one day left, whatever the hour.
func daysUntil(t, now time.Time) int {
	const day = 24 * time.Hour
	left := t.Sub(now)
	days := int(left / day)
	if left > 0 && left%day != 0 {
		days++
	}
	return days
}
