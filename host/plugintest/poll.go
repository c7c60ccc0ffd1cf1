package plugintest

import (
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host/plugintest/rig"
	"github.com/musubi-run/musubi/sdk/simkit"
)

const (
	// pollRecords is how many records a case changes, pollLimit how many events
	// a page may hold, so that there are several pages.
	pollRecords = 25
	pollLimit   = 10
	// failedRecords is how many there are to find after failures.
	failedRecords = 3
	// maxPages is more than any case needs.
	maxPages = 100
	// firstRecord is the number of a case's first record, out of the seed's way.
	firstRecord = 700_000
)

// pollStart is the platform's time when a case begins: amid a minute, so that a
// bound that is not rounded to the platform's whole minutes is past a change.
var pollStart = time.Date(2026, 4, 1, 0, 0, 30, 0, time.UTC)

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
	"same-time-changes":    checkSameTimeChanges,
	"change-between-pages": checkChangeBetweenPages,
	"changed-again":        checkChangedAgain,
	"begins-now":           checkBeginsNow,
	"backfill":             checkBackfill,
	"failures":             checkPollFailures,
	"later-page-fails":     checkLaterPageFails,
	"clocks-differ":        checkClocksDiffer,
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
	w.wantAll()
	if len(w.poll.Change) > 0 && w.seen[w.id(announced)] < 2 {
		w.Errorf("%s changed after it was announced, and was not announced again", w.id(announced))
	}
}

// checkSameTimeChanges: of many records of one time two that were announced
// change while the pages are fetched, and leave the others' time. Those behind
// them move up past what a counted page was asked for last.
func checkSameTimeChanges(w *walk) {
	if len(w.poll.Change) == 0 {
		w.Skip("the trigger announces a record once")
	}
	w.all()
	w.pass(time.Minute)
	w.change(pollRecords, 0)
	w.pass(settling)
	for range 2 {
		if !w.page() {
			w.Skip("the platform lists everything on one or two pages")
		}
	}
	told := w.announced()
	for _, i := range told[:min(2, len(told))] {
		w.touch(i)
	}
	w.settle()
	w.wantAll()
}

// checkChangedAgain: a record changes a second after it was announced. A time
// of change that tells whole minutes only is then the same as before.
func checkChangedAgain(w *walk) {
	if len(w.poll.Change) == 0 {
		w.Skip("the trigger announces a record once")
	}
	w.all()
	w.change(1, 0)
	w.all()
	w.pass(time.Second)
	w.touch(0)
	announced := w.seen[w.id(0)]
	w.settle()
	if w.seen[w.id(0)] <= announced {
		w.Errorf("%s changed after it was announced, and was not announced again", w.id(0))
	}
}

// checkBeginsNow: the very first poll announces nothing that is old. A few hours
// are less than a time zone makes, and than a day to which a bound is rounded.
func checkBeginsNow(w *walk) {
	w.change(3, time.Second)
	w.pass(3 * time.Hour)
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

// checkPollFailures: a poll that the platform fails says so. Taken for an empty
// page, the failure would move the cursor past what was never read.
func checkPollFailures(w *walk) {
	w.all()
	w.pass(settling)
	began := w.p.entries(w.T)
	w.all()
	sent := w.suite.requests(w.T, w.p, began)
	if len(sent) == 0 {
		w.Fatal("the second poll sends no request")
	}
	w.change(failedRecords, time.Second)
	w.pass(settling)
	for _, f := range append(slices.Clone(failures), lateFailures...) {
		if f.fault.Kind != simkit.FaultHang { // a connection that is reset tells the same at once
			f.fault.Match, f.fault.Times = simkit.Match{Method: sent[0].Method, Path: sent[0].Path}, simkit.Forever
			w.fail(f)
		}
	}
	w.settle()
	w.wantEach(failedRecords, 1)
}

// checkLaterPageFails: every request but the first fails, while more records
// share one time than fit on a page, and others are an hour newer. A list that
// is taken for whole where it broke off moves the cursor past what was never
// read, whichever end it begins at.
func checkLaterPageFails(w *walk) {
	w.all()
	w.pass(time.Minute)
	for i := range pollRecords {
		w.make(i)
		if i == pollRecords/2 {
			w.pass(time.Hour)
		}
	}
	w.pass(settling)
	for range maxPages {
		if pages, more := w.untilFailure(); !more || pages == 0 {
			break
		}
	}
	w.settle()
	w.wantEach(pollRecords, 1)
}

// untilFailure fetches pages while the platform answers one request and no other.
func (w *walk) untilFailure() (pages int, more bool) {
	w.Helper()
	fault := failing("status-500").fault
	fault.Skip, fault.Times = 1, simkit.Forever
	rig.Must(w.T, w.p.Inject(w.Context(), fault))
	defer func() { rig.Must(w.T, w.p.ClearFaults(w.Context())) }()
	for more = true; more; pages++ {
		output, fault := w.fetch()
		if fault != nil {
			return pages, true
		}
		more = w.take(output)
	}
	return pages, false
}

// ahead is how far the host's clock is before the platform's where they differ.
const ahead = 30 * time.Second

// checkClocksDiffer: a record changes just after a poll found nothing, and the
// host's clock is ahead. A cursor that is the host's time is then past the change.
func checkClocksDiffer(w *walk) {
	w.all()
	w.pass(settling)
	w.ahead = ahead
	w.all()
	w.pass(time.Second)
	w.change(1, 0)
	w.settle()
	if w.seen[w.id(0)] == 0 {
		w.Errorf("%s changed a second after a poll, while the host's clock was %s before the platform's, and was never announced. Clocks differ, "+
			"and changes become visible late: let the cursor be the greatest time of change that the platform told, never the host's time, "+
			"and begin each poll some time before it, as package page does", w.id(0), ahead)
	}
}

// fail fetches a page that fails, and leaves a connection that knows nothing of it.
func (w *walk) fail(f failure) {
	w.Helper()
	rig.Must(w.T, w.p.Inject(w.Context(), f.fault))
	if output, fault := w.fetch(); fault == nil {
		w.Errorf("%s: the poll succeeded: %s", f.name, output)
	} else if !slices.Contains(f.read, fault.Kind) {
		w.Errorf("%s: failed with %s: %s; want %v", f.name, fault.Kind, fault, f.read)
	}
	rig.Must(w.T, w.p.ClearFaults(w.Context()))
	w.c = w.suite.connect(w.T, w.p, options{settings: w.poll.Settings})
}
