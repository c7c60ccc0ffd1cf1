package simkit

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// hookTimeout is how long a sim waits for the answer to a webhook.
const hookTimeout = 30 * time.Second

// hookLog is how many sent webhooks are kept.
const hookLog = 4096

// Hooks sends webhooks in the background, one after the other, in the order of
// Send. What has to be sent again waits without holding up the rest.
type Hooks struct {
	client *http.Client
	ctx    context.Context //nolint:containedctx // ends with Close, as every delivery must
	cancel context.CancelFunc
	work   sync.WaitGroup
	wake   chan struct{}

	mu    sync.Mutex
	hook  Hook
	queue []Message
	busy  int // queued, being sent, or waiting to be sent again
	idle  *sync.Cond
	log   []Answer
}

// newHooks starts a sender. Close ends it.
func newHooks() *Hooks {
	ctx, cancel := context.WithCancel(context.Background())
	h := &Hooks{
		client: &http.Client{Timeout: hookTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: 4}},
		ctx:    ctx, cancel: cancel, wake: make(chan struct{}, 1),
	}
	h.idle = sync.NewCond(&h.mu)
	h.work.Go(h.run)
	return h
}

// Config returns the hook as it is set now.
func (h *Hooks) Config() Hook {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hook
}

// Set replaces the hook.
func (h *Hooks) Set(hook Hook) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hook = hook
}

// Wants says whether anybody wants that event: whether it is worth building.
func (h *Hooks) Wants(event string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hook.wants(event)
}

// Send sends m in the background if its event is wanted.
func (h *Hooks) Send(m Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.hook.wants(m.Event) {
		return
	}
	h.busy++
	h.push(m)
}

// push queues m; the caller holds the lock.
func (h *Hooks) push(m Message) {
	h.queue = append(h.queue, m)
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// Deliver sends m now, whether its event is wanted or not, and returns the answer.
func (h *Hooks) Deliver(ctx context.Context, m Message) Answer {
	answer := h.deliver(ctx, m)
	h.keep(answer)
	return answer
}

// Flush waits until everything that was sent has been answered or given up.
func (h *Hooks) Flush() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.busy > 0 {
		h.idle.Wait()
	}
}

// Sent returns what was delivered, oldest first.
func (h *Hooks) Sent() []Answer {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.log)
}

// close gives up what is not sent yet and waits for the sender to end.
func (h *Hooks) close() {
	h.cancel()
	h.work.Wait()
	h.client.CloseIdleConnections()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy, h.queue = 0, nil
	h.idle.Broadcast()
}

func (h *Hooks) run() {
	for {
		m, ok := h.next()
		if !ok {
			return
		}
		answer := h.deliver(h.ctx, m)
		h.keep(answer)
		if m.Retry.Times > 0 && !m.Retry.accepted(answer) {
			m.Retry.Times--
			h.work.Go(func() { h.again(m) })
			continue
		}
		h.done()
	}
}

// next waits for the next message; ok is false once the sender is closed.
func (h *Hooks) next() (m Message, ok bool) {
	for {
		h.mu.Lock()
		if len(h.queue) > 0 {
			m, h.queue = h.queue[0], h.queue[1:]
			h.mu.Unlock()
			return m, h.ctx.Err() == nil
		}
		h.mu.Unlock()
		select {
		case <-h.wake:
		case <-h.ctx.Done():
			return m, false
		}
	}
}

// again queues m once more after its wait.
func (h *Hooks) again(m Message) {
	timer := time.NewTimer(m.Retry.Wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		h.mu.Lock()
		defer h.mu.Unlock()
		h.push(m)
	case <-h.ctx.Done():
	}
}

func (h *Hooks) done() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.busy--; h.busy == 0 {
		h.idle.Broadcast()
	}
}

func (h *Hooks) keep(a Answer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.log) == hookLog {
		h.log = slices.Delete(h.log, 0, hookLog/4)
	}
	h.log = append(h.log, a)
}

func (h *Hooks) deliver(ctx context.Context, m Message) Answer {
	answer := Answer{Event: m.Event, Request: string(m.Body)}
	method := m.Method
	if method == "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, h.Config().URL, bytes.NewReader(m.Body))
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	req.Header = m.Header.Clone()
	resp, err := h.client.Do(req)
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, journalBody))
	if err != nil {
		answer.Error = err.Error()
	}
	answer.Status, answer.Body = resp.StatusCode, string(body)
	answer.Headers = map[string]string{}
	for name, values := range resp.Header {
		answer.Headers[name] = values[0]
	}
	return answer
}
