package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Rulebook holds the rules that are in force and finds the older versions that
// runs under way began with.
type Rulebook struct {
	ledger *ledger.Ledger
	// load checks sources against what the connections can do today.
	load func(sources map[string][]byte) (*rules.Set, error)

	current atomic.Pointer[rules.Set]

	mu  sync.Mutex
	old map[flowVersion]*rules.Flow
	// used holds the versions of old, the one that was asked for last at the end.
	used []flowVersion
}

// oldVersions is how many versions that are not in force are kept checked. Runs
// hold theirs while they are executed, so forgetting one costs only time.
const oldVersions = 64

type flowVersion struct{ flow, version string }

// NewRulebook returns a rulebook in which the empty set is in force.
func NewRulebook(l *ledger.Ledger, load func(sources map[string][]byte) (*rules.Set, error)) *Rulebook {
	b := &Rulebook{ledger: l, load: load, old: make(map[flowVersion]*rules.Flow)}
	b.current.Store(new(rules.Set))
	return b
}

// Current returns the rules in force.
func (b *Rulebook) Current() *rules.Set { return b.current.Load() }

// Install keeps the set's sources for runs that outlive it, notes since when it
// is in force, unless it was already, and puts it in force.
func (b *Rulebook) Install(ctx context.Context, set *rules.Set, now time.Time) error {
	v := host.RulesVersion{Version: set.Version(), Since: now, Flows: make(map[string]string)}
	for _, f := range set.Flows() {
		v.Flows[f.ID] = f.Version
	}
	before, err := b.ledger.RulesHistory(ctx, 1)
	if err != nil {
		return fmt.Errorf("reading which rules were in force: %w", err)
	}
	var c ledger.Change
	c.PutRules(v.Version, set.Sources(), v.Flows)
	if len(before) == 0 || before[0].Version != v.Version {
		c.AddRulesVersion(&v)
	}
	if err := b.ledger.Commit(ctx, &c); err != nil {
		return fmt.Errorf("keeping the sources of rules %s: %w", set.Version(), err)
	}
	b.current.Store(set)
	return nil
}

// Flow returns a version of a flow. One that is not in force is checked again
// from its kept sources; an *abi.Error of kind Config says that it cannot be
// had any more, say because its connection is gone.
func (b *Rulebook) Flow(ctx context.Context, id, version string) (*rules.Flow, error) {
	if f := b.Current().Flow(id); f != nil && f.Version == version {
		return f, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	want := flowVersion{id, version}
	if f, ok := b.old[want]; ok {
		b.use(want)
		return f, nil
	}
	f, err := b.reload(ctx, id, version)
	if err != nil {
		return nil, err
	}
	b.old[want] = f
	b.use(want)
	return f, nil
}

// use notes that a version was asked for, and forgets those that were not for longest.
func (b *Rulebook) use(v flowVersion) {
	b.used = append(slices.DeleteFunc(b.used, func(o flowVersion) bool { return o == v }), v)
	for len(b.used) > oldVersions {
		delete(b.old, b.used[0])
		b.used = b.used[1:]
	}
}

func (b *Rulebook) reload(ctx context.Context, id, version string) (*rules.Flow, error) {
	_, sources, err := b.ledger.RulesOf(ctx, id, version)
	if errors.Is(err, host.ErrNotFound) {
		return nil, gone(id, version, err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading version %s of flow %s: %w", version, id, err)
	}
	set, err := b.usable(sources)
	if set == nil {
		return nil, gone(id, version, err)
	}
	f := set.Flow(id)
	if f == nil || f.Version != version {
		return nil, gone(id, version, cmp.Or(err, errors.New("the connectors changed since")))
	}
	return f, nil
}

// usable checks kept sources and leaves out files that no longer fit what the
// connections can do: the flows of other files can be had without them. It
// returns what was wrong, too.
func (b *Rulebook) usable(sources map[string][]byte) (*rules.Set, error) {
	set, wrong := b.load(sources)
	for err := wrong; err != nil; {
		problems, ok := errors.AsType[diag.Problems](err)
		fit := maps.Clone(sources)
		for i := range problems {
			delete(fit, problems[i].File)
		}
		if !ok || len(fit) == len(sources) {
			return nil, wrong
		}
		sources = fit
		set, err = b.load(sources)
	}
	return set, wrong
}

func gone(id, version string, err error) error {
	return &abi.Error{Kind: abi.Config, Message: fmt.Sprintf(
		"version %s of flow %s can no longer be run (%v): run it again with the newest rules", version, id, err)}
}
