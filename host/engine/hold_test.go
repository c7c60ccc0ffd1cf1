package engine_test

import (
	"fmt"
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
