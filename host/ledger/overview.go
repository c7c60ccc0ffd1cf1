package ledger

import (
	"context"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// mostCounted is how many rows of a kind are counted.
const mostCounted = 100_000

// Standstill is how many runs there are that are not over, or failed.
type Standstill struct {
	// Ready are those that can go on or are under way, Lined those behind another of their lane.
	Ready, Lined host.Count
	// Waiting are those that wait for a time or for a connection.
	Waiting, Failed host.Count
	// Events are those that no rule has been matched with yet.
	Events host.Count
}

// Standstill counts by keys alone, each kind to 100,000.
func (l *Ledger) Standstill(ctx context.Context) (s Standstill, err error) {
	var timed, held host.Count
	for _, of := range []struct {
		into  *host.Count
		table string
		skip  string
	}{
		{&s.Ready, tableReady, ""},
		{&s.Lined, tableLaneWait, ""},
		{&s.Failed, tableFailed, ""},
		{&s.Events, tableInbox, ""},
		{&held, tableHeld, ""},
		{&timed, tableTimer, noticeOwner},
	} {
		if *of.into, err = l.count(ctx, under(of.table), of.skip); err != nil {
			return s, err
		}
	}
	s.Waiting = host.Count{N: timed.N + held.N, AtLeast: timed.AtLeast || held.AtLeast}
	return s, nil
}

// HeldCount counts the runs that wait until the connection works again, and
// names the oldest of them.
func (l *Ledger) HeldCount(ctx context.Context, connection string) (n host.Count, oldest string, err error) {
	ids, err := l.Held(ctx, connection, "", 1)
	if err != nil || len(ids) == 0 {
		return n, "", err
	}
	n, err = l.count(ctx, under(tableHeld, connection), "")
	return n, ids[0], err
}

// count counts the keys behind a prefix, but those that contain skip.
func (l *Ledger) count(ctx context.Context, prefix, skip string) (n host.Count, err error) {
	err = l.store.Scan(ctx, store.Range{Prefix: prefix, KeysOnly: true}, func(k string, _ []byte) error {
		if skip != "" && strings.Contains(k[len(prefix):], skip) {
			return nil
		}
		if n.N == mostCounted {
			n.AtLeast = true
			return store.ErrStop
		}
		n.N++
		return nil
	})
	return n, err
}

// RecentRuns calls visit with the runs made since a time, the newest first and
// at most so many; all says that these were all.
func (l *Ledger) RecentRuns(ctx context.Context, since time.Time, most int, visit func(*host.Run)) (all bool, err error) {
	seen := 0
	all = true
	err = l.store.Scan(ctx, newestFirst(tableRun, ""), func(_ string, value []byte) error {
		var run host.Run
		if err := decode(value, &run); err != nil {
			return err
		}
		if run.Created.Before(since) {
			return store.ErrStop
		}
		if seen == most {
			all = false
			return store.ErrStop
		}
		seen++
		visit(&run)
		return nil
	})
	return all, err
}
