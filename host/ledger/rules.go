package ledger

import (
	"context"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// PutRules keeps the sources of a rules set, and for each flow in it which set holds that version.
// Rows that are there already are the same by content.
func (c *Change) PutRules(set string, sources map[string][]byte, flows map[string]string) {
	c.put(key(tableRules, set), sources)
	for flow, version := range flows {
		c.batch.Put(key(tableFlow, flow, version), []byte(set))
	}
}

// RulesOf returns the version and sources of a rules set that holds this
// version of the flow, or host.ErrNotFound.
func (l *Ledger) RulesOf(ctx context.Context, flow, version string) (set string, sources map[string][]byte, err error) {
	set, err = get0(ctx, l, key(tableFlow, flow, version))
	if err != nil {
		return "", nil, err
	}
	sources, err = get[map[string][]byte](ctx, l, key(tableRules, set))
	return set, sources, err
}

// AddRulesVersion notes that a rules set came into force.
func (c *Change) AddRulesVersion(v *host.RulesVersion) {
	c.put(key(tableHistory, instant(v.Since)), v)
}

// RulesHistory returns the rules sets that came into force, newest first, at most limit.
func (l *Ledger) RulesHistory(ctx context.Context, limit int) ([]host.RulesVersion, error) {
	return list[host.RulesVersion](ctx, l, store.Range{Prefix: under(tableHistory), Reverse: true}, pageSize(limit), nil)
}

// RulesSources returns the files of a rules set, or host.ErrNotFound.
func (l *Ledger) RulesSources(ctx context.Context, set string) (map[string][]byte, error) {
	return get[map[string][]byte](ctx, l, key(tableRules, set))
}
