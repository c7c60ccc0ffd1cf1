package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/abi"
)

// A key that holds a time cannot tell two changes of one second apart: both
// run. The same key a while later is a repetition.
func TestChangesOfOneSecondAreNotFolded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), newPlatform(), stepByStep)
		defer r.stop()
		changed := time.Now()
		accept := func() host.Receipt {
			t.Helper()
			receipt, err := r.Accept(t.Context(), []host.Event{{
				ID: r.NewID(), Connection: "shop", Type: "customer.updated", Subject: "1", Dedupe: "1@now",
				Time: changed, Received: time.Now(), Coarse: time.Second, Data: []byte(`{"id":"1","n":1}`),
			}})
			if err != nil {
				t.Fatal(err)
			}
			return receipt
		}
		first, second := accept(), accept()
		time.Sleep(time.Minute)
		late := accept()
		if len(first.Accepted) != 1 || len(second.Accepted) != 1 || late.Duplicates != 1 {
			t.Errorf("first %+v, second %+v, a minute later %+v", first, second, late)
		}
	})
}

// Deliveries of one second that differ are events of their own, however late
// they come; a repetition is none, and nor is the poll that tells of the same second.
// Where the poll was first and the second long over, the deliveries are the repetitions.
func TestDeliveriesOfOneSecond(t *testing.T) {
	const poll, a, b = "1@now", "1@now#a", "1@now#b"
	for _, c := range []struct {
		name, keys string
		// between is how long after one event the next comes.
		between time.Duration
		want    string
	}{
		{"two deliveries, repeated", "aabab", time.Minute, "ab"},
		{"a poll behind them", "abppb", time.Minute, "ab"},
		{"a poll between them", "apbab", time.Minute, "ab"},
		{"a poll before them, when all was over", ".ppab", 2 * time.Minute, "p"},
		{"a poll before them, in that second", "pabpab", time.Minute, "pab"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := boot(t, memory(t), newPlatform(), stepByStep)
				defer r.stop()
				changed, accepted := time.Now(), ""
				for _, k := range c.keys {
					ev := host.Event{
						ID: r.NewID(), Connection: "shop", Type: "customer.updated", Subject: "1", Dedupe: map[rune]string{'p': poll, 'a': a, 'b': b}[k],
						Time: changed, Received: time.Now(), Data: []byte(`{"id":"1","n":1}`), Origin: host.OriginPoll,
					}
					if k != 'p' {
						ev.Origin, ev.Also = host.OriginWebhook, poll
					}
					if k != '.' {
						receipt, err := r.Accept(t.Context(), []host.Event{ev})
						if err != nil {
							t.Fatal(err)
						}
						accepted += strings.Repeat(string(k), len(receipt.Accepted))
					}
					time.Sleep(c.between)
				}
				if accepted != c.want {
					t.Errorf("of %s %s were accepted, want %s", c.keys, accepted, c.want)
				}
			})
		})
	}
}

// An event of which a store's key would become too long is an event like
// others, and holds nobody up.
func TestLongKeysOfAnEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		r := boot(t, memory(t), p, strings.Replace(fmt.Sprintf(record, "block"), "on_failure", "key: event.data.id\non_failure", 1))
		defer r.stop()
		r.deliver(strings.Repeat("x", 2*store.MaxKey), 0)
		time.Sleep(time.Second)
		r.deliver("1", 1)
		time.Sleep(time.Hour)
		if done := r.runs(host.RunFilter{State: host.RunDone}); len(done) != 2 {
			t.Errorf("%d runs are done, want 2", len(done))
		}
	})
}

// invalid is a projection that wants something written that no store takes.
type invalid struct{ subject string }

func (i invalid) Project(_ context.Context, events []host.Event, c *ledger.Change) (func(bool), error) {
	for _, ev := range events {
		if ev.Subject == i.subject {
			var b store.Batch
			b.Put(strings.Repeat("x", 2*store.MaxKey), nil)
			c.Join(b)
		}
	}
	return func(bool) {}, nil
}

// Adds finds nothing new.
func (invalid) Adds(*host.Event, *host.Event) bool { return false }

// An event that cannot be dispatched fails where a person sees it, and the
// next one is dispatched.
func TestEventThatCannotBeDispatchedIsSetAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t, memory(t), newPlatform(), fmt.Sprintf(record, "block"))
		r.Projection = invalid{"1"}
		r.Start(t.Context())
		defer r.stop()
		r.deliver("1", 0)
		r.deliver("2", 1)
		time.Sleep(time.Hour)
		failed, done := r.runs(host.RunFilter{State: host.RunFailed}), r.runs(host.RunFilter{State: host.RunDone})
		if len(failed) != 1 || failed[0].Subject != "1" || failed[0].Error.Kind != abi.Internal || len(done) != 1 {
			t.Fatalf("failed %+v, done %+v", failed, done)
		}
		r.rerun(failed[0].ID, host.RunDone)
	})
}
