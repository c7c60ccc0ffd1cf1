package schedule

import (
	"context"
	"hash/fnv"
	"time"
)

// perPoll is how much room each poll is given when many are due at once: ten begin in a second.
const perPoll = 100 * time.Millisecond

// stagger is how long a source that is watched anew waits for its first turn.
// After a start all of them may be due; from then on they keep the distance
// that they began with. What a person asks for now is not kept waiting: the
// cursor that they set says no time.
func (p *Poller) stagger(ctx context.Context, s Source) time.Duration {
	cursor, err := p.Cursors.Cursor(ctx, s.Connection, s.Trigger)
	if err != nil || (cursor.Value != nil && (cursor.Next.IsZero() || cursor.Next.After(p.Now()))) {
		return 0
	}
	return s.share(min(time.Duration(p.watched.Load())*perPoll, s.Interval/10))
}

// spread makes a wait up to a tenth longer, so that what failed together does
// not come again together.
func (s Source) spread(wait time.Duration) time.Duration { return wait + s.share(wait/10) }

// share is a part of room, below it: always the same for the same connection and trigger.
func (s Source) share(room time.Duration) time.Duration {
	if room <= 0 {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(s.Connection + "/" + s.Trigger))
	return time.Duration(h.Sum64() % uint64(room)) //nolint:gosec // below room, which fits
}
