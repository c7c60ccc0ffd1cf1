package engine_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/abi"
)

// What is done about a write whose outcome nobody knows, or that somebody knew.

const printsAndReads = `language: 1
flow: prints
on: {connection: shop, event: customer.updated}
steps:
  - call: crm.card.print
    with: {id: "1"}
  - call: shop.customer.get
    with: {id: "1"}
`

const readsThenPrints = `language: 1
flow: prints
on: {connection: shop, event: customer.updated}
steps:
  - foreach: "[1, 2, 3]"
    as: n
    on_error: continue
    steps:
      - call: shop.customer.get
        when: n == 1
        with: {id: "1"}
      - call: crm.card.print
        with: {id: "${string(n)}"}
`

const walksOn = `language: 1
flow: walks
on: {connection: shop, event: customer.updated}
steps:
  - foreach: {pages: shop.customer.list}
    as: customer
    on_error: continue
    steps:
      - call: shop.customer.get
        when: customer.id == "2"
        with: {id: "1"}
      - call: crm.message.send
        with: {id: "${customer.id}"}
`

// The host is stopped while a read takes longer than it is given. What was done
// before is known, what would have come behind it was not sent, and an item that
// was interrupted has not failed: nobody is asked, and the rest is done when the
// host is back.
func TestAStopThatCannotWaitLeavesNoDoubt(t *testing.T) {
	for name, c := range map[string]struct {
		flow    string
		effects int
	}{
		"done before": {printsAndReads, 1}, "yet to go out": {readsThenPrints, 3}, "an item of a page": {walksOn, 6},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				disk, p := memory(t), newPlatform()
				p.listed = 6
				r := build(t, disk, p, c.flow)
				hangs := make(chan struct{})
				r.Connectors = hanging{p, hangs}
				r.Start(t.Context())
				r.deliver("1", 1)
				<-hangs
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				r.Stop(ctx)
				r = boot(t, disk, p, c.flow)
				defer r.stop()
				time.Sleep(time.Minute)
				if run := r.runs(host.RunFilter{})[0]; run.State != host.RunDone || len(p.effects) != c.effects {
					t.Errorf("the run is %s with %d effects, want %d: %v", run.State, len(p.effects), c.effects, run.Error)
				}
			})
		})
	}
}

// hanging is a platform whose customers are never answered.
type hanging struct {
	*platform

	begun chan struct{}
}

func (h hanging) Invoke(ctx context.Context, in host.Invocation) ([]byte, error) {
	if in.Name != "customer.get" {
		return h.platform.Invoke(ctx, in)
	}
	close(h.begun)
	<-ctx.Done()
	return nil, ctx.Err()
}

// slowIndex is a platform whose search finds what is new after a minute only,
// as it knows: who asks it sooner whether a record was created is told to wait.
func slowIndex(p *platform, in host.Invocation) error {
	p.hidden = time.Since(p.made) < time.Minute
	if in.Op == abi.OpConfirm && time.Since(in.Since) < time.Minute {
		return &abi.Error{Kind: abi.Unavailable, Message: "the search may not know it yet", RetryAfterMS: 60_000}
	}
	return nil
}

// The answer of a creation is lost, and the platform lists what is new a minute
// later only: the record is not created again meanwhile.
func TestLostAnswerOfACreateThatIsNotListedYet(t *testing.T) {
	for name, flow := range map[string]string{"step by step": stepByStep, "short": short} {
		for _, before := range []int{0, 5} { // attempts that failed for sure
			t.Run(fmt.Sprint(name, before), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := newPlatform()
					refuse, lost := before, false
					p.fault = func(in host.Invocation) error {
						if in.Name == "record.create" && in.Op == abi.OpAction && refuse > 0 {
							refuse--
							return &abi.Error{Kind: abi.RateLimited, Message: "later", RetryAfterMS: 30_000}
						}
						return slowIndex(p, in)
					}
					p.after = func(in host.Invocation) error {
						if in.Name == "record.create" && in.Op == abi.OpAction && !lost {
							lost = true
							return &abi.Error{Kind: abi.Unknown, Message: "the connection broke", RetryAfterMS: 1000}
						}
						return nil
					}
					r := boot(t, memory(t), p, flow)
					defer r.stop()
					r.deliver("1", 1)
					time.Sleep(time.Hour)
					if done := r.runs(host.RunFilter{State: host.RunDone}); len(done) != 1 || len(p.records) != 1 {
						t.Errorf("%d records, %d runs are done: %q", len(p.records), len(done), p.calls)
					}
				})
			})
		}
	}
}

const prints = `language: 1
flow: prints
on: {connection: shop, event: customer.updated}
steps:
  - call: crm.card.print
    with: {id: "1"}
`

// fullDisk is a store that takes nothing while it is full.
type fullDisk struct {
	store.Store

	full atomic.Bool
}

func (f *fullDisk) Commit(ctx context.Context, b store.Batch) error {
	if f.full.Load() {
		return store.ErrFull
	}
	return f.Store.Commit(ctx, b)
}

// The disk is full when the answer comes. It is known until there is space again.
func TestWhatIsKnownOutlivesAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk, p := &fullDisk{Store: memory(t)}, newPlatform()
		p.after = func(in host.Invocation) error {
			if in.Name == "card.print" {
				disk.full.Store(true)
			}
			return nil
		}
		r := boot(t, disk, p, prints)
		defer r.stop()
		r.deliver("1", 1)
		time.Sleep(time.Hour)
		disk.full.Store(false)
		time.Sleep(time.Minute)
		if run := r.runs(host.RunFilter{})[0]; run.State != host.RunDone || len(p.effects) != 1 {
			t.Errorf("the run is %s, %d cards were printed: %v", run.State, len(p.effects), run.Error)
		}
	})
}
