package members

import (
	"context"
	"fmt"

	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
)

// sweepBatch is how many rows are deleted in one commit.
const sweepBatch = 1000

// SweepFaults deletes what Faults lists of events with ids smaller than before. It
// returns how many.
func (m *Members) SweepFaults(ctx context.Context, before string) (int, error) {
	prefix := under(tableFault)
	for total := 0; ; {
		var b store.Batch
		old := store.Range{Prefix: prefix, To: prefix + before, Limit: sweepBatch, KeysOnly: true}
		err := m.Store.Scan(ctx, old, func(k string, _ []byte) error {
			b.Delete(k)
			return nil
		})
		if err != nil || b.Empty() {
			return total, err
		}
		var c ledger.Change
		c.Join(b)
		if err := m.Ledger.Commit(ctx, &c); err != nil {
			return total, fmt.Errorf("deleting old errors of members: %w", err)
		}
		total += len(b.Do)
	}
}
