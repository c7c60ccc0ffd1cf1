package schedule

import (
	"context"
	"sync"
	"time"
)

// roster keeps one goroutine at work for each key that is wanted.
type roster[K comparable] struct {
	work func(ctx context.Context, k K)

	mu      sync.Mutex
	ctx     context.Context //nolint:containedctx // the life of the goroutines
	cancel  context.CancelFunc
	running map[K]context.CancelFunc
	workers sync.WaitGroup
}

func newRoster[K comparable](work func(ctx context.Context, k K)) *roster[K] {
	ctx, cancel := context.WithCancel(context.Background())
	return &roster[K]{work: work, ctx: ctx, cancel: cancel, running: make(map[K]context.CancelFunc)}
}

// watch has these keys worked on from now on and no others. Work on a key
// that was wanted before goes on undisturbed.
func (r *roster[K]) watch(keys []K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	wanted := make(map[K]bool, len(keys))
	for _, k := range keys {
		wanted[k] = true
	}
	for k, cancel := range r.running {
		if !wanted[k] {
			cancel()
			delete(r.running, k)
		}
	}
	for k := range wanted {
		if r.running[k] == nil {
			r.start(k)
		}
	}
}

func (r *roster[K]) start(k K) {
	if r.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancel(r.ctx)
	r.running[k] = cancel
	r.workers.Go(func() { r.work(ctx, k) })
}

// again begins the work on the keys that match anew.
func (r *roster[K]) again(match func(K) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k, cancel := range r.running {
		if match(k) {
			cancel()
			r.start(k)
		}
	}
}

// stop ends all work and waits for it. It may be called twice.
func (r *roster[K]) stop() {
	r.cancel()
	r.workers.Wait()
}

// rest waits for d, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
