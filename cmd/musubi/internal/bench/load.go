package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Latency are percentiles in milliseconds.
type Latency struct {
	P50 float64 `json:"p50_ms"`
	P90 float64 `json:"p90_ms"`
	P99 float64 `json:"p99_ms"`
	Max float64 `json:"max_ms"`
}

func percentiles(all []time.Duration) Latency {
	if len(all) == 0 {
		return Latency{}
	}
	slices.Sort(all)
	at := func(q float64) float64 {
		return float64(all[min(len(all)-1, int(q*float64(len(all))))]) / float64(time.Millisecond)
	}
	return Latency{P50: at(.5), P90: at(.9), P99: at(.99), Max: at(1)}
}

// load is webhooks delivered by many clients at once.
type load struct {
	sent, failed atomic.Int64
	mu           sync.Mutex
	took         []time.Duration
	fault        error
}

// deliver sends webhook number n about a customer for as long as next gives numbers.
func (b *bench) deliver(ctx context.Context, h *host, path string, next func() (n int, more bool), body func(n int) []byte) *load {
	l := new(load)
	var clients sync.WaitGroup
	for range b.Connections {
		clients.Go(func() {
			var took []time.Duration
			for n, more := next(); more && ctx.Err() == nil; n, more = next() {
				began := b.Now()
				if err := h.post(ctx, path, body(n)); err != nil {
					l.fail(err)
					continue
				}
				took = append(took, b.Now().Sub(began))
				l.sent.Add(1)
			}
			l.mu.Lock()
			l.took = append(l.took, took...)
			l.mu.Unlock()
		})
	}
	clients.Wait()
	return l
}

func (l *load) fail(err error) {
	l.failed.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fault == nil {
		l.fault = err
	}
}

// post delivers a change of a customer.
func (h *host) post(ctx context.Context, path string, body []byte) error {
	return h.announce(ctx, path, "customer_updated", body)
}

// announce delivers an event of the shop.
func (h *host) announce(ctx context.Context, path, event string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+h.address+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("delivering: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Ecf-Event", event)
	resp, err := h.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the host answered %s", resp.Status)
	}
	return nil
}

// webhook is what the shop sends about a customer that changed: ids and the
// time of the change, different for every n.
func webhook(customer, n int, at time.Time) []byte {
	return fmt.Appendf(nil, `{"musubi":1,"family":"customer","id":"%d","number":"c%07x","updated_at":"%s"}`,
		customer, n, at.Add(time.Duration(n)*time.Second).Format("2006/01/02 15:04:05"))
}
