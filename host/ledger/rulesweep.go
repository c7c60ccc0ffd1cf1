package ledger

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// SweepRules deletes the lines of the history that ended before a time, and the
// sets that then neither it nor any run names. It returns how many sets. current
// stays, and no rules may come into force meanwhile: they may be such a set.
func (l *Ledger) SweepRules(ctx context.Context, before time.Time, current string) (int, error) {
	s := &rulesSweep{Ledger: l, wanted: map[string]bool{current: true}, flows: make(map[string]string)}
	for _, look := range []func(context.Context) error{
		func(ctx context.Context) error { return s.endedLines(ctx, before) }, s.unwantedFlows, s.spareRuns, s.unwantedSets,
	} {
		if err := look(ctx); err != nil {
			return 0, err
		}
	}
	rows := slices.Concat(slices.Sorted(maps.Keys(s.flows)), s.sets, s.lines)
	for batch := range slices.Chunk(rows, sweepRows) {
		var c Change
		for _, k := range batch {
			c.batch.Delete(k)
		}
		if err := l.Commit(ctx, &c); err != nil {
			return 0, err
		}
	}
	return len(s.sets), nil
}

// rulesSweep is what is known of the rules on the way to what can go.
type rulesSweep struct {
	*Ledger

	// wanted are the sets that stay.
	wanted map[string]bool
	// flows are the rows of versions of flows that can go, with the sets that they name.
	flows       map[string]string
	sets, lines []string
}

// endedLines finds the lines of the history that can go: each ended when the next began.
func (s *rulesSweep) endedLines(ctx context.Context, before time.Time) error {
	var line, set string
	err := s.store.Scan(ctx, store.Range{Prefix: under(tableHistory)}, func(k string, value []byte) error {
		var v host.RulesVersion
		if err := decode(value, &v); err != nil {
			return err
		}
		if line != "" && v.Since.Before(before) {
			s.lines = append(s.lines, line)
		} else {
			s.wanted[set] = true
		}
		line, set = k, v.Version
		return nil
	})
	s.wanted[set] = true
	return err
}

// unwantedFlows finds the versions of flows that only unwanted sets hold.
func (s *rulesSweep) unwantedFlows(ctx context.Context) error {
	return s.store.Scan(ctx, store.Range{Prefix: under(tableFlow)}, func(k string, set []byte) error {
		if !s.wanted[string(set)] {
			s.flows[k] = string(set)
		}
		return nil
	})
}

// spareRuns wants the versions that runs began with, of whatever state: a run
// that failed may go on, and one that ended may be looked at.
func (s *rulesSweep) spareRuns(ctx context.Context) error {
	if len(s.flows) == 0 {
		return nil
	}
	return s.EachRun(ctx, func(r host.Run) error {
		k := key(tableFlow, r.Flow, r.Version)
		if set, unwanted := s.flows[k]; unwanted {
			s.wanted[set] = true
			delete(s.flows, k)
		}
		return nil
	})
}

func (s *rulesSweep) unwantedSets(ctx context.Context) error {
	return s.store.Scan(ctx, store.Range{Prefix: under(tableRules), KeysOnly: true}, func(k string, _ []byte) error {
		if !s.wanted[lastPart(k)] {
			s.sets = append(s.sets, k)
		}
		return nil
	})
}
