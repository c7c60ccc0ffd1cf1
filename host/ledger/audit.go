package ledger

import (
	"context"

	"github.com/musubi-run/musubi/host"
)

// PutAudit remembers what a person did, together with what the change does.
func (c *Change) PutAudit(a *host.Audit) {
	c.put(key(tableAudit, a.ID), a)
}

// Audits returns the acts of people that the filter selects, newest first.
func (l *Ledger) Audits(ctx context.Context, f host.AuditFilter) ([]host.Audit, error) {
	keep := func(a *host.Audit) bool { return within(a.Time, f.Since, f.Until) }
	return list(ctx, l, newestFirst(tableAudit, f.Before), pageSize(f.Limit), keep)
}
