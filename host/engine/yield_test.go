package engine_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// sends has a few attempts to send a message.
const sends = `language: 1
flow: sends
on: {connection: shop, event: customer.updated}
retry: {attempts: %d}
steps:
  - call: crm.message.send
    with: {id: "${event.data.id}"}
`

// fetched accepts an event of a backfill.
func (r *rig) fetched(id string) {
	r.t.Helper()
	ev := host.Event{
		ID: r.NewID(), Connection: "shop", Type: "customer.updated", Subject: id, Dedupe: id, Received: time.Now(),
		Data: fmt.Appendf(nil, `{"id":%q,"n":1}`, id), Origin: host.OriginBackfill,
	}
	if _, err := r.Accept(r.t.Context(), []host.Event{ev}); err != nil {
		r.t.Fatal(err)
	}
}

func yields(d time.Duration) error {
	return &abi.Error{Kind: abi.RateLimited, Code: host.CodeYields, RetryAfterMS: d.Milliseconds(), Message: "others go first"}
}

// Letting others go first between two attempts is no success of the step: a
// backfill's run comes to its end on a busy connection, too.
func TestAttemptsEndAlthoughTheRunYieldsInBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		calls := 0
		p.fault = func(host.Invocation) error {
			if calls++; calls%2 == 0 {
				return yields(time.Second)
			}
			return &abi.Error{Kind: abi.RateLimited, Code: abi.CodeEndpointLimit, Message: "busy"}
		}
		r := boot(t, memory(t), p, fmt.Sprintf(sends, 5))
		defer r.stop()
		r.fetched("1")
		time.Sleep(24 * time.Hour)
		if run := r.runs(host.RunFilter{})[0]; run.State != host.RunFailed || calls != 9 {
			t.Errorf("the run is %s after %d calls", run.State, calls)
		}
	})
}

// The answer of a message is lost, and the run lets others go first for so long
// that the platform forgets its key: nobody knows whether it was sent, so it is
// not sent again by itself.
func TestLostAnswerIsNotForgottenWhileTheRunYields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		calls := 0
		p.fault = func(host.Invocation) error {
			if calls++; calls == 2 {
				return yields(2 * time.Hour)
			}
			return nil
		}
		p.after = func(host.Invocation) error { return &abi.Error{Kind: abi.Unknown, Message: "the answer was lost"} }
		r := boot(t, memory(t), p, fmt.Sprintf(sends, 9))
		defer r.stop()
		r.fetched("1")
		time.Sleep(24 * time.Hour)
		run := r.runs(host.RunFilter{})[0]
		if run.State != host.RunFailed || run.Error.Code != host.CodeNoAnswer || calls != 2 {
			t.Errorf("the run is %s after %d calls: %v", run.State, calls, run.Error)
		}
	})
}
