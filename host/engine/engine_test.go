package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

func TestRunCreatesThenUpdates(t *testing.T) {
	for name, flow := range map[string]string{"step by step": stepByStep, "short": short} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := boot(t, memory(t), newPlatform(), flow)
				defer r.stop()
				r.deliver("1", 1)
				r.await(host.RunDone, 1)
				r.deliver("1", 2)
				r.await(host.RunDone, 1)
				if diff := cmp.Diff([]string{"1", "2"}, r.platform.order); diff != "" || len(r.platform.records) != 1 {
					t.Errorf("%d records, written (-want +got):\n%s", len(r.platform.records), diff)
				}
			})
		})
	}
}

func TestRepeatedDeliveryStartsNoSecondRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), newPlatform(), stepByStep)
		defer r.stop()
		first, again := r.deliver("1", 1), r.deliver("1", 1)
		r.await(host.RunDone, 1)
		synctest.Wait()
		if len(first.Accepted) != 1 || len(again.Accepted) != 0 || again.Duplicates != 1 {
			t.Errorf("receipts %+v and %+v", first, again)
		}
		if runs := r.runs(host.RunFilter{}); len(runs) != 1 {
			t.Errorf("%d runs", len(runs))
		}
	})
}

func TestUnreadableDeliveryIsKeptAndReplayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), newPlatform(), stepByStep)
		defer r.stop()
		receipt, err := r.Receive(t.Context(), host.Delivery{Connection: "shop", Body: []byte(`{"id":"1"`)})
		if err != nil || receipt.Dead == "" {
			t.Fatalf("receipt %+v, %v", receipt, err)
		}
		if _, err := r.Replay(t.Context(), receipt.Dead); abi.KindOf(err) != abi.Invalid {
			t.Errorf("replay of what still cannot be read: %v", err)
		}
		letter, err := r.ledger.Dead(t.Context(), receipt.Dead)
		if err != nil || string(letter.Delivery.Body) != `{"id":"1"` {
			t.Errorf("kept %+v, %v", letter, err)
		}
	})
}

// A sender that repeats what nobody can read does not fill the disk; once a
// person has replayed the letter, the next one is news.
func TestUnreadableDeliveriesOfOneContentAreOneLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), newPlatform(), stepByStep)
		defer r.stop()
		seen := map[string]bool{}
		for i := range 60 {
			receipt, err := r.Receive(t.Context(), host.Delivery{
				Connection: "shop", Body: fmt.Appendf(nil, `{"id":"%d`, i%2), Received: time.Now(),
				Headers: []abi.Header{{Name: "X-Attempt", Value: fmt.Sprint(i)}},
			})
			if err != nil || receipt.Dead == "" {
				t.Fatalf("receipt %+v, %v", receipt, err)
			}
			seen[receipt.Dead] = true
			time.Sleep(time.Minute)
		}
		letters, err := r.ledger.DeadLetters(t.Context(), host.EventFilter{})
		if err != nil || len(letters) != 2 || len(seen) != 2 || letters[0].Repeats != 29 || letters[0].Last.IsZero() {
			t.Errorf("%d letters: %+v, %v", len(letters), letters, err)
		}
	})
}

// What a scanner posted is put aside, and the next one is news.
func TestADismissedDeliveryNeedsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), newPlatform(), stepByStep)
		defer r.stop()
		scan := func() string {
			t.Helper()
			receipt, err := r.Receive(t.Context(), host.Delivery{Connection: "shop", Body: []byte(`GET /wp-login.php`), Received: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			return receipt.Dead
		}
		first := scan()
		if err := r.Dismiss(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		if err := r.Dismiss(t.Context(), first); abi.KindOf(err) != abi.Conflict {
			t.Errorf("dismissed twice: %v", err)
		}
		if err := r.Dismiss(t.Context(), "01NOBODY"); !errors.Is(err, host.ErrNotFound) {
			t.Errorf("one that there is not: %v", err)
		}
		second := scan()
		letters, err := r.ledger.DeadLetters(t.Context(), host.EventFilter{})
		if err != nil || len(letters) != 2 || second == first {
			t.Fatalf("%d letters, %s after %s: %v", len(letters), second, first, err)
		}
		for i := range letters {
			if letters[i].Open() != (letters[i].ID == second) || letters[i].Repeats != 0 {
				t.Errorf("kept %+v", letters[i])
			}
		}
	})
}

// What one key's events did is in their order, whatever failed on the way.
func TestOrderPerKeyHoldsUnderFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys, each = 7, 30
		p := newPlatform()
		p.fault = everyFifth(abi.Unavailable)
		r := boot(t, memory(t), p, stepByStep)
		defer r.stop()
		for i := range each {
			for key := range keys {
				r.deliver(fmt.Sprint(key), key*1000+i)
			}
		}
		r.await(host.RunDone, keys*each)
		for key := range keys {
			var mine []string
			for _, written := range p.order {
				if strings.HasPrefix(fmt.Sprintf("%06s", written), fmt.Sprintf("%03d", key)) {
					mine = append(mine, fmt.Sprintf("%06s", written))
				}
			}
			if len(mine) != each || !slices.IsSorted(mine) {
				t.Errorf("key %d was written %d times: %v", key, len(mine), mine)
			}
		}
	})
}

func everyFifth(kind abi.Kind) func(host.Invocation) error {
	n := 0
	return func(host.Invocation) error {
		if n++; n%5 == 0 {
			return &abi.Error{Kind: kind, Message: "every fifth call fails"}
		}
		return nil
	}
}

// A create whose answer was lost is looked up before it is repeated.
func TestLostAnswerOfACreateIsConfirmed(t *testing.T) {
	for name, flow := range map[string]string{"step by step": stepByStep, "short": short} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform()
				lost := false
				p.after = func(in host.Invocation) error {
					if in.Name == "record.create" && in.Op == abi.OpAction && !lost {
						lost = true
						return &abi.Error{Kind: abi.Unknown, Message: "the connection broke"}
					}
					return nil
				}
				r := boot(t, memory(t), p, flow)
				defer r.stop()
				r.deliver("1", 1)
				r.await(host.RunDone, 1)
				if len(p.records) != 1 || p.count("crm.record.create:action") != 1 {
					t.Errorf("%d records after %d creates", len(p.records), p.count("crm.record.create:action"))
				}
			})
		})
	}
}

// A platform forgets a key after an hour. An answer was lost and the platform
// was out of reach for longer: nothing is sent again until a person says so.
func TestForgottenKeyIsNotUsedAgain(t *testing.T) {
	const flow = `language: 1
flow: tell
on: {connection: shop, event: customer.updated}
steps:
  - call: crm.message.send
    with: {id: "1"}
`
	for name, outage := range map[string]struct {
		lasts time.Duration
		fails int
	}{"short": {30 * time.Minute, 0}, "long": {2 * time.Hour, 1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform()
				var up time.Time
				p.after = func(in host.Invocation) error {
					if in.Name != "message.send" || !up.IsZero() {
						return nil
					}
					up = time.Now().Add(outage.lasts)
					return &abi.Error{Kind: abi.Unknown, Message: "the connection broke"}
				}
				p.fault = func(host.Invocation) error {
					if time.Now().Before(up) {
						return &abi.Error{Kind: abi.RateLimited, RetryAfterMS: 600_000, Message: "later"}
					}
					return nil
				}
				r := boot(t, memory(t), p, flow)
				defer r.stop()
				r.deliver("1", 1)
				time.Sleep(24 * time.Hour)
				failed := r.runs(host.RunFilter{State: host.RunFailed})
				if len(failed) != outage.fails {
					t.Fatalf("failed: %+v", failed)
				}
				for _, run := range failed {
					if run.Error.Code != host.CodeNoAnswer {
						t.Errorf("failed for %v", run.Error)
					}
					for _, n := range p.effects {
						if n != 1 {
							t.Errorf("sent %d times", n)
						}
					}
					r.rerun(run.ID, host.RunDone)
				}
			})
		})
	}
}

// The CRM is down for two hours at night. In the morning every record is
// there, once, in order, and it was not hammered meanwhile.
func TestOutageOfTwoHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const customers = 300
		p := newPlatform()
		up := time.Now().Add(2 * time.Hour)
		refused := 0
		p.fault = func(in host.Invocation) error {
			if in.Connection == "crm" && time.Now().Before(up) {
				refused++
				return &abi.Error{Kind: abi.Unavailable, Message: "down"}
			}
			return nil
		}
		r := boot(t, memory(t), p, stepByStep)
		defer r.stop()
		for i := range customers {
			r.deliver(fmt.Sprint(i), i)
			time.Sleep(10 * time.Second)
		}
		r.await(host.RunDone, customers)
		if late := time.Since(up); late > 10*time.Minute {
			t.Errorf("everything was there %s after the CRM was up again", late)
		}
		if len(p.records) != customers || refused > 100 {
			t.Errorf("%d records; %d calls to a platform that was down", len(p.records), refused)
		}
	})
}

func TestRefusedCredentialParksTheConnectionNotTheRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		mend := p.breakDown("crm", &abi.Error{Kind: abi.Auth, Message: "session expired"})
		r := boot(t, memory(t), p, stepByStep)
		defer r.stop()
		for i := range 50 {
			r.deliver(fmt.Sprint(i), i)
		}
		time.Sleep(time.Minute)
		if got := r.ConnectionStatus("crm").State; got != host.ConnectionParked {
			t.Errorf("the connection is %s", got)
		}
		if calls := p.count("crm.record.search:action"); calls > 50 {
			t.Errorf("%d calls with a refused credential", calls)
		}
		if failed := r.runs(host.RunFilter{State: host.RunFailed}); len(failed) != 0 {
			t.Errorf("%d runs failed for a fault of the connection", len(failed))
		}
		mend()
		r.Resume("crm")
		r.await(host.RunDone, 50)
	})
}

// createOnly makes a record of each event, the same for all of them.
const createOnly = `language: 1
flow: sync
on: {connection: shop, event: customer.updated}
steps:
  - call: crm.record.create
    with: {object: Account, fields: {Mail: same@example.com}}
`

// A call that a parked connection held back was never sent, so nobody looks
// for what became of it: what is found might be another run's.
func TestCallThatWasHeldBackIsNotLookedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		mend := p.breakDown("crm", &abi.Error{Kind: abi.Auth, Message: "session expired"})
		r := boot(t, memory(t), p, createOnly)
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunWaiting, 1)
		for i := range 5 {
			r.deliver(fmt.Sprint(2+i), 2+i)
		}
		r.await(host.RunWaiting, 6)
		mend()
		r.Resume("crm")
		r.await(host.RunDone, 6)
		if looked := p.count("crm.record.create:confirm"); looked != 0 || len(p.records) != 6 {
			t.Errorf("%d look-ups and %d records, want 0 and 6", looked, len(p.records))
		}
	})
}
