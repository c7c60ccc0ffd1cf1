package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/store"
)

// mortal is a store whose host dies at its nth commit: that commit is lost, or
// reaches the disk without anybody being told, and no later one does.
type mortal struct {
	store.Store

	left    atomic.Int64
	written bool // the fatal commit reaches the disk
}

var errDead = errors.New("the host is dead")

func (m *mortal) Commit(ctx context.Context, b store.Batch) error {
	switch left := m.left.Add(-1); {
	case left > 0:
		return m.Store.Commit(ctx, b)
	case left == 0 && m.written:
		if err := m.Store.Commit(ctx, b); err != nil {
			return err
		}
	}
	return errDead
}

// Wherever the host dies, what was acknowledged is done after the next start,
// in order, and no record is created twice.
func TestCrashAtEveryCommit(t *testing.T) {
	for name, flow := range map[string]string{"step by step": stepByStep, "short": short} {
		for _, written := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/written=%t", name, written), func(t *testing.T) {
				crashed := true
				for n := 1; crashed; n++ {
					synctest.Test(t, func(t *testing.T) { crashed = crashAt(t, flow, n, written) })
				}
			})
		}
	}
}

// setUpCommits are those of claiming the store and installing rules.
const setUpCommits = 2

// crashAt delivers three changes of two customers, lets the host die at its
// nth commit and start again. It returns false if there were fewer commits.
func crashAt(t *testing.T, flow string, n int, written bool) bool {
	disk, p := memory(t), newPlatform()
	dying := &mortal{Store: disk, written: written}
	dying.left.Store(int64(setUpCommits + n))
	first := boot(t, dying, p, flow)
	acknowledged := 0
	for i, id := range []string{"1", "2", "1"} {
		_, err := first.Receive(t.Context(), host.Delivery{Connection: "shop", Body: fmt.Appendf(nil, `{"id":%q,"n":%d}`, id, i)})
		if err == nil {
			acknowledged++
		}
	}
	synctest.Wait()
	time.Sleep(time.Second)
	abandon(first)
	survived := dying.left.Load() > 0

	second := boot(t, disk, p, flow)
	defer second.stop()
	second.redeliver(acknowledged)
	time.Sleep(time.Hour)
	check(t, second, n)
	return !survived
}

// redeliver is what the platform does with what was not acknowledged.
func (r *rig) redeliver(from int) {
	for i, id := range []string{"1", "2", "1"} {
		if i >= from {
			r.deliver(id, i)
		}
	}
}

// abandon ends an engine without letting it finish anything.
func abandon(r *rig) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r.Stop(ctx)
}

func check(t *testing.T, r *rig, n int) {
	t.Helper()
	runs := r.runs(host.RunFilter{})
	for _, run := range runs {
		if run.State != host.RunDone {
			t.Errorf("death at commit %d: run %s about %s is %s: %v", n, run.ID, run.Subject, run.State, run.Error)
		}
	}
	if len(runs) != 3 {
		t.Errorf("death at commit %d: %d runs, want 3", n, len(runs))
	}
	if len(r.platform.records) != 2 || r.platform.count("crm.record.create:action") != 2 {
		t.Errorf("death at commit %d: %d records after %d creates", n, len(r.platform.records), r.platform.count("crm.record.create:action"))
	}
	if last := r.platform.order[len(r.platform.order)-1]; r.platform.about("1") != "2" {
		t.Errorf("death at commit %d: the last change of customer 1 is not its newest one: %v (last %s)", n, r.platform.order, last)
	}
}

// about returns the last change that was written about a customer. Changes 0
// and 2 are of customer 1, change 1 is of customer 2.
func (p *platform) about(id string) string {
	last := ""
	for _, n := range p.order {
		if (n == "1") == (id == "2") {
			last = n
		}
	}
	return last
}
