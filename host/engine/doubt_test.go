package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
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

// The host is stopped while a later step of the run takes longer than it is
// given. What the earlier one had done is known, and nobody is asked about it.
func TestWhatIsKnownOutlivesAStopThatCannotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk, p := memory(t), newPlatform()
		r := build(t, disk, p, printsAndReads)
		hangs := make(chan struct{})
		r.Connectors = hanging{p, hangs}
		r.Start(t.Context())
		r.deliver("1", 1)
		<-hangs
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		r.Stop(ctx)
		r = boot(t, disk, p, printsAndReads)
		defer r.stop()
		time.Sleep(time.Minute)
		if run := r.runs(host.RunFilter{})[0]; run.State != host.RunDone || len(p.effects) != 1 {
			t.Errorf("the run is %s, %d cards were printed: %v", run.State, len(p.effects), run.Error)
		}
	})
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
