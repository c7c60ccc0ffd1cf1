package plugintest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/abi"
)

// walk is a poll that goes on, on a sim of its own whose clock stands still.
type walk struct {
	*testing.T

	suite   *suite
	trigger string
	poll    rig.Poll
	p       *platform
	c       *connection
	cursor  json.RawMessage
	since   time.Time
	// ahead is how far the host's clock is before the platform's.
	ahead time.Duration
	// seen counts the announcements of each record, repetitions left out.
	seen map[string]int
	keys map[string]bool
}

func (s *suite) newWalk(t *testing.T, trigger string, poll rig.Poll) *walk {
	t.Helper()
	w := &walk{T: t, suite: s, trigger: trigger, poll: poll, p: s.startSim(t), seen: map[string]int{}, keys: map[string]bool{}}
	rig.Must(t, w.p.Freeze(t.Context(), pollStart))
	w.c = s.connect(t, w.p, options{settings: poll.Settings})
	return w
}

// settling is how long a platform takes at the most until a change is listed.
const settling = 10 * time.Minute

// settle polls until everything that has happened must have been announced.
func (w *walk) settle() {
	w.Helper()
	w.all()
	w.pass(settling)
	w.all()
}

// all fetches pages until there are no more.
func (w *walk) all() {
	w.Helper()
	for range maxPages {
		if !w.page() {
			return
		}
	}
	w.Fatalf("the poll does not end after %d pages", maxPages)
}

// page fetches one page and says whether there are more.
func (w *walk) page() bool {
	w.Helper()
	output, fault := w.fetch()
	if fault != nil {
		w.Fatalf("%s: %s", fault.Kind, fault)
	}
	return w.take(output)
}

// take moves to what a fetched page says and tells whether there are more.
func (w *walk) take(output []byte) (more bool) {
	w.Helper()
	var page abi.PollPage
	if err := json.Unmarshal(output, &page); err != nil {
		w.Fatalf("reading the page: %v", err)
	}
	w.note(page.Events)
	w.cursor = page.Cursor
	if page.Wait != nil {
		w.pass(page.Wait.After())
	}
	return page.More || page.Wait != nil
}

// fetch asks the connector for the page at the cursor, which stays where it is.
func (w *walk) fetch() ([]byte, *abi.Error) {
	w.Helper()
	input, err := json.Marshal(abi.PollInput{Cursor: w.cursor, Since: w.since, Limit: pollLimit})
	if err != nil {
		w.Fatal(err)
	}
	return w.c.invoke(w.T, abi.Call{Op: abi.OpPoll, Name: w.trigger, Body: input, Now: w.p.now(w.T).Add(w.ahead)})
}

// note counts the announced records, leaving out what the host would drop as a repetition.
func (w *walk) note(events []abi.Event) {
	w.Helper()
	for i, key := range dedupeKeys(events) {
		event := events[i]
		if event.Type != w.trigger {
			w.Errorf("the poll of %s announces %s", w.trigger, event.Type)
		}
		w.suite.checkEvent(w.T, &event, func(trigger *abi.Trigger) bool { return trigger.Poll })
		if !w.keys[key] {
			w.seen[w.record(event.Subject)]++
		}
		w.keys[key] = true
	}
}

// record returns the id of the case's record that an event is about, as the
// fixture writes it: a platform may have a longer form.
func (w *walk) record(subject string) string {
	for i := range pollRecords {
		if id := w.id(i); strings.HasPrefix(subject, id) {
			return id
		}
	}
	return subject
}

// wantEach demands that each of the first count records was announced n times.
func (w *walk) wantEach(count, n int) {
	w.Helper()
	w.want(count, fmt.Sprintf("%d times", n), func(got int) bool { return got == n })
}

// wantAll demands that each record was announced.
func (w *walk) wantAll() {
	w.Helper()
	w.want(pollRecords, "at least once", func(got int) bool { return got > 0 })
}

// shown is how many records a message names.
const shown = 5

func (w *walk) want(count int, often string, right func(got int) bool) {
	w.Helper()
	var wrong []string
	for i := range count {
		if got := w.seen[w.id(i)]; !right(got) {
			wrong = append(wrong, fmt.Sprintf("%s (%d times)", w.id(i), got))
		}
	}
	if len(wrong) == 0 {
		return
	}
	w.Errorf("%d of %d records were not announced %s: %s%s", len(wrong), count, often, few(wrong), w.strangers())
}

// few lists some of many.
func few(all []string) string {
	if len(all) <= shown {
		return strings.Join(all, ", ")
	}
	return strings.Join(all[:shown], ", ") + fmt.Sprintf(" and %d more", len(all)-shown)
}

// strangers tells of events about none of the case's records. They may be the
// case's after all, with subjects that are written otherwise than the fixture's ids.
func (w *walk) strangers() string {
	known := map[string]bool{}
	for i := range pollRecords {
		known[w.id(i)] = true
	}
	var others []string
	for _, subject := range slices.Sorted(maps.Keys(w.seen)) {
		if !known[subject] {
			others = append(others, strconv.Quote(subject))
		}
	}
	if len(others) == 0 {
		return ""
	}
	return fmt.Sprintf(`. Other events had the subjects %s: if those are these records, let "id" of polls in conformance.json be how their subjects begin`, few(others))
}

// announced are the records that were announced.
func (w *walk) announced() (all []int) {
	for i := range pollRecords {
		if w.seen[w.id(i)] > 0 {
			all = append(all, i)
		}
	}
	return all
}

// pick returns a record that was announced and one that was not.
func (w *walk) pick() (announced, waiting int) {
	w.Helper()
	announced, waiting = -1, -1
	for i := range pollRecords {
		if w.seen[w.id(i)] > 0 {
			announced = i
		} else {
			waiting = i
		}
	}
	if announced < 0 || waiting < 0 {
		w.Fatalf("after one page %d of %d records were announced", len(w.seen), pollRecords)
	}
	return announced, waiting
}

// change makes records as staff would, with a pause after each.
func (w *walk) change(count int, pause time.Duration) {
	w.Helper()
	for i := range count {
		w.make(i)
		w.pass(pause)
	}
}

func (w *walk) make(i int) {
	w.Helper()
	rig.Must(w.T, w.p.PutRecord(w.Context(), w.poll.Collection, w.id(i), w.fill(w.poll.Record.Record, i)))
}

// touch changes a record again.
func (w *walk) touch(i int) {
	w.Helper()
	if len(w.poll.Change) > 0 {
		rig.Must(w.T, w.p.PutRecord(w.Context(), w.poll.Collection, w.id(i), w.fill(w.poll.Change, i)))
	}
}

func (w *walk) pass(d time.Duration) {
	w.Helper()
	if d > 0 {
		rig.Must(w.T, w.p.Advance(w.Context(), d))
	}
}

func (w *walk) id(i int) string { return fillNumber(w.poll.ID, firstRecord+i) }

func (w *walk) fill(template json.RawMessage, i int) json.RawMessage {
	w.Helper()
	text := fillNumber(string(template), firstRecord+i)
	return json.RawMessage(strings.ReplaceAll(text, "{now}", w.p.now(w.T).Format(time.RFC3339)))
}

// fillNumber replaces {n} and, padded with zeros to a width, {n:06}.
func fillNumber(template string, n int) string {
	before, rest, found := strings.Cut(template, "{n")
	if !found {
		return template
	}
	format, after, _ := strings.Cut(rest, "}")
	width, err := strconv.Atoi(strings.TrimPrefix(format, ":"))
	if err != nil {
		width = 0
	}
	return before + fmt.Sprintf("%0*d", width, n) + fillNumber(after, n)
}
