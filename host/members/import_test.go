package members_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/host/store"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// disk is a store whose commits take a while, and fail from one on.
type disk struct {
	store.Store

	takes          time.Duration
	commits, fails int
}

var errDisk = errors.New("the disk is broken")

func (d *disk) Commit(ctx context.Context, b store.Batch) error {
	time.Sleep(d.takes)
	if d.commits++; d.fails > 0 && d.commits >= d.fails {
		return errDisk
	}
	return d.Store.Commit(ctx, b)
}

// batch is how many facts an import takes in in one commit.
const batch = 256

// history is a friend who is a customer with n orders.
func history(n int) []members.Fact {
	friend, customer := follow("U1"), commerce.Customer{ID: "7", LineID: "U1"}
	facts := []members.Fact{{Connection: "line", Value: &friend}, {Connection: "shop", Value: &customer}}
	for i := range n {
		o := order(fmt.Sprint(i), "7", i%300)
		facts = append(facts, members.Fact{Connection: "shop", Value: &o})
	}
	return facts
}

func (r *rig) importAll(facts []members.Fact) ([]error, error) {
	return r.members.Import(r.t.Context(), host.Cause{By: host.ByImport}, facts, true)
}

// The next batch is decided while one is written: the clock stands still until
// everybody waits for it.
func TestBatchesOfAnImportSeeEachOther(t *testing.T) { synctest.Test(t, testBatches) }

func testBatches(t *testing.T) {
	r := newRig(t, variousRules()...)
	r.disk.takes = time.Second
	r.imports(history(4 * batch))
	if got := r.friend("U1").Totals; got.Orders != 4*batch || got.Amount != 1000*4*batch {
		t.Errorf("got %+v", got)
	}
	cancelled := order("0", "7", 0)
	cancelled.CancelledAt = start
	more := history(6 * batch)[4*batch+2:]
	r.imports(append(more, members.Fact{Connection: "shop", Value: &cancelled})) // counts again, over what is not written yet
	if got := r.friend("U1").Totals; got.Orders != 6*batch-1 {
		t.Errorf("got %+v", got)
	}
}

// imports has the facts imported, all of them.
func (r *rig) imports(facts []members.Fact) {
	r.t.Helper()
	for i, why := range must(r.importAll(facts))(r.t) {
		if why != nil {
			r.t.Fatalf("fact %d is refused: %v", i, why)
		}
	}
}

func TestAnImportEndsWhereTheDiskFails(t *testing.T) {
	r := newRig(t)
	r.disk.fails = r.disk.commits + 3
	facts := history(5 * batch)
	if refused, err := r.importAll(facts); !errors.Is(err, errDisk) || len(refused) != len(facts) {
		t.Fatalf("got %v, %d", err, len(refused))
	}
	if got := r.friend("U1").Totals.Orders; got != 2*batch-2 {
		t.Errorf("%d orders were counted, want those of two commits", got)
	}
	r.disk.fails = 0
	if _, err := r.importAll(facts); err != nil {
		t.Fatal(err)
	}
	if got := r.friend("U1").Totals.Orders; got != 5*batch {
		t.Errorf("%d orders are counted after they were told again", got)
	}
}

func TestImportsAtTheSameTime(t *testing.T) {
	r := newRig(t)
	faults := make(chan error)
	for n := range 3 {
		go func() {
			_, err := r.importAll(history(batch * (n + 2)))
			faults <- err
		}()
	}
	for range 3 {
		if err := <-faults; err != nil {
			t.Error(err)
		}
	}
	if got := r.friend("U1").Totals.Orders; got != 4*batch {
		t.Errorf("%d orders are counted, want each once", got)
	}
}
