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

	day int64
	// left is of the block, spare of that of requests in the background.
	left, spare int
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

// of returns the block that requests in the background, or others, are taken
// from, and how many the day has for them.
func (q *quota) of(background bool) (block *int, perDay int) {
	if background {
		return &q.spare, q.perDay - q.perDay/keptShare
	}
	return &q.left, q.perDay
}

// take counts one request, or returns why it must not be sent.
func (q *quota) take(ctx context.Context, now time.Time, background bool) *abi.Response {
	today := now.Add(q.shift).Unix() / int64(day/time.Second)
	if today != q.day {
		q.day, q.left, q.spare = today, 0, 0
	}
	left, perDay := q.of(background)
	if *left == 0 {
		taken, err := q.store.Take(ctx, q.key, today, q.block, perDay)
		if err != nil {
			return failed(abi.Unavailable, "counting the day's requests: %s", err)
		}
		*left = taken
	}
	if *left == 0 {
		return q.over(now, today, background)
	}
	*left--
	return nil
}

// over says that the day has no more requests. What happens now may still have some.
func (q *quota) over(now time.Time, today int64, background bool) *abi.Response {
	next := time.Unix((today+1)*int64(day/time.Second), 0).Add(-q.shift)
	if background {
		return yields(next.Sub(now))
	}
	over := tooFast(next.Sub(now), "all %d requests of the day were sent; the connection's setting limits.per_day raises it", q.perDay)
	over.Err.Code = "per_day"
	return over
}

// cancel gives back a request that was not sent.
func (q *quota) cancel(background bool) {
	left, _ := q.of(background)
	*left++
}

// close gives back what is left of the blocks.
func (q *quota) close(ctx context.Context) error {
	left := q.left + q.spare
	if left == 0 {
		return nil
	}
	q.left, q.spare = 0, 0
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
