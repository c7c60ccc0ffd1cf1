package app

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/engine"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

const (
	// mostRecent is how many runs of the period are counted by state.
	mostRecent = 20_000
	// mostDead is how many dead letters are looked at, deadPage of them at a time:
	// each is a whole delivery.
	mostDead = 10_000
	deadPage = 100
)

// Status tells how the whole host fares, and of the failures since a time. What
// it looks at is bounded, whatever is stored.
func (o Operator) Status(ctx context.Context, since time.Time) (s api.Status, err error) {
	since = since.Truncate(time.Second) // as the filters of the groups say it
	s = api.Status{Now: o.app.opts.Now(), Since: since, NotReady: o.notReady(ctx), Expiring: o.app.expiring(), Rules: o.app.rulesStatus()}
	if err = o.look(ctx, &s); err != nil && s.NotReady != nil { // a store that cannot be read is why
		return api.Status{Now: s.Now, Since: since, NotReady: s.NotReady, Expiring: s.Expiring, Rules: s.Rules}, nil
	}
	return s, err
}

func (o Operator) look(ctx context.Context, s *api.Status) (err error) {
	s.Connections, s.Failures, s.Dead = []api.Connection{}, []api.Failures{}, []api.DeadLetters{}
	connections, err := o.Connections(ctx)
	if err != nil {
		return err
	}
	s.Connections = append(s.Connections, connections...)
	if err := o.countRuns(ctx, s); err != nil {
		return err
	}
	if s.Failures, s.FailuresAtLeast, err = o.failures(ctx, s.Since); err != nil {
		return err
	}
	s.Dead, s.DeadAtLeast, err = o.deadByConnection(ctx)
	return err
}

func (o Operator) notReady(ctx context.Context) *abi.Text {
	err := o.app.ready(ctx)
	if err == nil {
		return nil
	}
	text := words(err)
	return &text
}

// unready is why the host cannot work just now.
func unready(en, ja string) error {
	return &api.Problem{
		Title: http.StatusText(http.StatusServiceUnavailable), Status: http.StatusServiceUnavailable, Detail: en, DetailJA: ja, Kind: abi.Unavailable,
	}
}

func (o Operator) countRuns(ctx context.Context, s *api.Status) error {
	still, err := o.ledger.Standstill(ctx)
	if err != nil {
		return err
	}
	s.EventsWaiting = still.Events
	s.Runs = api.RunCounts{Waiting: still.Waiting, Failed: still.Failed, Running: host.Count{N: o.app.engine.UnderWay()}}
	s.Runs.Queued = host.Count{N: max(0, still.Ready.N-s.Runs.Running.N) + still.Lined.N, AtLeast: still.Ready.AtLeast || still.Lined.AtLeast}
	all, err := o.ledger.RecentRuns(ctx, s.Since, mostRecent, func(r *host.Run) {
		switch r.State {
		case host.RunDone:
			s.Runs.Done.N++
		case host.RunCancelled:
			s.Runs.Cancelled.N++
		case host.RunQueued, host.RunRunning, host.RunWaiting, host.RunFailed:
		}
	})
	s.Runs.Done.AtLeast, s.Runs.Cancelled.AtLeast = !all, !all
	return err
}

// deadByConnection groups the deliveries that could not be read and were not replayed since.
func (v View) deadByConnection(ctx context.Context) (groups []api.DeadLetters, atLeast bool, err error) {
	found, page := map[string]*api.DeadLetters{}, host.EventFilter{Limit: deadPage}
	for seen, more := 0, true; more; seen += page.Limit {
		if seen == mostDead {
			atLeast = true
			break
		}
		letters, err := v.ledger.DeadLetters(ctx, page)
		if err != nil {
			return nil, false, err
		}
		for i := range letters {
			addDead(found, &letters[i])
			page.Before = letters[i].ID
		}
		more = len(letters) == page.Limit
	}
	groups = []api.DeadLetters{}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		groups = append(groups, *found[name])
	}
	return groups, atLeast, nil
}

// addDead adds to its connection's group a letter that is older than those before.
func addDead(found map[string]*api.DeadLetters, d *host.DeadLetter) {
	if !d.Open() {
		return
	}
	name := d.Delivery.Connection
	g := found[name]
	if g == nil {
		g = &api.DeadLetters{Connection: name, Error: d.Error, Last: d.Delivery.Received, Example: d.ID}
		found[name] = g
	}
	g.Count, g.First = g.Count+1, d.Delivery.Received
}

func (a *App) expiring() []api.Expiring {
	soon := []api.Expiring{}
	for name, conn := range a.cfg.Connections {
		for secret, day := range conn.Expires {
			expires := a.expiry(day)
			if days, due := engine.ExpiresSoon(expires, a.opts.Now()); due {
				soon = append(soon, api.Expiring{Connection: name, Secret: secret, Expires: expires, DaysLeft: days})
			}
		}
	}
	slices.SortFunc(soon, func(a, b api.Expiring) int {
		return cmp.Or(a.Expires.Compare(b.Expires), cmp.Compare(a.Connection, b.Connection), cmp.Compare(a.Secret, b.Secret))
	})
	return soon
}

func (a *App) rulesStatus() api.RulesStatus {
	r := a.rulesInForce()
	return api.RulesStatus{Version: r.Version, Loaded: r.Loaded, Flows: len(r.Flows), Problems: r.Problems}
}
