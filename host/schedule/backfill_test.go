package schedule_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/schedule"
	"github.com/musubi-run/musubi/sdk/abi"
)

// moody is a shop that is down until a time, beside runs of what happens now
// that are under way until a time.
type moody struct {
	*bench

	down, busy time.Time
}

func (m moody) Invoke(ctx context.Context, in host.Invocation) ([]byte, error) {
	if time.Now().Before(m.down) {
		return nil, &abi.Error{Kind: abi.Unavailable, Message: "the shop is closed", RetryAfterMS: 60_000}
	}
	return m.bench.Invoke(ctx, in)
}

func (m moody) Backlog(context.Context, int) (int, error) { return 0, nil }

func (m moody) Live(context.Context) (bool, error) { return time.Now().Before(m.busy), nil }

func (m moody) begin() (*schedule.Backfiller, schedule.Backfill) { return m.beginWith(m) }

func (m moody) beginWith(c schedule.Connectors) (*schedule.Backfiller, schedule.Backfill) {
	m.Helper()
	o := m.options()
	o.Connectors = c
	b := schedule.NewBackfiller(o, m)
	job := schedule.Backfill{Connection: "shop", Trigger: "order.created", Since: time.Now().Add(-time.Hour)}
	if _, _, err := b.Begin(m.Context(), job, false); err != nil {
		m.Fatal(err)
	}
	b.Watch([]schedule.Backfill{job})
	return b, job
}

func (m moody) progress() schedule.Progress {
	m.Helper()
	cursors, err := m.ledger.Cursors(m.Context())
	if err != nil || len(cursors) != 1 {
		m.Fatalf("%d cursors, %v", len(cursors), err)
	}
	p, _, err := schedule.ProgressOf(cursors[0])
	if err != nil {
		m.Fatal(err)
	}
	return p
}

func TestBackfillTellsWhyItDoesNotGetOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := moody{bench: newBench(t), down: time.Now().Add(90 * time.Second)}
		b, _ := m.begin()
		defer b.Stop()
		time.Sleep(10 * time.Second)
		if p := m.progress(); p.Fault == nil || p.Fault.Message != "the shop is closed" || time.Until(p.Again) != 50*time.Second {
			t.Errorf("while the shop is down: %+v", p)
		}
		time.Sleep(5 * time.Minute)
		if p := m.progress(); p.Fault != nil || !p.Done || p.Events < 60 {
			t.Errorf("when it works again: %+v", p)
		}
	})
}

// TestABackfillThatIsDoneIsFetchedOnceMoreOnDemand begins one again that is done,
// by mistake and on purpose, in the same process and in another.
func TestABackfillThatIsDoneIsFetchedOnceMoreOnDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := moody{bench: newBench(t)}
		b, job := m.begin()
		time.Sleep(5 * time.Minute)
		done := m.progress()
		if !done.Done {
			t.Fatalf("it is not done: %+v", done)
		}
		p, updated, err := b.Begin(t.Context(), job, false)
		if err != nil || !p.Done || p.Pages != done.Pages || !updated.Before(time.Now().Add(-time.Minute)) {
			t.Errorf("begun again: %+v of %s, %v", p, updated, err)
		}
		for _, restart := range []bool{false, true} {
			if restart {
				b.Stop()
				b = schedule.NewBackfiller(m.options(), m)
			}
			if p, _, err := b.Begin(t.Context(), job, true); err != nil || p.Done || p.Pages != 0 {
				t.Errorf("begun anew: %+v, %v", p, err)
			}
			b.Watch([]schedule.Backfill{job})
			time.Sleep(5 * time.Minute)
			if p := m.progress(); !p.Done || p.Pages < done.Pages {
				t.Errorf("begun anew, restarted %t: %+v", restart, p)
			}
		}
		b.Stop()
	})
}

// preparing is a shop that hands nothing out before an export is ready.
type preparing struct {
	moody

	ready time.Time
}

func (p preparing) Invoke(_ context.Context, in host.Invocation) ([]byte, error) {
	if time.Now().Before(p.ready) {
		return []byte(`{"events":[],"cursor":"export 7","wait":{"for":{"en":"the export 7"},"after_ms":20000}}`), nil
	}
	if bytes.Contains(in.Input, []byte("export 7")) {
		return []byte(`{"events":[{"type":"order.created","subject":"1","dedupe":"1","data":{}}],"cursor":"read"}`), nil
	}
	return nil, &abi.Error{Kind: abi.Internal, Message: "the export was forgotten"}
}

func TestBackfillSaysThatItWaitsForAnExport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := preparing{moody: moody{bench: newBench(t)}, ready: time.Now().Add(5 * time.Minute)}
		b, _ := p.beginWith(p)
		defer b.Stop()
		time.Sleep(2*time.Minute + time.Second)
		got := p.progress()
		if got.Fault != nil || got.Waiting == nil || got.Waiting.EN != "the export 7" || got.Pages != 0 || time.Until(got.Again) != 19*time.Second {
			t.Errorf("while the export is prepared: %+v", got)
		}
		time.Sleep(5 * time.Minute)
		if got := p.progress(); got.Waiting != nil || !got.Again.IsZero() || !got.Done || got.Pages != 1 || got.Events != 1 {
			t.Errorf("when it is there: %+v", got)
		}
	})
}

func TestPollLooksAgainWhenThePlatformHasPrepared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := preparing{moody: moody{bench: newBench(t)}, ready: time.Now().Add(50 * time.Second)}
		o := shop.options()
		o.Connectors = shop
		p := schedule.NewPoller(o)
		p.Watch(t.Context(), []schedule.Source{{Connection: "shop", Trigger: "order.created", Interval: time.Hour}})
		defer p.Stop()
		time.Sleep(2 * time.Minute)
		read, err := shop.ledger.Cursor(t.Context(), "shop", "order.created")
		if err != nil || string(read.Value) != `"read"` || time.Until(read.Next) < 50*time.Minute {
			t.Errorf("the cursor is %s, next %s, %v", read.Value, read.Next, err)
		}
	})
}

func TestBackfillLetsWhatHappensNowGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := moody{bench: newBench(t), busy: time.Now().Add(20 * time.Second)}
		b, _ := m.begin()
		defer b.Stop()
		time.Sleep(15 * time.Second)
		if p := m.progress(); p.Pages != 0 {
			t.Errorf("%d pages were fetched meanwhile", p.Pages)
		}
		time.Sleep(time.Minute)
		if p := m.progress(); !p.Done {
			t.Errorf("afterwards: %+v", p)
		}
	})
}

// A cursor that a person sets counts at once, not after the interval.
func TestPollAgainNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		p := schedule.NewPoller(b.options())
		p.Watch(t.Context(), []schedule.Source{{Connection: "shop", Trigger: "order.created", Interval: time.Hour}})
		defer p.Stop()
		time.Sleep(30 * time.Minute)
		before := len(b.polled)
		p.Again("shop", "order.created")
		time.Sleep(time.Minute)
		if len(b.polled) != before {
			t.Error("polled although it was not due")
		}
		read, err := b.ledger.Cursor(t.Context(), "shop", "order.created")
		if err != nil {
			t.Fatal(err)
		}
		var c ledger.Change
		c.MoveCursor(read, host.Cursor{Connection: "shop", Trigger: "order.created", Value: read.Value})
		if err := b.ledger.Commit(t.Context(), &c); err != nil {
			t.Fatal(err)
		}
		p.Again("shop", "order.created")
		synctest.Wait()
		if len(b.polled) == before {
			t.Error("not polled when the cursor said that it was due")
		}
	})
}
