package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

const defaultLimit = 50

func pageSize(limit int) int {
	if limit <= 0 {
		return defaultLimit
	}
	return limit
}

// newestFirst is the range of a table's rows from the id `before` (exclusive) back.
func newestFirst(table, before string) store.Range { return between(table, "", before, false) }

// between is the range of a table's rows behind one id and before another, both
// exclusive; empty means no bound.
func between(table, after, before string, oldestFirst bool) store.Range {
	r := store.Range{Prefix: under(table), Reverse: !oldestFirst}
	if after != "" {
		r.From = r.Prefix + after + "\x00"
	}
	if before != "" {
		r.To = r.Prefix + before
	}
	return r
}

// Runs returns the runs that the filter selects, newest first unless it says otherwise.
func (l *Ledger) Runs(ctx context.Context, f host.RunFilter) ([]host.Run, error) {
	switch {
	case f.Event != "":
		return l.runsOfEvent(ctx, f)
	case f.State == host.RunFailed:
		return l.failedRuns(ctx, f)
	}
	var fault error
	keep := func(r *host.Run) bool {
		selected, err := l.selects(ctx, f, r)
		fault = errors.Join(fault, err)
		return selected
	}
	runs, err := list(ctx, l, between(tableRun, f.After, f.Before, f.Oldest), pageSize(f.Limit), keep)
	return runs, errors.Join(err, fault)
}

func (l *Ledger) runsOfEvent(ctx context.Context, f host.RunFilter) ([]host.Run, error) {
	all, err := l.RunsOf(ctx, f.Event)
	if err != nil {
		return nil, err
	}
	if !f.Oldest {
		slices.Reverse(all)
	}
	var runs []host.Run
	for i := range all {
		selected, err := l.selects(ctx, f, &all[i])
		if err != nil {
			return nil, err
		}
		if selected && len(runs) < pageSize(f.Limit) {
			runs = append(runs, all[i])
		}
	}
	return runs, nil
}

func (l *Ledger) failedRuns(ctx context.Context, f host.RunFilter) ([]host.Run, error) {
	var runs []host.Run
	r := between(tableFailed, f.After, f.Before, f.Oldest)
	r.KeysOnly = true
	err := l.store.Scan(ctx, r, func(k string, _ []byte) error {
		run, err := l.Run(ctx, lastPart(k))
		if err != nil {
			return err
		}
		selected, err := l.selects(ctx, f, &run)
		if err != nil {
			return err
		}
		if selected {
			runs = append(runs, run)
		}
		if len(runs) >= pageSize(f.Limit) {
			return store.ErrStop
		}
		return nil
	})
	return runs, err
}

func (l *Ledger) selects(ctx context.Context, f host.RunFilter, r *host.Run) (bool, error) {
	if suited := suits(f, r); !suited || f.Connection == "" {
		return suited, nil
	}
	called, err := l.FailedAt(ctx, r)
	return cmp.Or(called, host.None) == f.Connection, err
}

// FailedAt is the connection that the failed step of a run called, "" if none.
func (l *Ledger) FailedAt(ctx context.Context, r *host.Run) (string, error) {
	if r.Error == nil {
		return "", nil
	}
	step, err := get[host.StepRecord](ctx, l, key(tableStep, r.ID, r.FailedStep))
	if err != nil && !isNotFound(err) {
		return "", fmt.Errorf("reading the failed step of run %s: %w", r.ID, err)
	}
	connection, _, _ := strings.Cut(step.Call, ".")
	return connection, nil
}

func suits(f host.RunFilter, r *host.Run) bool {
	return (f.Flow == "" || r.Flow == f.Flow) &&
		(f.State == "" || r.State == f.State) &&
		(f.Event == "" || r.Event == f.Event) &&
		(f.Subject == "" || r.Subject == f.Subject) &&
		(f.Kind == 0 || (r.Error != nil && r.Error.Kind == f.Kind)) &&
		(f.Code == "" || (r.Error != nil && host.CodeName(r.Error) == f.Code)) &&
		(f.FailedSince.IsZero() || (r.State == host.RunFailed && !r.Ended.Before(f.FailedSince))) &&
		within(r.Created, f.Since, f.Until) &&
		(f.Before == "" || r.ID < f.Before) && r.ID > f.After
}

func within(t, since, until time.Time) bool {
	return (since.IsZero() || !t.Before(since)) && (until.IsZero() || t.Before(until))
}

// Events returns the events that the filter selects, newest first.
func (l *Ledger) Events(ctx context.Context, f host.EventFilter) ([]host.Event, error) {
	keep := func(e *host.Event) bool {
		return (f.Connection == "" || e.Connection == f.Connection) &&
			(f.Type == "" || e.Type == f.Type) &&
			(f.Subject == "" || e.Subject == f.Subject) &&
			within(e.Received, f.Since, f.Until)
	}
	return list(ctx, l, between(tableEvent, f.After, f.Before, f.Oldest), pageSize(f.Limit), keep)
}

// DeadLetters returns the dead letters that the filter selects, newest first.
func (l *Ledger) DeadLetters(ctx context.Context, f host.EventFilter) ([]host.DeadLetter, error) {
	keep := func(d *host.DeadLetter) bool {
		return (f.Connection == "" || d.Delivery.Connection == f.Connection) &&
			within(d.Delivery.Received, f.Since, f.Until)
	}
	return list(ctx, l, between(tableDead, f.After, f.Before, f.Oldest), pageSize(f.Limit), keep)
}

// NewestID returns the greatest id of any event, dead letter, run or act of a person, "" if there is none.
func (l *Ledger) NewestID(ctx context.Context) (string, error) {
	newest := ""
	for _, table := range []string{tableEvent, tableDead, tableRun, tableAudit} {
		r := newestFirst(table, "")
		r.Limit, r.KeysOnly = 1, true
		err := l.store.Scan(ctx, r, func(k string, _ []byte) error {
			newest = max(newest, lastPart(k))
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	return newest, nil
}
