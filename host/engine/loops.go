package engine

import (
	"fmt"
	"sync"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// loops finds syncs that never settle: our write to a record comes back as its
// event, whose flow writes other values to another record, which comes back
// too, and so on. Each write is given the depth of the chain that it ends. How
// often a record is written says nothing: an import may write it a thousand times.
//
// It is kept in memory: a loop that a restart interrupts is counted anew.
type loops struct {
	limit  int
	window time.Duration

	mu sync.Mutex
	// young and old are what was written lately, by record. When young is full it
	// becomes old, and what was old is forgotten.
	young, old map[host.Ref]ripple
}

// ripple is one write in a chain.
type ripple struct {
	at    time.Time
	depth int
	// since is when the chain began.
	since time.Time
}

// ripplesKept is how many records each of the two generations holds, some 10 MB together.
const ripplesKept = 32 << 10

func newLoops(limit int, window time.Duration) *loops {
	return &loops{limit: limit, window: window, young: make(map[host.Ref]ripple)}
}

// next is the write that an event of the record leads to at now. An event that
// had come before we wrote to the record is not about our write.
func (l *loops) next(cause host.Ref, received, now time.Time) ripple {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, known := l.young[plain(cause)]
	if !known {
		last, known = l.old[plain(cause)]
	}
	if since := received.Sub(last.at); !known || since < 0 || since >= l.window {
		return ripple{at: now, since: now}
	}
	return ripple{at: now, depth: last.depth + 1, since: last.since}
}

// wrote notes a write to a record.
func (l *loops) wrote(r host.Ref, w ripple) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.young) >= ripplesKept {
		l.young, l.old = make(map[host.Ref]ripple), l.young
	}
	l.young[plain(r)] = w
}

// settled forgets the chain that had come to a record: it ended there.
func (l *loops) settled(r host.Ref) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.young, plain(r))
	delete(l.old, plain(r))
}

// plain names a record as events do, which say nothing of its kind.
func plain(r host.Ref) host.Ref { return host.Ref{Connection: r.Connection, ID: r.ID} }

// cut refuses a write that a chain without end leads to. The chain is forgotten
// with that: without this write it does not go on, and who runs it again wants it so.
func (l *loops) cut(cause host.Ref, target string, w ripple) error {
	if w.depth < l.limit {
		return nil
	}
	l.settled(cause)
	return &abi.Error{Kind: abi.Conflict, Code: host.CodeLoop, Message: fmt.Sprintf(
		"%s %s changes %s, which changes %[1]s %[2]s again, and so on: %[4]d times since %s, each time with other values. "+
			"It was stopped here. Compare what the flows between the two write, mend one of them, then run this again",
		cause.Connection, cause.ID, target, w.depth, w.since.Format(time.RFC3339))}
}

// announced is what an event that a flow announced is kept under, among the
// records: no record is without a connection.
func announced(ev *host.Event) host.Ref { return host.Ref{ID: ev.ID} }

// announces is the announcement that a run for cause makes of what, as the next
// one in a chain of events that flows announce. One without end has neither a
// platform nor a clock that slows it down: it is refused when as many of it as
// may be came within the window. A flow that begins itself again each hour is none.
func (l *loops) announces(cause *host.Event, what string, now time.Time) (ripple, error) {
	link := l.next(announced(cause), cause.Received, now)
	if now.Sub(link.since) >= l.window {
		link = ripple{at: now, since: now}
	}
	if link.depth < l.limit {
		return link, nil
	}
	l.settled(announced(cause))
	return link, &abi.Error{Kind: abi.Conflict, Code: host.CodeLoop, Message: fmt.Sprintf(
		"%s of %s leads to the announcement of %s, which leads to %[1]s again, and so on: %[4]d times since %s. "+
			"It was stopped here. Look at the flows that announce (emit) these events, mend one of them, then run this again",
		cause.Type, cause.Connection, what, link.depth, link.since.Format(time.RFC3339))}
}
