package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/abi"
)

const (
	// mostFailures is how many failed runs are looked at, the newest first.
	mostFailures = 10_000
	// mostGroups is how many groups of them are told.
	mostGroups = 100
)

// alike is what failures of one group have in common.
type alike struct {
	flow, connection, code string
	kind                   abi.Kind
}

// where is a filter that selects the group.
func (k alike) where(since time.Time) string {
	return fmt.Sprintf("flow=%s,connection=%s,kind=%s,code=%s,failed_since=%s",
		k.flow, cmp.Or(k.connection, host.None), k.kind, k.code, since.Format(time.RFC3339))
}

// failures groups the runs that failed since a time: by flow, by the connection
// that the failed step called, and by kind and code of the error.
func (o Operator) failures(ctx context.Context, since time.Time) (groups []api.Failures, atLeast bool, err error) {
	found := map[alike]*api.Failures{}
	page := host.RunFilter{State: host.RunFailed, Limit: 500}
	for seen := 0; ; seen += page.Limit {
		if seen == mostFailures {
			atLeast = true
			break
		}
		runs, err := o.ledger.Runs(ctx, page)
		if err != nil {
			return nil, false, err
		}
		if err := o.group(ctx, found, runs, since); err != nil {
			return nil, false, err
		}
		if len(runs) < page.Limit {
			break
		}
		page.Before = runs[len(runs)-1].ID
	}
	groups = []api.Failures{}
	for key, g := range found {
		g.Where = key.where(since.In(o.app.cfg.Zone))
		groups = append(groups, *g)
	}
	slices.SortFunc(groups, func(a, b api.Failures) int { return cmp.Or(b.Count-a.Count, cmp.Compare(b.Example, a.Example)) })
	return groups[:min(len(groups), mostGroups)], atLeast || len(groups) > mostGroups, nil
}

// group adds those of the runs to their groups that failed since a time.
func (v View) group(ctx context.Context, into map[alike]*api.Failures, runs []host.Run, since time.Time) error {
	for i := range runs {
		r := &runs[i]
		if r.Ended.Before(since) || r.Error == nil {
			continue
		}
		connection, err := v.ledger.FailedAt(ctx, r)
		if err != nil {
			return err
		}
		key := alike{r.Flow, connection, host.CodeName(r.Error), r.Error.Kind}
		g := into[key]
		if g == nil {
			g = &api.Failures{Flow: r.Flow, Connection: connection, First: r.Ended}
			into[key] = g
		}
		next, err := v.follower(ctx, r)
		if err != nil {
			return err
		}
		if next != "" {
			g.Holding++
		}
		addFailure(g, r)
	}
	return nil
}

func addFailure(g *api.Failures, r *host.Run) {
	g.Count++
	if r.Ended.Before(g.First) {
		g.First = r.Ended
	}
	if !r.Ended.Before(g.Last) {
		g.Last, g.Error, g.Example = r.Ended, r.Error, r.ID
	}
}
