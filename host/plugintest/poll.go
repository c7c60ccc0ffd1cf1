package plugintest

import (
	"testing"
	"time"
)

const (
	// pollRecords is how many records a case changes, pollLimit how many events
	// a page may hold, so that there are several pages.
	pollRecords = 25
	pollLimit   = 10
	// maxPages is more than any case needs.
	maxPages = 100
	// firstRecord is the number of a case's first record, out of the seed's way.
	firstRecord = 700_000
)

// pollStart is the platform's time when a case begins.
var pollStart = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

// checkPolls walks every polled trigger over several pages, in the ways in
// which polls lose records or announce them twice.
func (s *suite) checkPolls(t *testing.T) {
	for _, trigger := range s.manifest.Triggers {
		if !trigger.Poll {
			continue
		}
		poll, known := s.fixture.Polls[trigger.Name]
		if !known {
			s.waivers.run(t, "poll", "coverage/"+trigger.Name, func(t *testing.T) {
				t.Errorf(`"polls" in conformance.json does not say how to change what %s looks for`, trigger.Name)
			})
			continue
		}
		for name, check := range pollChecks {
			s.waivers.run(t, "poll", trigger.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				check(s.newWalk(t, trigger.Name, poll))
			})
		}
	}
}

var pollChecks = map[string]func(*walk){
	"several-pages":        checkSeveralPages,
	"same-time":            checkSameTime,
	"change-between-pages": checkChangeBetweenPages,
	"begins-now":           checkBeginsNow,
	"backfill":             checkBackfill,
}

// checkSeveralPages: everything is announced once, and the cursor alone tells
// a new connection that there is nothing more.
func checkSeveralPages(w *walk) {
	w.all()
	w.change(pollRecords, time.Second)
	w.settle()
	w.wantEach(pollRecords, 1)
	w.c = w.suite.connect(w.T, w.p, options{settings: w.poll.Settings})
	w.pass(time.Hour)
	w.all()
	w.wantEach(pollRecords, 1)
}

// checkSameTime: an import writes more records at one moment than fit on a page.
func checkSameTime(w *walk) {
	w.all()
	w.pass(time.Minute)
	w.change(pollRecords, 0)
	w.settle()
	w.wantEach(pollRecords, 1)
}

// checkChangeBetweenPages: records change while the pages are fetched, one that
// was announced and one that was not. Page numbers lose a record here.
func checkChangeBetweenPages(w *walk) {
	w.all()
	w.change(pollRecords, time.Second)
	w.pass(settling)
	if !w.page() {
		w.Skip("the platform lists everything on one page")
	}
	announced, waiting := w.pick()
	w.pass(time.Second)
	w.touch(announced)
	w.touch(waiting)
	w.settle()
	for i := range pollRecords {
		if w.seen[w.id(i)] == 0 {
			w.Errorf("%s was never announced", w.id(i))
		}
	}
	if len(w.poll.Change) > 0 && w.seen[w.id(announced)] < 2 {
		w.Errorf("%s changed after it was announced, and was not announced again", w.id(announced))
	}
}

// checkBeginsNow: the very first poll announces nothing that is old.
func checkBeginsNow(w *walk) {
	w.change(3, time.Second)
	w.pass(24 * time.Hour)
	w.all()
	w.wantEach(3, 0)
}

// checkBackfill: with a lower bound the first poll announces what changed since then.
func checkBackfill(w *walk) {
	w.change(pollRecords, time.Second)
	w.pass(24 * time.Hour)
	w.since = pollStart
	w.all()
	w.wantEach(pollRecords, 1)
}
