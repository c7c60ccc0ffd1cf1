package ledger

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// OldRules are rules that nothing names any more.
type OldRules struct {
	*Ledger

	// wanted are the sets that stay.
	wanted map[string]bool
	// flows are the rows of versions of flows that can go, with the sets that they name.
	flows       map[string]string
	sets, lines []string
}

// OldRules finds the lines of the history that ended before a time, and the sets
// that then neither it nor any run names. current stays. To know which sets runs
// name it may read all of them.
func (l *Ledger) OldRules(ctx context.Context, before time.Time, current string) (*OldRules, error) {
	o := &OldRules{Ledger: l, wanted: map[string]bool{current: true}, flows: make(map[string]string)}
	for _, look := range []func(context.Context) error{
		func(ctx context.Context) error { return o.endedLines(ctx, before) }, o.unwantedFlows, o.spareRuns, o.unwantedSets,
	} {
		if err := look(ctx); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// Delete deletes them and returns how many sets they were. No rules may have come
// into force since they were found, nor come now: they may be such a set.
func (o *OldRules) Delete(ctx context.Context) (int, error) {
	rows := slices.Concat(slices.Sorted(maps.Keys(o.flows)), o.sets, o.lines)
	for batch := range slices.Chunk(rows, sweepRows) {
		var c Change
		for _, k := range batch {
			c.batch.Delete(k)
		}
		if err := o.Commit(ctx, &c); err != nil {
			return 0, err
		}
	}
	return len(o.sets), nil
}

// endedLines finds the lines of the history that can go: each ended when the next began.
func (o *OldRules) endedLines(ctx context.Context, before time.Time) error {
	var line, set string
	err := o.store.Scan(ctx, store.Range{Prefix: under(tableHistory)}, func(k string, value []byte) error {
		var v host.RulesVersion
		if err := decode(value, &v); err != nil {
			return err
		}
		if line != "" && v.Since.Before(before) {
			o.lines = append(o.lines, line)
		} else {
			o.wanted[set] = true
		}
		line, set = k, v.Version
		return nil
	})
	o.wanted[set] = true
	return err
}

// unwantedFlows finds the versions of flows that only unwanted sets hold.
func (o *OldRules) unwantedFlows(ctx context.Context) error {
	return o.store.Scan(ctx, store.Range{Prefix: under(tableFlow)}, func(k string, set []byte) error {
		if !o.wanted[string(set)] {
			o.flows[k] = string(set)
		}
		return nil
	})
}

// spareRuns wants the versions that runs began with, of whatever state: a run
// that failed may go on, and one that ended may be looked at.
func (o *OldRules) spareRuns(ctx context.Context) error {
	if len(o.flows) == 0 {
		return nil
	}
	return o.store.Scan(ctx, store.Range{Prefix: under(tableRun)}, func(_ string, value []byte) error {
		var run struct {
			Flow    string `json:"flow"`
			Version string `json:"version"`
		}
		if err := decode(value, &run); err != nil {
			return err
		}
		k := key(tableFlow, run.Flow, run.Version)
		if set, unwanted := o.flows[k]; unwanted {
			o.wanted[set] = true
			if delete(o.flows, k); len(o.flows) == 0 {
				return store.ErrStop
			}
		}
		return nil
	})
}

func (o *OldRules) unwantedSets(ctx context.Context) error {
	return o.store.Scan(ctx, store.Range{Prefix: under(tableRules), KeysOnly: true}, func(k string, _ []byte) error {
		if !o.wanted[lastPart(k)] {
			o.sets = append(o.sets, k)
		}
		return nil
	})
}
