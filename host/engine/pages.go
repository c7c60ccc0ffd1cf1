package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// mostLeft is how many items may fail before a foreach that goes on with the
// others stops too: each is kept, to be done again.
const mostLeft = 1000

// walk is how far a foreach over pages has come: what the journal keeps of it.
// The page under way is journaled as it was fetched, and its items' steps
// beside it; when all are done both are forgotten, so neither memory nor the
// journal grows with the list.
type walk struct {
	// Next is where the page under way begins; Pages and Items count what is behind.
	Next  json.RawMessage `json:"next,omitempty"`
	Pages int             `json:"pages"`
	Items int             `json:"items"`
	End   bool            `json:"end,omitempty"`
	// Left are pages with items that failed, Failed how many items those are, and
	// First what was wrong with the first of them.
	Left   []int      `json:"left,omitempty"`
	Failed int        `json:"failed,omitempty"`
	First  *abi.Error `json:"first,omitempty"`
}

// left is what the journal keeps of a page that is behind: items that failed.
type left struct {
	Left []item `json:"left"`
}

// walker walks one foreach over its pages.
type walker struct {
	*execution

	path  string
	d     *rules.Foreach
	scope *rules.Scope
	rec   host.StepRecord
	at    walk
	// redoing says that items are done again that failed.
	redoing bool
}

// eachPage performs the inner steps for every item of every page, one page at
// a time. Items that failed in an earlier attempt are done again first.
func (x *execution) eachPage(ctx context.Context, path string, d *rules.Foreach, scope *rules.Scope, rec *host.StepRecord) error {
	w := &walker{execution: x, path: path, d: d, scope: scope, rec: host.StepRecord{Path: path, Started: x.Now()}}
	if rec != nil {
		w.rec = *rec
		if err := json.Unmarshal(rec.Output, &w.at); err != nil {
			return fmt.Errorf("reading how far the pages are: %w", err)
		}
	}
	if w.rec.State == host.StepDone {
		return nil
	}
	if err := w.sweep(ctx); err != nil {
		return err
	}
	if w.rec.State == host.StepFailed {
		if err := w.redo(ctx); err != nil {
			return err
		}
	}
	for !w.at.End && w.at.Failed <= mostLeft {
		if err := w.turn(ctx); err != nil {
			return err
		}
	}
	return w.finish()
}

// turn performs the steps of one page and leaves it behind.
func (w *walker) turn(ctx context.Context) error {
	page, err := w.fetch(ctx)
	if err != nil {
		return err
	}
	if page.Wait != nil && len(page.Items) == 0 {
		return w.pause(page)
	}
	if len(page.Next) > 0 && string(page.Next) == string(w.at.Next) {
		return &abi.Error{Kind: abi.Internal, Message: w.d.Pages.Name() + " hands out the same page again and again"}
	}
	items := make([]item, len(page.Items))
	for i, data := range page.Items {
		items[i] = item{i, data}
	}
	n := w.at.Pages
	faults, err := w.perform(ctx, n, items)
	if err != nil {
		return err
	}
	w.at.Pages++
	w.at.Items += len(items)
	w.at.Next, w.at.End = page.Next, len(page.Next) == 0
	return w.leave(ctx, n, items, faults)
}

// pause lets the run rest while the platform prepares what is to be listed.
func (w *walker) pause(page rules.Page) error {
	w.at.Next = page.Next
	if err := w.note(host.StepStarted); err != nil {
		return err
	}
	return resting{until: w.Now().Add(page.Wait.After())}
}

// perform does the items of a page. An error means that the page is not over.
func (w *walker) perform(ctx context.Context, n int, items []item) (*faults, error) {
	faults, err := w.items(ctx, w.prefix(n), w.d, items, w.scope)
	switch {
	case err != nil:
		return nil, err
	case faults.whole != nil || (!w.d.Continue && len(faults.failed) > 0):
		return nil, faults.sum(len(items))
	}
	return faults, nil
}

// fetch returns the page under way, from the journal if it was fetched before.
func (w *walker) fetch(ctx context.Context) (rules.Page, error) {
	pages, path := w.d.Pages, w.pagePath(w.at.Pages)
	rec := w.recorded(path)
	if rec != nil && rec.State == host.StepDone {
		return pages.Read(rec.Output)
	}
	input, err := pages.Input(w.scope, w.at.Next)
	if err != nil {
		return rules.Page{}, err
	}
	in := host.Invocation{
		Connection: pages.Connection, Op: abi.OpPoll, Input: input, IdempotencyKey: idempotencyKey(&w.run.Run, path),
	}
	if pages.Action != nil {
		in.Op, in.Name = abi.OpAction, pages.Action.Name
	} else {
		in.Name = pages.Trigger.Name
	}
	done := w.attempt(path, in.Connection, in.Name, rec)
	done.Input = input
	output, err := w.invoke(ctx, in, done)
	if err != nil {
		return rules.Page{}, err
	}
	page, err := pages.Read(output)
	if err != nil || (page.Wait != nil && len(page.Items) == 0) {
		return page, err
	}
	done.State, done.Output, done.Ended = host.StepDone, output, w.Now()
	w.record(done)
	return page, nil
}

// leave puts a page behind: of the journal only the items that failed stay.
// How far the walk is goes to disk before anything is deleted.
func (w *walker) leave(ctx context.Context, n int, items []item, faults *faults) error {
	w.at.Left = slices.DeleteFunc(w.at.Left, func(l int) bool { return l == n })
	var failed left
	for _, it := range items {
		if faults.failed[it.Place] != nil {
			failed.Left = append(failed.Left, it)
		}
	}
	if len(failed.Left) > 0 {
		w.at.Left = append(w.at.Left, n)
		w.at.Failed += len(failed.Left)
		_, first := faults.first()
		if err := w.keep(n, failed, abi.AsError(first)); err != nil {
			return err
		}
	}
	drop := w.dropped(n, failed)
	state := host.StepStarted
	if w.redoing { // an interruption must not forget that there are others
		state = host.StepFailed
	}
	if err := w.note(state); err != nil {
		return err
	}
	if err := w.flush(ctx); err != nil {
		return err
	}
	return w.forget(ctx, drop)
}

// keep journals what is left of a page.
func (w *walker) keep(n int, failed left, first *abi.Error) error {
	if w.at.First == nil {
		w.at.First = first
	}
	output, err := json.Marshal(failed)
	if err != nil {
		return fmt.Errorf("encoding the items that failed: %w", err)
	}
	path := w.pagePath(n)
	rec := &host.StepRecord{Path: path, Started: w.Now()}
	if before := w.recorded(path); before != nil {
		rec = new(*before)
	}
	rec.State, rec.Output, rec.Error, rec.Ended = host.StepFailed, output, first, w.Now()
	w.record(rec)
	return nil
}

// note journals how far the walk is.
func (w *walker) note(state host.StepState) error {
	output, err := json.Marshal(w.at)
	if err != nil {
		return fmt.Errorf("encoding how far the pages are: %w", err)
	}
	w.rec.State, w.rec.Output = state, output
	if state != host.StepFailed {
		w.rec.Error = nil
	}
	w.record(new(w.rec))
	w.rec.Seq = w.recorded(w.path).Seq
	return nil
}

// redo does the items again that failed.
func (w *walker) redo(ctx context.Context) error {
	w.at.First = nil
	w.redoing = true
	defer func() { w.redoing = false }()
	for _, n := range slices.Clone(w.at.Left) {
		var page left
		rec := w.recorded(w.pagePath(n))
		if rec == nil {
			return &abi.Error{Kind: abi.Internal, Message: fmt.Sprintf("the journal does not hold what was left of page %d", n+1)}
		}
		if err := json.Unmarshal(rec.Output, &page); err != nil {
			return fmt.Errorf("reading which items failed: %w", err)
		}
		faults, err := w.perform(ctx, n, page.Left)
		if err != nil {
			return err
		}
		w.at.Failed -= len(page.Left)
		if err := w.leave(ctx, n, page.Left, faults); err != nil {
			return err
		}
	}
	return nil
}

// finish ends the step: done, or failed because of some of its items.
func (w *walker) finish() error {
	w.rec.Ended = w.Now()
	if w.at.Failed == 0 {
		return w.note(host.StepDone)
	}
	summary := &abi.Error{Kind: w.at.First.Kind, Code: w.at.First.Code, Message: fmt.Sprintf(
		"%d of %d items failed, the first: %s", w.at.Failed, w.at.Items, w.at.First.Message)}
	w.rec.Error = summary
	if err := w.note(host.StepFailed); err != nil {
		return err
	}
	return summary
}

func (w *walker) pagePath(n int) string { return w.path + "[" + strconv.Itoa(n) + "]" }

// prefix begins the paths of a page's items, as in orders[3.17].send.
func (w *walker) prefix(n int) string { return w.path + "[" + strconv.Itoa(n) + "." }

// dropped takes the records of a page that is behind out of memory, and out of
// what is yet to be written, and returns them.
func (w *walker) dropped(n int, failed left) []*host.StepRecord {
	keep := make([]string, len(failed.Left))
	for i, it := range failed.Left {
		keep[i] = w.prefix(n) + strconv.Itoa(it.Place) + "]."
	}
	return w.take(func(path string) bool {
		if path == w.pagePath(n) {
			return len(keep) == 0
		}
		return strings.HasPrefix(path, w.prefix(n)) && !slices.ContainsFunc(keep, func(k string) bool { return strings.HasPrefix(path, k) })
	})
}

// take removes records from the journal in memory and returns them.
func (x *execution) take(which func(path string) bool) []*host.StepRecord {
	x.mu.Lock()
	defer x.mu.Unlock()
	var taken []*host.StepRecord
	for path, rec := range x.journal {
		if which(path) {
			taken = append(taken, rec)
			delete(x.journal, path)
		}
	}
	x.pending = slices.DeleteFunc(x.pending, func(rec *host.StepRecord) bool { return which(rec.Path) })
	return taken
}

// forgetBatch is how many journal rows are deleted in one commit.
const forgetBatch = 1000

// forget deletes rows of the journal.
func (x *execution) forget(ctx context.Context, steps []*host.StepRecord) error {
	for batch := range slices.Chunk(steps, forgetBatch) {
		var c ledger.Change
		for _, s := range batch {
			c.DropStep(s)
		}
		if err := x.Ledger.Commit(ctx, &c); err != nil {
			return &unrecorded{err}
		}
	}
	return nil
}

// sweep deletes what a crash left of pages that are behind.
func (w *walker) sweep(ctx context.Context) error {
	return w.forget(ctx, w.take(func(path string) bool {
		place, inside := strings.CutPrefix(path, w.path+"[")
		if !inside {
			return false
		}
		n, err := strconv.Atoi(place[:max(0, strings.IndexAny(place, ".]"))])
		return err == nil && n < w.at.Pages && !slices.Contains(w.at.Left, n)
	}))
}
