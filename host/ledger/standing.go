package ledger

import (
	"context"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// Standing is how people were last told that a connection fares.
type Standing struct {
	Connection string `json:"connection"`
	host.ConnectionStatus

	Since time.Time `json:"since"`
	// Announced says that the state was announced; LastPaused is when a pause was, last.
	Announced  bool      `json:"announced,omitempty"`
	LastPaused time.Time `json:"last_paused,omitzero"`
}

// StandingRow is a standing as it was read, so that replacing it can be conditional.
type StandingRow struct {
	Standing

	old []byte
}

// Standing returns how a connection was last said to fare. One of which nothing
// was ever said is ready.
func (l *Ledger) Standing(ctx context.Context, connection string) (StandingRow, error) {
	row := StandingRow{Standing: Standing{Connection: connection, ConnectionStatus: host.ConnectionStatus{State: host.ConnectionReady}}}
	old, err := l.raw(ctx, key(tableStanding, connection))
	if err != nil || old == nil {
		return row, err
	}
	row.old = old
	err = decode(old, &row.Standing)
	return row, err
}

// ReplaceStanding keeps how a connection fares now; the commit conflicts if
// somebody else said so since it was read.
func (c *Change) ReplaceStanding(read StandingRow, next Standing) {
	k := key(tableStanding, next.Connection)
	c.expect(k, read.old)
	c.put(k, next)
}

// Standings returns every connection of which something was said.
func (l *Ledger) Standings(ctx context.Context) ([]Standing, error) {
	return list[Standing](ctx, l, store.Range{Prefix: under(tableStanding)}, 0, nil)
}

// Warning is the last warning that a secret expires.
type Warning struct {
	Connection string    `json:"connection"`
	Secret     string    `json:"secret"`
	Expires    time.Time `json:"expires"`
	// Days is how many days ahead the warning was due.
	Days int `json:"days"`
}

// WarningRow is a warning as it was read, so that replacing it can be conditional.
type WarningRow struct {
	Warning

	old []byte
}

// Warned returns the last warning about a secret, and whether there was any.
func (l *Ledger) Warned(ctx context.Context, connection, secret string) (row WarningRow, ok bool, err error) {
	old, err := l.raw(ctx, key(tableWarned, connection, secret))
	if err != nil || old == nil {
		return row, false, err
	}
	row.old = old
	err = decode(old, &row.Warning)
	return row, true, err
}

// ReplaceWarning keeps that people are warned; the commit conflicts if they
// were warned since the row was read.
func (c *Change) ReplaceWarning(read WarningRow, next Warning) {
	k := key(tableWarned, next.Connection, next.Secret)
	c.expect(k, read.old)
	c.put(k, next)
}
