package engine

import (
	"fmt"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
)

func TestOnlyAnswersMakeAChain(t *testing.T) {
	shop := host.Ref{Connection: "shop", Object: "Customer", ID: "1"}
	for name, c := range map[string]struct {
		received time.Duration // after our write to the record
		want     int
	}{
		"an answer":                        {time.Second, 4},
		"an event from before the write":   {-time.Second, 0},
		"one that comes when all is quiet": {time.Hour, 0},
	} {
		l := newLoops(60, time.Hour)
		l.wrote(shop, ripple{at: noon, depth: 3, since: noon})
		if got := l.next(causeOf(&host.Event{ID: "E", Connection: "shop", Subject: "1", Received: noon.Add(c.received)}), noon.Add(2*time.Hour)); got.depth != c.want {
			t.Errorf("%s: depth %d, want %d", name, got.depth, c.want)
		}
		l.settled(shop)
		if got := l.next(causeOf(&host.Event{ID: "E", Connection: "shop", Subject: "1", Received: noon.Add(c.received)}), noon); got.depth != 0 {
			t.Errorf("%s, after it settled: depth %d", name, got.depth)
		}
	}
}

// However many records are written, what is remembered of them is bounded, and
// what was written lately is never forgotten.
func TestLoopsRememberOnlyTheLatestWrites(t *testing.T) {
	l := newLoops(60, time.Hour)
	for n := range 5 * ripplesKept {
		l.wrote(host.Ref{Connection: "crm", ID: fmt.Sprint(n)}, ripple{at: noon})
		if n >= ripplesKept-1 {
			if got := l.next(causeOf(&host.Event{ID: "E", Connection: "crm", Subject: fmt.Sprint(n - ripplesKept + 1), Received: noon}), noon); got.depth != 1 {
				t.Fatalf("a write was forgotten after %d others", ripplesKept-1)
			}
		}
	}
	if kept := len(l.young) + len(l.old); kept > 2*ripplesKept {
		t.Errorf("%d writes are kept", kept)
	}
}
