package engine_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
)

// projection writes a row for each event, on the condition that there is none.
// More than three events are too much for one commit.
type projection struct{ kept, undone int }

func (p *projection) Project(_ context.Context, events []host.Event, c *ledger.Change) (func(bool), error) {
	var b store.Batch
	for i := range events {
		b.Absent("zz" + events[i].ID)
		b.Put("zz"+events[i].ID, nil)
	}
	if len(events) > 3 {
		for i := range store.MaxRows {
			b.Put(fmt.Sprint("zz-filler-", i), nil)
		}
	}
	c.Join(b)
	return func(committed bool) {
		if committed {
			p.kept += len(events)
		} else {
			p.undone += len(events)
		}
	}, nil
}

// Adds takes longer data for more.
func (p *projection) Adds(told, again *host.Event) bool { return len(again.Data) > len(told.Data) }

// A fact that is told again, and more of it, reaches the projection once and flows not at all.
func TestWhatIsToldLaterIsProjectedAndNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p := build(t, memory(t), newPlatform(), stepByStep), new(projection)
		r.Projection = p
		r.Start(t.Context())
		defer r.stop()
		tell := func(data string) host.Receipt {
			t.Helper()
			told, err := r.Accept(t.Context(), []host.Event{{
				ID: r.NewID(), Connection: "shop", Type: "customer.updated", Subject: "1", Dedupe: "1@now", Received: r.Now(), Data: []byte(data),
			}})
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			return told
		}
		if first := tell(`{"id":"1","n":1}`); len(first.Accepted) != 1 {
			t.Fatalf("the first is %+v", first)
		}
		for _, data := range []string{`{"id":"1","n":1}`, `{"id":"1","n":1,"rest":1}`, `{"id":"1","n":1,"rest":1}`, `{"id":"1","n":1,"rest":1000}`} {
			if again := tell(data); len(again.Accepted) != 0 || again.Duplicates != 1 {
				t.Errorf("%s is %+v", data, again)
			}
		}
		r.await(host.RunDone, 1)
		if runs := r.runs(host.RunFilter{}); len(runs) != 1 || p.kept != 2 {
			t.Errorf("%d runs and %d projected events, want 1 and 2", len(runs), p.kept)
		}
	})
}

// Every event is projected once, in the commit that matches it with flows, also
// when a batch has to be cut in halves.
func TestEventsAreProjectedOnceWithTheirRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const events = 20
		s, p := memory(t), new(projection)
		r := build(t, s, newPlatform(), stepByStep)
		r.Projection = p
		for n := range events {
			r.deliver(fmt.Sprint(n), n)
		}
		r.Start(t.Context())
		defer r.stop()
		r.await(host.RunDone, events)
		synctest.Wait()
		if p.kept != events || p.undone == 0 {
			t.Errorf("%d events were projected, %d undone; want %d and some", p.kept, p.undone, events)
		}
		rows := 0
		err := s.Scan(t.Context(), store.Range{Prefix: "zz"}, func(string, []byte) error {
			rows++
			return nil
		})
		if err != nil || rows != events {
			t.Errorf("%d rows (%v), want %d", rows, err, events)
		}
	})
}
