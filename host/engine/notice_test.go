package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/builtin"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/abi"
)

// told is a flow for each of the host's own events; the runs' journals do not
// matter, the events do.
const told = `
---
language: 1
flow: tell-failed
on: {connection: musubi, event: run.failed}
steps:
  - stop: "${event.data.message}"
---
language: 1
flow: tell-refused
on: {connection: musubi, event: connection.auth_failed}
steps: [{stop: refused}]
---
language: 1
flow: tell-paused
on: {connection: musubi, event: connection.paused}
steps: [{stop: paused}]
---
language: 1
flow: tell-recovered
on: {connection: musubi, event: connection.recovered}
steps: [{stop: recovered}]
---
language: 1
flow: tell-expiring
on: {connection: musubi, event: credential.expiring}
steps: [{stop: expiring}]
---
language: 1
flow: tell-poll
on: {connection: musubi, event: poll.failing}
steps: [{stop: "${event.data.connection + ' ' + event.data.trigger}"}]
`

// notices returns the host's own events, oldest first.
func (r *rig) notices(typ string) []host.Event {
	r.t.Helper()
	events, err := r.ledger.Events(r.t.Context(), host.EventFilter{Connection: host.Builtin, Type: typ, Limit: 1000})
	if err != nil {
		r.t.Fatal(err)
	}
	for i, j := 0, len(events)-1; i < j; i, j = i+1, j-1 {
		events[i], events[j] = events[j], events[i]
	}
	return events
}

func (r *rig) failedRuns() []builtin.FailedRun {
	r.t.Helper()
	var all []builtin.FailedRun
	for _, ev := range r.notices(builtin.RunFailed) {
		var data builtin.FailedRun
		if err := json.Unmarshal(ev.Data, &data); err != nil {
			r.t.Fatal(err)
		}
		all = append(all, data)
	}
	return all
}

// refusing has the CRM refuse every write.
func refusing() *platform {
	p := newPlatform()
	p.fault = func(in host.Invocation) error {
		if in.Name == "record.create" {
			return &abi.Error{Kind: abi.Invalid, Code: "INVALID_FIELD", Message: "Mail__c is no field"}
		}
		return nil
	}
	return p
}

func TestManyFailuresAreToldOnceAndThenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), refusing(), stepByStep+told)
		defer r.stop()
		for i := range 500 {
			r.deliver(fmt.Sprint(i), i)
		}
		r.await(host.RunFailed, 500)
		synctest.Wait()
		if got := r.failedRuns(); len(got) != 1 || got[0].Count != 1 || got[0].Summary {
			t.Fatalf("told at once: %+v", got)
		}
		time.Sleep(time.Hour)
		got := r.failedRuns()
		if len(got) != 2 || got[1].Count != 499 || !got[1].Summary {
			t.Fatalf("told in an hour: %+v", got)
		}
		if got[0].Connection != "crm" || got[0].Kind != "invalid" || got[0].Code != "INVALID_FIELD" || got[0].Message != "Mail__c is no field (INVALID_FIELD)" || got[0].Flow != "sync" {
			t.Errorf("told %+v", got[0])
		}
	})
}

func TestFailureAfterAQuietWindowIsNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), refusing(), stepByStep+told)
		defer r.stop()
		for i := range 3 {
			r.deliver(fmt.Sprint(i), i)
			r.await(host.RunFailed, 1)
			time.Sleep(11 * time.Minute)
		}
		got := r.failedRuns()
		if len(got) != 3 {
			t.Fatalf("told %d times: %+v", len(got), got)
		}
		for _, data := range got {
			if data.Summary || data.Count != 1 {
				t.Errorf("told %+v, want news", data)
			}
		}
	})
}

// While runs fail all day, people hear once a window.
func TestOutageOfADayIsToldOnceAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), refusing(), stepByStep+told)
		defer r.stop()
		for i := range 24 * 60 {
			r.deliver(fmt.Sprint(i), i)
			time.Sleep(time.Minute)
		}
		time.Sleep(time.Hour)
		total := int64(0)
		got := r.failedRuns()
		for _, data := range got {
			total += data.Count
		}
		if total != 24*60 || len(got) > 24*6+1 {
			t.Errorf("%d failures were told in %d notices", total, len(got))
		}
	})
}

func TestNoticeWindowOutlivesTheHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := memory(t)
		r := boot(t, s, refusing(), stepByStep+told)
		r.deliver("1", 1)
		r.deliver("2", 2)
		r.await(host.RunFailed, 2)
		r.stop()
		time.Sleep(time.Hour)
		r = boot(t, s, refusing(), stepByStep+told)
		defer r.stop()
		synctest.Wait()
		if got := r.failedRuns(); len(got) != 2 || got[1].Count != 1 || !got[1].Summary {
			t.Errorf("told %+v", got)
		}
	})
}

// failing notifications fail themselves, and their runs are there to be seen.
const failing = `
---
language: 1
flow: tell
on: {connection: musubi, event: run.failed}
steps:
  - call: crm.record.create
    with: {object: Message, fields: {text: "${event.data.message}"}}
`

func TestFailedNotificationIsSeenAndRaisesNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), refusing(), stepByStep+failing)
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunFailed, 2)
		time.Sleep(time.Hour)
		if got := r.notices(builtin.RunFailed); len(got) != 1 {
			t.Errorf("%d notices", len(got))
		}
		if runs := r.runs(host.RunFilter{State: host.RunFailed, Flow: "tell"}); len(runs) != 1 {
			t.Errorf("%d failed notifications are to be seen", len(runs))
		}
	})
}

func TestNothingIsAnnouncedThatNobodyHears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := boot(t, memory(t), refusing(), stepByStep)
		defer r.stop()
		r.deliver("1", 1)
		r.await(host.RunFailed, 1)
		time.Sleep(time.Hour)
		if got := r.notices(""); len(got) != 0 {
			t.Errorf("announced %+v", got)
		}
	})
}

// Nor is a window summed up that opened while somebody did.
func TestNoWindowIsToldOfThatNobodyHearsAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := memory(t)
		r := boot(t, s, refusing(), stepByStep+told)
		r.deliver("1", 1)
		r.deliver("2", 2)
		r.await(host.RunFailed, 2)
		r.stop()
		r = boot(t, s, refusing(), stepByStep)
		defer r.stop()
		time.Sleep(time.Hour)
		if got := r.failedRuns(); len(got) != 1 {
			t.Errorf("told %+v", got)
		}
	})
}

// forgetful is a store whose host dies before it drops what it has told of.
type forgetful struct{ store.Store }

const countedRows = "nr\x00"

func (s forgetful) Commit(ctx context.Context, b store.Batch) error {
	if m := b.Do[0]; m.Value == nil && strings.HasPrefix(m.Key, countedRows) {
		return errDead
	}
	return s.Store.Commit(ctx, b)
}

func TestWhatWasToldIsForgottenAlsoAfterACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := memory(t)
		r := boot(t, forgetful{s}, refusing(), stepByStep+told)
		for i := range 3 {
			r.deliver(fmt.Sprint(i), i)
		}
		r.await(host.RunFailed, 3)
		time.Sleep(11 * time.Minute)
		abandon(r)
		r = boot(t, s, refusing(), stepByStep+told)
		defer r.stop()
		time.Sleep(time.Hour)
		left := 0
		err := s.Scan(t.Context(), store.Range{Prefix: countedRows}, func(string, []byte) error { left++; return nil })
		if told := r.failedRuns(); left != 0 || err != nil || len(told) != 2 || told[1].Count != 2 {
			t.Errorf("%d rows are left, %v; told %+v", left, err, told)
		}
	})
}

// The credential is refused, the host is started again, the credential is mended.
func TestRefusedCredentialIsToldOnceAndItsRecoveryToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, p := memory(t), newPlatform()
		p.fault = onCRM(abi.Auth)
		r := boot(t, s, p, stepByStep+told)
		for i := range 50 {
			r.deliver(fmt.Sprint(i), i)
		}
		time.Sleep(time.Hour)
		r.stop()
		r = boot(t, s, p, stepByStep+told)
		defer r.stop()
		time.Sleep(time.Hour)
		wantNotices(t, r, builtin.ConnectionAuthFail, 1)
		wantNotices(t, r, builtin.ConnectionRecovered, 0)
		p.mu.Lock()
		p.fault = func(host.Invocation) error { return nil }
		p.mu.Unlock()
		r.Resume("crm")
		time.Sleep(time.Minute)
		wantNotices(t, r, builtin.ConnectionAuthFail, 1)
		wantNotices(t, r, builtin.ConnectionRecovered, 1)
	})
}

// A person mends the credential while the call that tried it last is under way.
func TestCallFromBeforeAResumeDoesNotParkTheConnectionAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		under, answer := make(chan struct{}, 1), make(chan struct{})
		p.fault = func(in host.Invocation) error {
			if in.Connection != "crm" {
				return nil
			}
			p.fault = func(host.Invocation) error { return nil }
			under <- struct{}{}
			<-answer
			return &abi.Error{Kind: abi.Auth, Message: "session expired"}
		}
		r := boot(t, memory(t), p, stepByStep+told)
		defer r.stop()
		r.deliver("1", 1)
		<-under
		r.Resume("crm")
		close(answer)
		r.await(host.RunDone, 1)
		if got := r.ConnectionStatus("crm").State; got != host.ConnectionReady {
			t.Errorf("the connection is %s", got)
		}
	})
}

// A platform that goes and comes every other minute is told of once a window.
func TestPauseIsToldOnceAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		begun := time.Now()
		down := onCRM(abi.Unavailable)
		p.fault = func(in host.Invocation) error {
			if time.Since(begun)/time.Minute%2 == 0 {
				return down(in)
			}
			return nil
		}
		r := boot(t, memory(t), p, stepByStep+told)
		defer r.stop()
		for i := range 600 {
			r.deliver(fmt.Sprint(i), i)
			time.Sleep(2 * time.Second)
		}
		wantNotices(t, r, builtin.ConnectionPaused, 2)
		wantNotices(t, r, builtin.ConnectionRecovered, 2)
	})
}

// A platform comes back for a moment and stays down then: people, who heard last
// that it works again, hear of it when the window is over, also after a restart.
func TestPauseSoonAfterARecoveryIsToldWhenItLasts(t *testing.T) {
	for name, restart := range map[string]bool{"one host": false, "a host that is started again": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, p := memory(t), newPlatform()
				begun := time.Now()
				down := onCRM(abi.Unavailable)
				p.fault = func(in host.Invocation) error {
					if at := time.Since(begun) / time.Minute; at < 1 || at >= 3 {
						return down(in)
					}
					return nil
				}
				r := boot(t, s, p, stepByStep+told)
				for i := range 150 {
					r.deliver(fmt.Sprint(i), i)
					time.Sleep(2 * time.Second)
				}
				wantNotices(t, r, builtin.ConnectionRecovered, 1)
				if restart {
					r.stop()
					r = boot(t, s, p, stepByStep+told)
				}
				defer r.stop()
				time.Sleep(10 * time.Hour)
				wantNotices(t, r, builtin.ConnectionPaused, 2)
				wantNotices(t, r, builtin.ConnectionRecovered, 1)
			})
		})
	}
}

func TestExpiryIsWarnedOfOnEachDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := memory(t)
		expires := time.Now().Add(20*24*time.Hour + time.Hour)
		for range 24 {
			warnOnce(t, s, expires)
			time.Sleep(24 * time.Hour)
		}
		r := build(t, s, newPlatform(), stepByStep+told)
		var left []int64
		for _, ev := range r.notices(builtin.CredentialExpiring) {
			var data builtin.Expiry
			if err := json.Unmarshal(ev.Data, &data); err != nil {
				t.Fatal(err)
			}
			left = append(left, data.DaysLeft)
		}
		if fmt.Sprint(left) != "[14 7 1]" {
			t.Errorf("warned with %v days left", left)
		}
	})
}

// A poll that fails is told of where somebody hears it, and not otherwise.
func TestWarningOfAPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for flows, want := range map[string]bool{stepByStep: false, stepByStep + told: true} {
			r := boot(t, memory(t), newPlatform(), flows)
			heard, err := r.WarnOfPoll(t.Context(), builtin.FailingPoll{Connection: "shop", Trigger: "customer.changed", Kind: "denied", Since: time.Now()})
			if err != nil || heard != want {
				t.Errorf("heard %t, %v; want %t", heard, err, want)
			}
			if want {
				r.await(host.RunDone, 1)
			}
			wantNotices(t, r, builtin.PollFailing, map[bool]int{true: 1}[want])
			r.stop()
		}
	})
}

// warnOnce looks at the expiry as a host does that is started every day and looks twice.
func warnOnce(t *testing.T, s store.Store, expires time.Time) {
	t.Helper()
	r := build(t, s, newPlatform(), stepByStep+told)
	for range 2 {
		if err := r.WarnOfExpiry(t.Context(), "crm", "licence_key", expires); err != nil {
			t.Fatal(err)
		}
	}
}

func onCRM(kind abi.Kind) func(host.Invocation) error {
	return func(in host.Invocation) error {
		if in.Connection == "crm" {
			return &abi.Error{Kind: kind, Message: "no"}
		}
		return nil
	}
}

func wantNotices(t *testing.T, r *rig, typ string, want int) {
	t.Helper()
	if got := r.notices(typ); len(got) != want {
		t.Errorf("%d events %s, want %d", len(got), typ, want)
	}
}

// full has no space for the commit that tells of a window.
type full struct{ store.Store }

func (f full) Commit(ctx context.Context, b store.Batch) error {
	for _, m := range b.Do {
		if m.Value == nil && strings.HasPrefix(m.Key, "tm\x00") && strings.Contains(m.Key, "notice:") {
			return store.ErrFull
		}
	}
	return f.Store.Commit(ctx, b)
}

// A host was down until two windows of one group were over: both are told, and
// what fails later, too.
func TestTwoWindowsThatAreOverAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := memory(t)
		r := boot(t, full{s}, refusing(), stepByStep+told)
		r.deliver("1", 1)
		time.Sleep(time.Minute)
		r.deliver("2", 2)
		time.Sleep(9*time.Minute + 2*time.Second)
		r.deliver("3", 3) // the first window is over and not told: this opens the second
		time.Sleep(time.Second)
		r.stop()
		time.Sleep(20 * time.Minute)
		r = boot(t, s, refusing(), stepByStep+told)
		defer r.stop()
		time.Sleep(time.Hour)
		before := len(r.failedRuns())
		for n := range 3 {
			r.deliver(strconv.Itoa(10+n), 10+n)
			time.Sleep(time.Hour)
		}
		if told := len(r.failedRuns()) - before; told < 3 {
			t.Errorf("of three failures that came later %d were told", told)
		}
	})
}
