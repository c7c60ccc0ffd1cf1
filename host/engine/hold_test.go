package engine_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// A platform comes back slowly: while the one call is under way that is to see
// whether it works, runs that arrive are put aside once, and not taken up and
// put aside again until the answer is there.
func TestRunsThatArriveDuringAProbeWaitForItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		mend := p.breakDown("crm", &abi.Error{Kind: abi.Unavailable, Message: "down"})
		r := boot(t, memory(t), p, stepByStep)
		defer r.stop()
		const half = 10
		for i := range half {
			r.deliver(fmt.Sprint(i), i)
		}
		synctest.Wait()
		if got := r.ConnectionStatus("crm").State; got != host.ConnectionPaused {
			t.Fatalf("the connection is %s", got)
		}
		mend()
		p.delay = 20 * time.Second // the probe goes out at 5 s, these runs reach it at 20 s
		for i := range half {
			r.deliver(fmt.Sprint(half+i), i)
		}
		if waits := r.waitsUntilDone(2 * half); waits > 3*half {
			t.Errorf("%d runs were put aside %d times", 2*half, waits)
		}
	})
}

// waitsUntilDone counts how often runs were put aside until so many are done.
func (r *rig) waitsUntilDone(count int) (waits int) {
	for count > 0 {
		switch <-r.ended {
		case host.RunDone:
			count--
		case host.RunWaiting:
			waits++
		default:
		}
	}
	return waits
}

// The CRM is down for four days, longer than a step that fails is tried again.
// In the morning every record is there, once and in order, however it comes back.
func TestAnOutageOfFourDaysFailsNoRun(t *testing.T) {
	for name, retry := range map[string]string{"as the host does": "", "as the flow says": "retry: {for: 1h, attempts: 8}\n"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform()
				mend := p.breakDown("crm", &abi.Error{Kind: abi.Unavailable, Message: "down"})
				r := boot(t, memory(t), p, strings.Replace(stepByStep, "steps:", retry+"steps:", 1))
				defer r.stop()
				const customers, changes = 7, 3
				for n := range changes {
					for id := range customers {
						r.deliver(fmt.Sprint(id), n)
					}
					time.Sleep(32 * time.Hour)
				}
				mend()
				calls := 0
				p.fault = func(in host.Invocation) error { // half of its answers are errors for a while
					if calls++; in.Connection == "crm" && calls < 60 && calls%2 == 0 {
						return &abi.Error{Kind: abi.Unavailable, Message: "busy"}
					}
					return nil
				}
				time.Sleep(12 * time.Hour)
				if done := len(r.runs(host.RunFilter{State: host.RunDone})); done != customers*changes {
					t.Errorf("%d of %d runs are done; of others: %v", done, customers*changes, r.runs(host.RunFilter{State: host.RunFailed}))
				}
				if len(p.records) != customers || len(p.order) != customers*changes {
					t.Errorf("%d records of %d customers, %d writes of %d changes", len(p.records), customers, len(p.order), customers*changes)
				}
			})
		})
	}
}

// Where it is one run's request that the platform never answers, and not the
// platform that is down, others find that out.
func TestOneRunThatIsNeverAnsweredDoesNotHoldUpTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.fault = func(in host.Invocation) error {
			if in.Connection == "crm" && strings.Contains(string(in.Input), "bad@") {
				return &abi.Error{Kind: abi.Unavailable, Message: "this request breaks it"}
			}
			return nil
		}
		r := boot(t, memory(t), p, stepByStep)
		defer r.stop()
		r.deliver("bad", 1)
		time.Sleep(2 * time.Hour)
		for n := range 5 {
			r.deliver(fmt.Sprint(n), 1)
		}
		time.Sleep(time.Hour)
		if done := len(r.runs(host.RunFilter{State: host.RunDone})); done != 5 {
			t.Errorf("%d of 5 other runs are done", done)
		}
	})
}

// History that waits for a connection is not worked off: it counts, or all of it
// would be fetched onto the disk while the connection does not work.
func TestHistoryThatWaitsForAConnectionIsBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		mend := p.breakDown("crm", &abi.Error{Kind: abi.Auth, Message: "expired"})
		r := boot(t, memory(t), p, fmt.Sprintf(sends, 5))
		defer r.stop()
		for n := range 20 {
			r.fetched(fmt.Sprint("old", n))
			r.deliver(fmt.Sprint("now", n), 1)
		}
		synctest.Wait()
		for most, want := range map[int]int{100: 20, 7: 7} {
			if n, err := r.ledger.Backlog(t.Context(), most); err != nil || n != want {
				t.Errorf("%d runs of history wait, want %d of at most %d: %v", n, want, most, err)
			}
		}
		mend()
		r.Resume("crm")
		r.await(host.RunDone, 40)
		if n, err := r.ledger.Backlog(t.Context(), 100); err != nil || n != 0 {
			t.Errorf("%d runs of history wait: %v", n, err)
		}
	})
}

// A connection is taken out of the configuration while its runs wait for it: they
// fail at once, where a person sees them, and not one a second.
func TestRunsOfAConnectionThatIsGoneFailTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, disk := newPlatform(), memory(t)
		r := boot(t, disk, p, stepByStep+told)
		p.breakDown("crm", &abi.Error{Kind: abi.Unavailable, Message: "503"})
		for n := range 300 {
			r.deliver(strconv.Itoa(n), n)
		}
		time.Sleep(time.Minute)
		r.stop()
		p.gone = "crm"
		r = boot(t, disk, p, strings.ReplaceAll(stepByStep, "crm.", "shop.")+told)
		defer r.stop()
		time.Sleep(5 * time.Second)
		if failed := len(r.runs(host.RunFilter{State: host.RunFailed, Flow: "sync"})); failed != 300 {
			t.Errorf("%d runs failed, want 300", failed)
		}
	})
}
