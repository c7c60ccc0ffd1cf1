package ledger

import "context"

// State returns what a connection's plugin remembered under key, nil if nothing.
func (l *Ledger) State(ctx context.Context, connection, k string) ([]byte, error) {
	return l.raw(ctx, key(tableState, connection, k))
}

// PutState remembers a value for a connection's plugin.
func (c *Change) PutState(connection, k string, value []byte) {
	c.batch.Put(key(tableState, connection, k), value)
}

// Sealed returns a sealed value of the vault, nil if there is none.
func (l *Ledger) Sealed(ctx context.Context, name string) ([]byte, error) {
	return l.raw(ctx, key(tableToken, name))
}

// PutSealed replaces a sealed value; the commit conflicts if it is no longer
// old (nil: absent).
func (c *Change) PutSealed(name string, old, value []byte) {
	k := key(tableToken, name)
	c.expect(k, old)
	c.batch.Put(k, value)
}
