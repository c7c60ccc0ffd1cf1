package app

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/engine"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/schedule"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// guarded calls a connection only while it works, as runs do, and tells what
// it learns: neither polls nor history must hammer a platform that is down.
type guarded struct{ *engine.Engine }

// Invoke calls a connection's plugin; while the connection is known not to
// work, the error is of kind Unavailable.
func (g guarded) Invoke(ctx context.Context, in host.Invocation) ([]byte, error) {
	return g.Reach(ctx, in)
}

// signedIntake accepts pages of backfills. The commit by which a person begins
// one, which carries no events, also says who that was.
type signedIntake struct{ *engine.Engine }

func (s signedIntake) AcceptPage(ctx context.Context, page host.Page, read ledger.CursorRow, next host.Cursor) (host.Receipt, error) {
	if _, person := host.ActorOf(ctx); !person || len(page.Events) > 0 {
		return s.Engine.AcceptPage(ctx, page, read, next)
	}
	begun, _, err := schedule.ProgressOf(next)
	if err != nil {
		return host.Receipt{}, err
	}
	var c ledger.Change
	c.MoveCursor(read, next)
	s.Sign(ctx, &c, host.ActBackfill, begun.Connection+" "+begun.Trigger, "since "+begun.Since.Format(time.RFC3339))
	return host.Receipt{}, s.Ledger.Commit(ctx, &c)
}

// Backfill begins to run history through the flows, or goes on with it.
func (o Operator) Backfill(ctx context.Context, job api.Backfill) (api.Backfill, error) {
	begun, err := o.beginBackfill(ctx, job)
	return begun, o.refused(ctx, host.ActBackfill, job.Connection+" "+job.Trigger, "since "+job.Since.Format(time.RFC3339), err)
}

func (o Operator) beginBackfill(ctx context.Context, job api.Backfill) (api.Backfill, error) {
	if err := o.app.pollable(job.Connection, job.Trigger); err != nil {
		return job, err
	}
	progress, updated, err := o.app.backfiller.Begin(ctx, schedule.Backfill{
		Connection: job.Connection, Trigger: job.Trigger, Since: job.Since.UTC().Truncate(time.Second),
	}, job.Anew)
	if err != nil {
		return job, fmt.Errorf("beginning the backfill: %w", err)
	}
	return backfill(progress, updated), o.app.watchBackfills(ctx)
}

// Backfills tells how far every backfill has come.
func (v View) Backfills(ctx context.Context) ([]api.Backfill, error) {
	var all []api.Backfill
	err := v.eachBackfill(ctx, func(p schedule.Progress, updated time.Time) { all = append(all, backfill(p, updated)) })
	return all, err
}

func (v View) eachBackfill(ctx context.Context, visit func(p schedule.Progress, updated time.Time)) error {
	cursors, err := v.ledger.Cursors(ctx)
	if err != nil {
		return err
	}
	for _, c := range cursors {
		p, ok, err := schedule.ProgressOf(c)
		if err != nil {
			return err
		}
		if ok {
			visit(p, c.Updated)
		}
	}
	return nil
}

func backfill(p schedule.Progress, updated time.Time) api.Backfill {
	return api.Backfill{
		Connection: p.Connection, Trigger: p.Trigger, Since: p.Since,
		Pages: p.Pages, Events: p.Events, Done: p.Done, Updated: updated, Fault: p.Fault, Waiting: p.Waiting, Again: p.Again,
	}
}

// watchBackfills works on every backfill that is not done, but for those whose
// connection or trigger is no longer there.
func (a *App) watchBackfills(ctx context.Context) error {
	a.backfills.Lock()
	defer a.backfills.Unlock()
	var open []schedule.Backfill
	err := a.Operator().eachBackfill(ctx, func(p schedule.Progress, _ time.Time) {
		if !p.Done && a.pollable(p.Connection, p.Trigger) == nil {
			open = append(open, p.Backfill)
		}
	})
	if err != nil {
		return fmt.Errorf("looking for unfinished backfills: %w", err)
	}
	a.backfiller.Watch(open)
	return nil
}

// pollable says why a trigger cannot be polled, nil if it can.
func (a *App) pollable(connection, trigger string) error {
	conn := a.cfg.Connections[connection]
	if conn == nil {
		return unknown(abi.Text{EN: "connection", JA: "接続"}, connection, slices.Sorted(maps.Keys(a.cfg.Connections)))
	}
	var polls []string
	known := false
	for _, t := range a.plugins[conn.Connector].Manifest.Triggers {
		if t.Poll {
			polls = append(polls, t.Name)
		}
		known = known || t.Name == trigger
	}
	switch {
	case slices.Contains(polls, trigger):
		return nil
	case known:
		return refusal(
			fmt.Sprintf("%s of %s comes by webhook only and cannot be polled%s", trigger, connection, among(" (possible: ", polls)),
			fmt.Sprintf("%s の %s はWebhookだけで届くため、取得できません%s", connection, trigger, among(" (使えるもの: ", polls)))
	default:
		return unknown(abi.Text{EN: "trigger of " + connection, JA: connection + " のトリガー"}, trigger, polls)
	}
}

func refusal(en, ja string) error {
	return &api.Problem{Title: http.StatusText(http.StatusBadRequest), Status: http.StatusBadRequest, Detail: en, DetailJA: ja, Kind: abi.Invalid}
}

// unknown says that there is no such name, and which was meant.
func unknown(what abi.Text, name string, names []string) error {
	if near := diag.Closest(name, names); near != "" {
		return refusal(
			fmt.Sprintf("there is no %s %q: did you mean %q?", what.EN, name, near),
			fmt.Sprintf("%s「%s」はありません。「%s」ではありませんか?", what.JA, name, near))
	}
	return refusal(
		fmt.Sprintf("there is no %s %q%s", what.EN, name, among(" (possible: ", names)),
		fmt.Sprintf("%s「%s」はありません%s", what.JA, name, among(" (使えるもの: ", names)))
}

// among lists what is possible, in brackets; nothing is possible if it is empty.
func among(opening string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return opening + strings.Join(names, ", ") + ")"
}
