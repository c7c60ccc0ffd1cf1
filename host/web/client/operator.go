package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Runs lists runs, newest first.
func (c *Client) Runs(ctx context.Context, f host.RunFilter) ([]host.Run, error) {
	var page api.RunPage
	err := c.get(ctx, "/runs", runQuery(f), &page)
	return page.Runs, err
}

// Run returns one run with its journal, or [host.ErrNotFound].
func (c *Client) Run(ctx context.Context, id string) (host.Run, []host.StepRecord, error) {
	var detail api.RunDetail
	err := c.get(ctx, "/runs/"+url.PathEscape(id), nil, &detail)
	return detail.Run, detail.Steps, err
}

// Lineup tells which of these runs wait behind a failed one, or hold others up.
func (c *Client) Lineup(ctx context.Context, runs []string) (api.Lineup, error) {
	var lineup api.Lineup
	err := c.do(ctx, http.MethodPost, "/runs/lineup", api.LineupRequest{Runs: runs}, &lineup)
	return lineup, err
}

// Rerun runs a failed or cancelled run again.
func (c *Client) Rerun(ctx context.Context, id string, again host.Rerun) error {
	return c.do(ctx, http.MethodPost, "/runs/"+url.PathEscape(id)+"/rerun", again, nil)
}

// Cancel ends an open run.
func (c *Client) Cancel(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodPost, "/runs/"+url.PathEscape(id)+"/cancel", nil, nil)
}

// Events lists events, newest first.
func (c *Client) Events(ctx context.Context, f host.EventFilter) ([]host.Event, error) {
	var page api.EventPage
	err := c.get(ctx, "/events", eventQuery(f), &page)
	return page.Events, err
}

// Event returns one event with the runs that it started, or [host.ErrNotFound].
func (c *Client) Event(ctx context.Context, id string) (host.Event, []host.Run, error) {
	var detail api.EventDetail
	err := c.get(ctx, "/events/"+url.PathEscape(id), nil, &detail)
	return detail.Event, detail.Runs, err
}

// DeadLetters lists dead letters, newest first.
func (c *Client) DeadLetters(ctx context.Context, f host.EventFilter) ([]host.DeadLetter, error) {
	var page api.DeadLetterPage
	err := c.get(ctx, "/dead-letters", eventQuery(f), &page)
	return page.DeadLetters, err
}

// DeadLetter returns one dead letter, or [host.ErrNotFound].
func (c *Client) DeadLetter(ctx context.Context, id string) (host.DeadLetter, error) {
	var letter host.DeadLetter
	err := c.get(ctx, "/dead-letters/"+url.PathEscape(id), nil, &letter)
	return letter, err
}

// Replay delivers a dead letter once more.
func (c *Client) Replay(ctx context.Context, id string) (host.Receipt, error) {
	var r api.Receipt
	err := c.do(ctx, http.MethodPost, "/dead-letters/"+url.PathEscape(id)+"/replay", nil, &r)
	return host.Receipt{Accepted: r.Accepted, Duplicates: r.Duplicates, Dead: r.Dead}, err
}

// Dismiss says that nobody has to look at a dead letter any more.
func (c *Client) Dismiss(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodPost, "/dead-letters/"+url.PathEscape(id)+"/dismiss", nil, nil)
}

// Links lists links.
func (c *Client) Links(ctx context.Context, f host.LinkFilter) ([]host.Link, error) {
	q := filter{}
	q.text("kind", f.Kind).text("connection", f.From.Connection).text("object", f.From.Object).text("id", f.From.ID)
	q.limit(f.Limit)
	var page api.LinkPage
	err := c.get(ctx, "/links", url.Values(q), &page)
	return page.Links, err
}

// Cursors lists how far each poll has come, and why one brings nothing.
func (c *Client) Cursors(ctx context.Context) ([]api.Cursor, error) {
	var page api.CursorPage
	err := c.get(ctx, "/cursors", nil, &page)
	return page.Cursors, err
}

// SetCursor moves a poll's cursor.
func (c *Client) SetCursor(ctx context.Context, cursor host.Cursor) error {
	path := "/cursors/" + url.PathEscape(cursor.Connection) + "/" + url.PathEscape(cursor.Trigger)
	return c.do(ctx, http.MethodPut, path, map[string]any{"value": cursor.Value}, nil)
}

// Backfills lists how far each backfill has come.
func (c *Client) Backfills(ctx context.Context) ([]api.Backfill, error) {
	var page api.BackfillPage
	err := c.get(ctx, "/backfills", nil, &page)
	return page.Backfills, err
}

// Backfill begins a backfill, or has it go on where it stands. One that was done
// before is returned as such.
func (c *Client) Backfill(ctx context.Context, job api.Backfill) (api.Backfill, error) {
	var begun api.Backfill
	err := c.do(ctx, http.MethodPost, "/backfills", job, &begun)
	return begun, err
}

// Audits lists what people did, newest first.
func (c *Client) Audits(ctx context.Context, f host.AuditFilter) ([]api.Audit, error) {
	q := filter{}
	q.page(f.Since, f.Until, f.Before, f.Limit)
	var page api.AuditPage
	err := c.get(ctx, "/audit", url.Values(q), &page)
	return page.Audits, err
}

// SecretNames lists the names of the vault's secrets.
func (c *Client) SecretNames(ctx context.Context) ([]string, error) {
	var page api.SecretPage
	err := c.get(ctx, "/vault", nil, &page)
	return page.Secrets, err
}

// SetSecret keeps a secret in the vault.
func (c *Client) SetSecret(ctx context.Context, name, value string) error {
	return c.do(ctx, http.MethodPut, "/vault/"+url.PathEscape(name), api.Secret{Value: value}, nil)
}

// RemoveSecret forgets a secret of the vault, or is [host.ErrNotFound].
func (c *Client) RemoveSecret(ctx context.Context, name string) error {
	return c.do(ctx, http.MethodDelete, "/vault/"+url.PathEscape(name), nil, nil)
}

// Connections lists the connections and how they fare.
func (c *Client) Connections(ctx context.Context) ([]api.Connection, error) {
	var page api.ConnectionPage
	err := c.get(ctx, "/connections", nil, &page)
	return page.Connections, err
}

// Fuel tells what the calls of a connection's plugin used, or is [host.ErrNotFound].
func (c *Client) Fuel(ctx context.Context, connection string) (api.Fuel, error) {
	var fuel api.Fuel
	err := c.get(ctx, "/connections/"+url.PathEscape(connection)+"/fuel", nil, &fuel)
	return fuel, err
}

// Resume has a connection tried again at once, or is [host.ErrNotFound].
func (c *Client) Resume(ctx context.Context, connection string) error {
	return c.do(ctx, http.MethodPost, "/connections/"+url.PathEscape(connection)+"/resume", nil, nil)
}

// Hook returns where the connection's platform delivers to, or [host.ErrNotFound].
func (c *Client) Hook(ctx context.Context, connection string) (api.Hook, error) {
	var hook api.Hook
	err := c.get(ctx, "/connections/"+url.PathEscape(connection)+"/hook", nil, &hook)
	return hook, err
}

// RenewHook gives the connection another webhook address, or is [host.ErrNotFound].
// The old one is refused from then on.
func (c *Client) RenewHook(ctx context.Context, connection string) (api.Hook, error) {
	var hook api.Hook
	err := c.do(ctx, http.MethodPost, "/connections/"+url.PathEscape(connection)+"/hook/renew", nil, &hook)
	return hook, err
}

// Rules returns the rules in use.
func (c *Client) Rules(ctx context.Context) (api.Rules, error) {
	var rules api.Rules
	err := c.get(ctx, "/rules", nil, &rules)
	return rules, err
}

// ReloadRules has the host read its rules again. Faults of the files are diag.Problems.
func (c *Client) ReloadRules(ctx context.Context) (api.Rules, error) {
	var rules api.Rules
	err := c.do(ctx, http.MethodPost, "/rules/reload", nil, &rules)
	return rules, err
}

// Version says what is running.
func (c *Client) Version(ctx context.Context) (api.Version, error) {
	var version api.Version
	err := c.get(ctx, "/version", nil, &version)
	return version, err
}

// filter is a query that leaves out what selects nothing.
type filter url.Values

func (q filter) text(name, value string) filter {
	if value != "" {
		q[name] = []string{value}
	}
	return q
}

func (q filter) time(name string, t time.Time) {
	if !t.IsZero() {
		q.text(name, t.Format(time.RFC3339))
	}
}

func (q filter) limit(n int) {
	if n > 0 {
		q.text("limit", strconv.Itoa(n))
	}
}

func (q filter) page(since, until time.Time, before string, limit int) {
	q.time("since", since)
	q.time("until", until)
	q.text("before", before)
	q.limit(limit)
}

func runQuery(f host.RunFilter) url.Values {
	q := filter{}
	q.text("flow", f.Flow).text("state", string(f.State)).text("event", f.Event).text("subject", f.Subject).text("after", f.After)
	q.text("connection", f.Connection).text("code", f.Code).time("failed_since", f.FailedSince)
	q.page(f.Since, f.Until, f.Before, f.Limit)
	if f.Kind != abi.OK {
		q.text("kind", f.Kind.String())
	}
	return url.Values(q)
}

func eventQuery(f host.EventFilter) url.Values {
	q := filter{}
	q.text("connection", f.Connection).text("type", f.Type).text("subject", f.Subject).text("after", f.After)
	q.page(f.Since, f.Until, f.Before, f.Limit)
	return url.Values(q)
}
