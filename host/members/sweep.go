package members

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// progress is how far everybody has been looked at since rules changed.
type progress struct {
	Version string `json:"version"`
	// Table is the one under way, empty when all is done; From the key to go on with.
	Table string `json:"table,omitempty"`
	From  string `json:"from,omitempty"`
	// Asked are the versions of the tag rules of which everybody was asked before.
	Asked []string `json:"asked,omitempty"`
	// Counted is the version of what rows count of orders.
	Counted int `json:"counted,omitempty"`
	// Quiet counts by tag who got it because its rule was new or changed.
	Quiet map[string]*quietly `json:"quiet,omitempty"`
}

// quietly is how many got a tag without flows hearing of it, while which rules
// came into force.
type quietly struct {
	Version string    `json:"version"`
	Members int64     `json:"members"`
	At      time.Time `json:"at"`
}

// countedNow is the version of what customers' rows count: 1 since they count by day.
const countedNow = 1

// sweepKey is where progress is kept.
var sweepKey = key(tableState, "sweep")

// gave counts tags that were given quietly. There is nothing to count on a nil progress.
func (p *progress) gave(tags []string, now time.Time) {
	if p == nil {
		return
	}
	for _, tag := range tags {
		if p.Quiet == nil {
			p.Quiet = make(map[string]*quietly)
		}
		q := p.Quiet[tag]
		if q == nil || q.Version != p.Version {
			q = &quietly{Version: p.Version}
			p.Quiet[tag] = q
		}
		q.Members++
		q.At = now
	}
}

// unasked returns the versions of the tag rules of which not everybody was asked yet.
func (t *tx) unasked(ctx context.Context) (map[string]bool, error) {
	p, err := read[progress](ctx, t, sweepKey)
	book := t.m.Book()
	if err != nil || (p != nil && p.Version == book.Version && p.Table == "") {
		return nil, err
	}
	fresh := make(map[string]bool)
	for i := range book.Tags {
		if v := book.Tags[i].Version; p == nil || !slices.Contains(p.Asked, v) {
			fresh[v] = true
		}
	}
	return fresh, nil
}

// QuietTags returns which tags members got without flows hearing of it, because
// rules were new or changed, the last time for each, by the names of the tags.
func (m *Members) QuietTags(ctx context.Context) ([]host.QuietTag, error) {
	p, err := read[progress](ctx, m.begin(host.Cause{}), sweepKey)
	if p == nil || err != nil {
		return nil, err
	}
	all := make([]host.QuietTag, 0, len(p.Quiet))
	for _, tag := range slices.Sorted(maps.Keys(p.Quiet)) {
		all = append(all, host.QuietTag{Tag: tag, Members: p.Quiet[tag].Members, At: p.Quiet[tag].At})
	}
	return all, nil
}

// Sweep looks at everybody once after the rules about members changed:
// customers by the link rules, then members by the tag rules. It goes on where
// it was after a restart. What it finds was so before, so flows do not hear of it;
// they do of what time did, which therefore comes first, however long the look takes.
func (m *Members) Sweep(ctx context.Context) error {
	for ctx.Err() == nil {
		if _, err := m.Tick(ctx); err != nil {
			return err
		}
		done, err := m.sweepSome(ctx)
		if done || err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (m *Members) sweepSome(ctx context.Context) (done bool, err error) {
	version := m.Book().Version
	err = m.change(ctx, host.Cause{By: host.ByRule}, func(t *tx) error {
		t.origin, t.sweeping = host.OriginBackfill, true
		known, err := read[progress](ctx, t, sweepKey)
		if err != nil {
			return err
		}
		p := known.of(version)
		if p.Table == "" && (len(p.Asked) > 0 || len(t.m.Book().Tags) == 0) {
			done = true
			return nil
		}
		if due, _, err := m.timers(ctx, m.clock.begin()); len(due) > 0 || err != nil {
			return err // these come first
		}
		t.sweep = p
		t.write(sweepKey, p)
		return t.sweepTable(ctx, p)
	})
	return done, err
}

// of is the progress of a version of the rules, and of what is counted.
func (p *progress) of(version string) *progress {
	switch {
	case p == nil:
		return &progress{Version: version, Table: tableCustomer, Counted: countedNow}
	case p.Version != version || p.Counted != countedNow:
		return &progress{Version: version, Table: tableCustomer, Counted: countedNow, Asked: p.Asked, Quiet: p.Quiet}
	default:
		return p
	}
}

// sweepTable looks at some rows of the table and moves p behind them.
func (t *tx) sweepTable(ctx context.Context, p *progress) error {
	if p.Table == "" {
		p.Asked = t.m.Book().versions()
		return nil
	}
	var keys []string
	r := store.Range{Prefix: under(p.Table), From: p.From, KeysOnly: true, Limit: timerBatch}
	err := t.m.Store.Scan(ctx, r, func(k string, _ []byte) error {
		keys = append(keys, k)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading %s: %w", p.Table, err)
	}
	prefetch := t.prefetchMembers
	if p.Table == tableCustomer {
		prefetch = t.prefetchCustomers
	}
	if err := prefetch(ctx, keys); err != nil {
		return err
	}
	for _, k := range keys {
		if err := t.sweepRow(ctx, p.Table, k); err != nil {
			return err
		}
	}
	switch {
	case len(keys) == timerBatch:
		p.From = keys[len(keys)-1] + "\x00"
	case p.Table == tableCustomer:
		p.Table, p.From = tableMember, ""
	default:
		p.Table, p.From = "", ""
		p.Asked = t.m.Book().versions()
	}
	return nil
}

func (t *tx) sweepRow(ctx context.Context, table, k string) error {
	if table == tableMember {
		p, err := read[person](ctx, t, k)
		if p != nil && p.Merged == "" {
			t.touch(p.ID, partAll)
		}
		return err
	}
	b, err := read[buyer](ctx, t, k)
	if b == nil || err != nil {
		return err
	}
	if err := t.date(ctx, b); err != nil {
		return err
	}
	return t.match(ctx, b)
}
