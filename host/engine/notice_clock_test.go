package engine_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/builtin"
	"github.com/musubi-run/musubi/sdk/abi"
)

// ahead starts an engine whose clock is two days ahead until it is set back.
func ahead(t *testing.T, p *platform) (r *rig, setBack func()) {
	t.Helper()
	var days atomic.Int64
	days.Store(2)
	r = build(t, memory(t), p, stepByStep+told)
	r.Now = func() time.Time { return time.Now().Add(time.Duration(days.Load()) * 24 * time.Hour) }
	r.Start(t.Context())
	return r, func() { days.Store(0) }
}

// A clock that was days ahead is set back: what fails then is told now, and not in days.
func TestFailuresAreToldAfterTheClockWasSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, setBack := ahead(t, refusing())
		defer r.stop()
		for n, id := range []string{"1", "2", "3", "4"} {
			r.deliver(id, n)
			r.await(host.RunFailed, 1)
			if n == 1 {
				setBack()
			}
		}
		synctest.Wait()
		if got := r.failedRuns(); len(got) != 2 || got[1].Summary || got[1].Count != 1 {
			t.Fatalf("told at once: %+v", got)
		}
		time.Sleep(time.Hour)
		var count int64
		for _, data := range r.failedRuns() {
			count += data.Count
		}
		if count != 4 {
			t.Errorf("told of %d failures within an hour: %+v", count, r.failedRuns())
		}
		time.Sleep(72 * time.Hour)
		if got := r.failedRuns(); len(got) != 4 {
			t.Errorf("told %d times: %+v", len(got), got)
		}
	})
}

func TestAPauseIsToldAfterTheClockWasSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		r, setBack := ahead(t, p)
		defer r.stop()
		for n := range 2 {
			mend := p.breakDown("crm", &abi.Error{Kind: abi.Unavailable, Message: "503"})
			for i := range 60 {
				r.deliver(string(rune('a'+i%20)), 100*n+i)
				time.Sleep(time.Second)
			}
			mend()
			setBack()
			r.Resume("crm")
			time.Sleep(time.Minute)
		}
		wantNotices(t, r, builtin.ConnectionPaused, 2)
	})
}
