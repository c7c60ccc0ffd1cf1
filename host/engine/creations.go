package engine

import (
	"context"
	"sync"
	"time"
)

const (
	// rememberCreated is for how long a record that an upsert created is found
	// without a search: some platforms list what is new only after a while.
	rememberCreated = time.Minute
	// mostCreated bounds how many are remembered.
	mostCreated = 4096
)

// creations lets upserts of one record look for it and create it one after the
// other: two runs of different lanes, or two items of a foreach, that both look
// before either creates would both find nothing. That it lives in memory is
// enough, because after a crash every upsert looks again.
type creations struct {
	mu sync.Mutex
	// busy is closed by who looks for the record of a key just now, when done.
	busy map[string]chan struct{}
	made map[string]created
	// order is the keys of made, the oldest first; one may be there twice.
	order []string
}

type created struct {
	id string
	at time.Time
}

func newCreations() *creations {
	return &creations{busy: map[string]chan struct{}{}, made: map[string]created{}}
}

// enter waits until nobody else looks for the record of that key.
func (c *creations) enter(ctx context.Context, key string) (leave func(), err error) {
	for {
		ahead, leave := c.try(key)
		if ahead == nil {
			return leave, nil
		}
		select {
		case <-ahead:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (c *creations) try(key string) (ahead chan struct{}, leave func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ahead, busy := c.busy[key]; busy {
		return ahead, nil
	}
	done := make(chan struct{})
	c.busy[key] = done
	return nil, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.busy, key)
		close(done)
	}
}

// recent returns the id of the record that was created for the key a moment ago, "" if none was.
func (c *creations) recent(key string, now time.Time) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if made, ok := c.made[key]; ok && now.Sub(made.at) < rememberCreated {
		return made.id
	}
	return ""
}

func (c *creations) note(key, id string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made[key] = created{id, now}
	c.order = append(c.order, key)
	for len(c.order) > mostCreated || now.Sub(c.made[c.order[0]].at) >= rememberCreated {
		delete(c.made, c.order[0])
		c.order = c.order[1:]
	}
}
