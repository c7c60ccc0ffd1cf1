package engine

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
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
	// event is what led to it: all that one event leads to is one link of the chain.
	event string
	// since is when the chain began.
	since time.Time
	// object is the kind of the record, or where it is kept; "" if the write does not say.
	object string
}

// ripplesKept is how many records each of the two generations holds, some 10 MB together.
const ripplesKept = 32 << 10

func newLoops(limit int, window time.Duration) *loops {
	return &loops{limit: limit, window: window, young: make(map[host.Ref]ripple)}
}

// next is the write that an event leads to at now, by what we wrote last to
// the record that it is about, under any of its names.
func (l *loops) next(c cause, now time.Time) ripple {
	l.mu.Lock()
	defer l.mu.Unlock()
	longest := ripple{at: now, event: c.event, since: now}
	for _, name := range c.names {
		if last, known := l.last(name); known && last.isOf(cmp.Or(objectOf(name), c.object)) {
			if link := l.follow(last, c, now); link.depth >= longest.depth {
				longest = link
			}
		}
	}
	return longest
}

func (l *loops) last(r host.Ref) (ripple, bool) {
	last, known := l.young[plain(r)]
	if !known {
		last, known = l.old[plain(r)]
	}
	return last, known
}

// follow is the link of a chain after last. An event that had come before the
// chain began is not about our writes; one that came before the last of them is
// about the one before, as where a run writes twice.
func (l *loops) follow(last ripple, c cause, now time.Time) ripple {
	since := c.received.Sub(last.at)
	switch {
	case last.event == c.event:
		return last
	case since >= l.window, c.received.Before(last.since):
		return ripple{at: now, event: c.event, since: now}
	case since < 0:
		return ripple{at: last.at, depth: last.depth, event: c.event, since: last.since}
	default:
		return ripple{at: now, depth: last.depth + 1, event: c.event, since: last.since}
	}
}

// wrote notes a write to a record.
func (l *loops) wrote(r host.Ref, w ripple) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.young) >= ripplesKept {
		l.young, l.old = make(map[host.Ref]ripple), l.young
	}
	w.object = cmp.Or(objectOf(r), r.Object)
	l.young[plain(r)] = w
}

// isOf says whether the record may be one of such objects: numbers of records
// are often given in each of them.
func (w ripple) isOf(object string) bool {
	return w.object == "" || object == "" || strings.EqualFold(w.object, object)
}

// objectOf is what a name that says more tells of its object: 12 of 12/346; "" if it does not.
func objectOf(r host.Ref) string {
	more := strings.TrimSuffix(r.ID, plain(r).ID)
	return plain(host.Ref{ID: strings.TrimSuffix(more, "/")}).ID
}

// settled forgets the chain that had come to a record: it ended there.
func (l *loops) settled(names ...host.Ref) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		delete(l.young, plain(name))
		delete(l.old, plain(name))
	}
}

// plain names a record as events do, which say nothing of its kind. A name that
// says more, as in 12/346, ends with the one that calls take.
func plain(r host.Ref) host.Ref {
	return host.Ref{Connection: r.Connection, ID: r.ID[strings.LastIndexByte(r.ID, '/')+1:]}
}

// cut refuses a write that a chain without end leads to. The chain is forgotten
// with that: without this write it does not go on, and who runs it again wants it so.
func (l *loops) cut(c cause, target string, w ripple) error {
	if w.depth < l.limit {
		return nil
	}
	l.settled(c.names...)
	return &abi.Error{Kind: abi.Conflict, Code: host.CodeLoop, Message: fmt.Sprintf(
		"%s %s changes %s, which changes %[1]s %[2]s again, and so on: %[4]d times since %s. It was stopped here. Compare what "+
			"the flows between the two write, mend one of them (one that changes what it starts on needs an end), then run this "+
			"again. If it is people or sales that change it so often, raise loop_limit, then run this again",
		c.connection, c.subject, target, w.depth, w.since.Format(time.RFC3339))}
}

// turnsFor is how many times as often as a chain may go on a flow may do the same
// to its event's connection: whether it comes back from there is not known.
const turnsFor = 10

// turn counts that a flow does something to the connection that its event came
// from. Where that comes back under a name that we do not know it by, there is
// no chain to be seen; but nothing else has one flow do the same to one thing,
// hundreds of times within the window, for events that came after the first time.
func (l *loops) turn(c cause, flow, target, thing string, now time.Time) error {
	if c.subject == "" || c.connection == host.Builtin {
		return nil
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{flow, c.connection, c.subject, target, thing}, "\x00")))
	name := host.Ref{ID: hex.EncodeToString(sum[:])}
	w := ripple{at: now, event: c.event, since: now}
	l.mu.Lock()
	last, known := l.last(name)
	l.mu.Unlock()
	if known && now.Sub(last.since) < l.window {
		if last.event == c.event || c.received.Before(last.since) {
			return nil
		}
		w.depth, w.since = last.depth+1, last.since
	}
	if w.depth < turnsFor*l.limit {
		l.wrote(name, w)
		return nil
	}
	l.settled(name)
	return l.cut(c, c.connection+" "+target, w)
}

// announced is what an event that a flow announced is kept under, among the
// records: no record is without a connection.
func announced(ev *host.Event) host.Ref { return host.Ref{ID: ev.ID} }

// announces is the announcement that a run for ev makes of what, as the next
// one in a chain of events that flows announce. One without end has neither a
// platform nor a clock that slows it down: it is refused when as many of it as
// may be came within the window. A flow that begins itself again each hour is none.
func (l *loops) announces(ev *host.Event, what string, now time.Time) (ripple, error) {
	link := l.next(cause{event: ev.ID, received: ev.Received, names: []host.Ref{announced(ev)}}, now)
	if now.Sub(link.since) >= l.window {
		link = ripple{at: now, event: ev.ID, since: now}
	}
	if link.depth < l.limit {
		return link, nil
	}
	l.settled(announced(ev))
	return link, &abi.Error{Kind: abi.Conflict, Code: host.CodeLoop, Message: fmt.Sprintf(
		"%s of %s leads to the announcement of %s, which leads to %[1]s again, and so on: %[4]d times since %s. "+
			"It was stopped here. Look at the flows that announce (emit) these events, mend one of them, then run this again",
		ev.Type, ev.Connection, what, link.depth, link.since.Format(time.RFC3339))}
}
