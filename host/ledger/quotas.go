package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// Quotas is the table of what connections have sent today.
type Quotas struct{ *Ledger }

// quotaTries is how often a count is tried again that somebody else changed
// meanwhile. Only two hosts at once could.
const quotaTries = 5

// Take adds want to the requests of the day under name, but no more than fit
// under limit, and returns how many it added; see [host.DayCount].
func (q Quotas) Take(ctx context.Context, name string, day int64, want, limit int) (taken int, err error) {
	k := key(tableQuota, name)
	for range quotaTries {
		old, err := q.raw(ctx, k)
		if err != nil {
			return 0, fmt.Errorf("reading the day's count: %w", err)
		}
		var count host.DayCount
		if old != nil {
			if err := json.Unmarshal(old, &count); err != nil {
				return 0, fmt.Errorf("reading the day's count: %w", err)
			}
		}
		var c Change
		c.expect(k, old)
		count, taken = count.Take(day, want, limit)
		c.put(k, count)
		if err = q.Commit(ctx, &c); !errors.Is(err, store.ErrConflict) {
			return taken, err
		}
	}
	return 0, errors.New("keeping the day's count: somebody else changes it all the time")
}
