package engine

import (
	"maps"
	"sync"
	"time"

	"github.com/musubi-run/musubi/host"
)

// rounds ends changes of one record that chase each other: two that are under
// way at once between two connections. Each comes back unlike what was written
// last, which is the other one, and so neither is taken for an echo.
//
// It is kept in memory: after a restart they are counted anew.
type rounds struct {
	window time.Duration

	mu sync.Mutex
	// young and old are the records that are written to from both sides. When
	// young is full it becomes old, and what was old is forgotten.
	young, old map[host.Ref]course
	// tells are the connections that were seen to tell of what we wrote there.
	tells map[string]bool
}

// course is what was lately written to a record.
type course struct {
	writes []round
	// fields are what its fields were set to, by their names.
	fields map[string]field
	// ended is how often changes were ended there, at the last time.
	ended int
	at    time.Time
}

// field is what we set a field to, as a hash, and when.
type field struct {
	value string
	at    time.Time
}

// round is one write to a record.
type round struct {
	at time.Time
	// caused is when that happened which it was made for.
	caused time.Time
	// values are what was written; before is what we had written to the other
	// record and came back, "" if nobody knows.
	values, before string
	// times is how often the same values had come back.
	times int
}

const (
	// mostTimes is how often the same values may come back, in turn with others: two whole rounds.
	mostTimes = 4
	// mostEnded is how often changes of one record are ended without a word: where
	// that does not help, what the flows write is wrong, and is cut as a loop.
	mostEnded = 3
	// mostLag is how long a platform takes to tell of a write, mostly, and how far
	// its clock may be from ours. What comes later, and happened later if the platform
	// says when, is taken for a person's change.
	mostLag = 15 * time.Second
	// mostWrites bounds how many writes to one record are remembered, roundsKept of
	// how many records, twice.
	mostWrites = 8
	roundsKept = 2 << 10
)

func newRounds(window time.Duration) *rounds {
	return &rounds{window: window, young: make(map[host.Ref]course), tells: make(map[string]bool)}
}

// goes says whether the write of these values to the record there, for an event
// about the record here, only goes round. If so it must not be made, and the
// changes that are on the other side just now are counted anew: one of them is
// what both records end with. If not, the write is noted.
func (r *rounds) goes(c cause, here, there host.Ref, values string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := round{at: now, caused: c.happened, values: values}
	for _, was := range r.of(here).writes {
		told := c.tells(was.at)
		if c.received.Before(was.at) || (!told && now.Sub(was.at) >= echoWindow) {
			continue
		}
		if next.before = was.values; was.before == values && told {
			next.times = was.times + 1
			break
		}
	}
	to := r.of(there)
	if now.Sub(to.at) >= r.window {
		to.ended = 0
	}
	if next.times > mostTimes && to.ended < mostEnded {
		r.keep(there, course{fields: to.fields, ended: to.ended + 1, at: now})
		return true
	}
	to.writes = noted(to.writes, next)
	r.keep(there, to)
	return false
}

// began is when that happened which led to the event: what our write to its
// record was made for if it tells of that, however late; now if it does not.
func (r *rounds) began(c cause, here host.Ref, now time.Time) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.of(here).writes {
		if c.tells(w.at) && w.caused.Before(now) {
			now = w.caused
		}
	}
	return now
}

// overtook says whether the event about the record here cannot be the echo of
// what we wrote to the record there at a time. Since then changes came from
// there, of which one at least was somebody's, and whatever they led to here is
// long told of: so that record is not as we wrote it, and the event is a
// person's change back. After a restart what the link tells has to do: when the
// record here was written last.
func (r *rounds) overtook(c cause, here, there host.Ref, since, written time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	changes, known := 0, r.of(here)
	if known.fields == nil && known.at.IsZero() && len(known.writes) == 0 {
		known.writes = []round{{at: written}}
	}
	for _, w := range known.writes {
		if !w.at.After(since) {
			continue
		}
		if changes++; c.tells(w.at) {
			return false
		}
	}
	echoes := 0
	if r.tells[there.Connection] {
		echoes = 1
	}
	return changes > echoes
}

// set notes what fields of a record were set to.
func (r *rounds) set(there host.Ref, fields map[string]string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	to := r.of(there)
	to.fields = maps.Clone(to.fields)
	if to.fields == nil {
		to.fields = make(map[string]field, len(fields))
	}
	for name, value := range fields {
		to.fields[name] = field{value, now}
	}
	r.keep(there, to)
}

// holds says whether we set each of the fields to just that, in one write or
// several, none of them before a time, and since when the first of them is so.
func (r *rounds) holds(there host.Ref, fields map[string]string, from, now time.Time) (since time.Time, all bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	since, known := now, r.of(there).fields
	for name, value := range fields {
		f := known[name]
		if f.value != value || !f.at.After(from) {
			return since, false
		}
		if f.at.Before(since) {
			since = f.at
		}
	}
	return since, len(fields) > 0
}

// rests notes that a change came to rest between two records, as what we wrote
// to the one here was told of.
func (r *rounds) rests(here, there host.Ref) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tells[here.Connection] = true
	for _, record := range []host.Ref{here, there} {
		if all := r.of(record); len(all.writes) > 0 {
			all.writes = nil
			r.keep(record, all)
		}
	}
}

func (r *rounds) of(record host.Ref) course {
	if all, known := r.young[record]; known {
		return all
	}
	return r.old[record]
}

func (r *rounds) keep(record host.Ref, all course) {
	if len(r.young) >= roundsKept {
		r.young, r.old = make(map[host.Ref]course), r.young
	}
	r.young[record] = all
}

// noted are the writes with the next one, the last first; the same values are there once.
func noted(writes []round, next round) []round {
	all := []round{next}
	for _, w := range writes {
		if w.values != next.values && len(all) < mostWrites {
			all = append(all, w)
		}
	}
	return all
}
