package ledger

import "context"

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

// HasRules says whether the sources of the set are kept.
func (l *Ledger) HasRules(ctx context.Context, set string) (bool, error) {
	value, err := l.raw(ctx, key(tableRules, set))
	return value != nil, err
}
