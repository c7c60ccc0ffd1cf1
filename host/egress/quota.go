package egress

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Quotas keeps how many requests of a day were sent, over restarts and
// between hosts.
type Quotas interface {
	// Take adds want to the requests of the day under key, but no more than fit
	// under limit, and returns how many it added; see [host.DayCount].
	Take(ctx context.Context, key string, day int64, want, limit int) (taken int, err error)
}

// quota counts one connection's requests of a day. It takes them in blocks, so
// that not every request waits for a disk; after a crash up to a block counts
// as sent, so there are never more than the platform allows.
type quota struct {
	store  Quotas
	key    string
	perDay int
	block  int
	shift  time.Duration // see abi.ParseDayStart

	day  int64
	left int // of the block
}

const (
	day = 24 * time.Hour
	// blocksPerDay bounds what a crash costs to a hundredth of the day, and
	// maxBlock to a hundred requests.
	blocksPerDay = 100
	maxBlock     = 100
)

// newQuota returns the count of a connection, nil if its days are not limited.
func newQuota(o *Options) (*quota, error) {
	if o.Rate.PerDay <= 0 {
		return nil, nil //nolint:nilnil // most platforms have none
	}
	shift, err := abi.ParseDayStart(o.Rate.DayStart)
	if err != nil {
		return nil, configError(fmt.Errorf("limits.day_start: %w", err))
	}
	return &quota{
		store: o.Quotas, key: o.Connection, perDay: o.Rate.PerDay, shift: shift,
		block: min(max(1, o.Rate.PerDay/blocksPerDay), maxBlock),
	}, nil
}

// take counts one request, or returns why it must not be sent.
func (q *quota) take(ctx context.Context, now time.Time) *abi.Response {
	today := now.Add(q.shift).Unix() / int64(day/time.Second)
	if today != q.day {
		q.day, q.left = today, 0
	}
	if q.left == 0 {
		taken, err := q.store.Take(ctx, q.key, today, q.block, q.perDay)
		if err != nil {
			return failed(abi.Unavailable, "counting the day's requests: %s", err)
		}
		q.left = taken
	}
	if q.left == 0 {
		next := time.Unix((today+1)*int64(day/time.Second), 0).Add(-q.shift)
		over := tooFast(next.Sub(now), "all %d requests of the day were sent; the connection's setting limits.per_day raises it", q.perDay)
		over.Err.Code = "per_day"
		return over
	}
	q.left--
	return nil
}

// cancel gives back a request that was not sent.
func (q *quota) cancel() { q.left++ }

// close gives back what is left of the block.
func (q *quota) close(ctx context.Context) error {
	if q.left == 0 {
		return nil
	}
	left := q.left
	q.left = 0
	_, err := q.store.Take(ctx, q.key, q.day, -left, q.perDay)
	return err
}

// memoryQuotas counts as long as the process lives.
type memoryQuotas struct {
	mu   sync.Mutex
	days map[string]host.DayCount
}

func newMemoryQuotas() *memoryQuotas { return &memoryQuotas{days: map[string]host.DayCount{}} }

func (m *memoryQuotas) Take(_ context.Context, key string, day int64, want, limit int) (taken int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.days[key], taken = m.days[key].Take(day, want, limit)
	return taken, nil
}
