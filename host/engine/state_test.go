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

// mindful is a platform whose plugin remembers every delivery that it has read
// and every step that it was called for.
type mindful struct{ *platform }

func (m mindful) Invoke(ctx context.Context, in host.Invocation) ([]byte, error) {
	output, err := m.platform.Invoke(ctx, in)
	key := in.IdempotencyKey
	if in.Op == abi.OpWebhook {
		key = string(in.Delivery.Body)
	}
	if err == nil && key != "" {
		in.Keep([]host.StateWrite{{Key: key, Value: []byte("done")}})
	}
	return output, err
}

// Wherever the host dies, a plugin remembers a call exactly if the journal, or
// the inbox, has what came of it.
func TestStateIsCommittedWithTheJournal(t *testing.T) {
	for name, flow := range map[string]string{"step by step": stepByStep, "short": short} {
		for _, written := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/written=%t", name, written), func(t *testing.T) {
				crashed := true
				for n := 1; crashed; n++ {
					synctest.Test(t, func(t *testing.T) { crashed = forgetAt(t, flow, n, written) })
				}
			})
		}
	}
}

// forgetAt lets the host die at its nth commit and looks at what is on the
// disk. It returns false if there were fewer commits.
func forgetAt(t *testing.T, flow string, n int, written bool) bool {
	disk := memory(t)
	dying := &mortal{Store: disk, written: written}
	dying.left.Store(int64(setUpCommits + n))
	r := build(t, dying, newPlatform(), flow)
	r.Connectors = mindful{r.platform}
	r.Start(t.Context())
	for i, id := range []string{"1", "2", "1"} {
		_, _ = r.Receive(t.Context(), host.Delivery{Connection: "shop", Body: fmt.Appendf(nil, `{"id":%q,"n":%d}`, id, i)}) //nolint:errcheck // dead or not
	}
	synctest.Wait()
	time.Sleep(time.Second)
	abandon(r)
	died := dying.left.Load() <= 0
	for connection, want := range recorded(t, disk) {
		if got := remembered(t, disk, connection); got != want || !died && got < 3 {
			t.Errorf("death at commit %d: the plugin of %s remembers %d calls, %d are recorded", n, connection, got, want)
		}
	}
	return died
}

// recorded counts the calls whose result is on the disk, by connection.
func recorded(t *testing.T, disk store.Store) map[string]int {
	t.Helper()
	l := open(t, disk)
	events, err := l.Events(t.Context(), host.EventFilter{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]int{"shop": len(events), "crm": 0}
	runs, err := l.Runs(t.Context(), host.RunFilter{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range runs {
		steps, err := l.Steps(t.Context(), run.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range steps {
			if connection, _, called := strings.Cut(s.Call, "."); called && s.State == host.StepDone {
				calls[connection]++
			}
		}
	}
	return calls
}

func remembered(t *testing.T, disk store.Store, connection string) int {
	t.Helper()
	count, err := open(t, disk).StateKeys(t.Context(), connection, 100)
	if err != nil {
		t.Fatal(err)
	}
	return count
}

func open(t *testing.T, disk store.Store) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(t.Context(), disk)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A page that somebody else has accepted meanwhile leaves no state behind.
func TestStateIsCommittedWithTheCursor(t *testing.T) {
	r := build(t, memory(t), newPlatform(), stepByStep)
	read, err := r.ledger.Cursor(t.Context(), "shop", "customer.changed")
	if err != nil {
		t.Fatal(err)
	}
	next := host.Cursor{Connection: "shop", Trigger: "customer.changed", Value: []byte("1")}
	for i, want := range []error{nil, &abi.Error{Kind: abi.Unavailable}} {
		page := host.Page{Origin: host.OriginPoll, State: []host.StateWrite{{Key: "page", Value: fmt.Append(nil, i)}}}
		if _, err := r.AcceptPage(t.Context(), page, read, next); abi.KindOf(err) != abi.KindOf(want) {
			t.Errorf("page %d: %v", i, err)
		}
	}
	if value, err := r.ledger.State(t.Context(), "shop", "page"); err != nil || string(value) != "0" {
		t.Errorf("the plugin remembers %q, %v", value, err)
	}
}

// A page of more than one commit takes is accepted whole, and the cursor moves
// with the last of it; a repetition finds every event known.
func TestPageOfMoreThanACommit(t *testing.T) {
	r := build(t, memory(t), newPlatform(), stepByStep)
	page := host.Page{Origin: host.OriginBackfill, State: []host.StateWrite{{Key: "page", Value: []byte("1")}}}
	for n := range 500 {
		data := fmt.Appendf(nil, `{"id":"%d","note":"%s"}`, n, strings.Repeat("x", 3*store.MaxSmall/500))
		page.Events = append(page.Events, abi.Event{Type: "customer.updated", Subject: fmt.Sprint(n), Data: data})
	}
	next := host.Cursor{Connection: "shop", Trigger: "customer.changed", Value: []byte("1")}
	for _, want := range []host.Receipt{{Accepted: make([]string, 500)}, {Duplicates: 500}} {
		read, err := r.ledger.Cursor(t.Context(), "shop", "customer.changed")
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.AcceptPage(t.Context(), page, read, next)
		if err != nil || len(got.Accepted) != len(want.Accepted) || got.Duplicates != want.Duplicates {
			t.Errorf("%d accepted and %d repeated, %v; want %d and %d", len(got.Accepted), got.Duplicates, err, len(want.Accepted), want.Duplicates)
		}
	}
	if value, err := r.ledger.State(t.Context(), "shop", "page"); err != nil || string(value) != "1" {
		t.Errorf("the plugin remembers %q, %v", value, err)
	}
	if kept, err := r.ledger.Inbox(t.Context(), "", 1000); err != nil || len(kept) != 500 {
		t.Errorf("%d events in the inbox, %v", len(kept), err)
	}
}
