package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Backfill is history of a connection's trigger, run through the flows.
type Backfill struct {
	Connection string    `json:"connection"`
	Trigger    string    `json:"trigger"`
	Since      time.Time `json:"since"`
}

// Progress is how far a backfill has come. It lives in a cursor of its own, so
// a backfill goes on after a restart and never moves the poll's cursor.
type Progress struct {
	Backfill

	// Cursor is where the next page begins.
	Cursor json.RawMessage `json:"cursor,omitempty"`
	Pages  int             `json:"pages"`
	// Events counts those that were found; of these, the ones that had been
	// accepted before start nothing again.
	Events int  `json:"events"`
	Done   bool `json:"done"`
	// Fault is why the page under way could not be had, Waiting what the platform
	// prepares before there is one; Again is when it is asked again. All are empty
	// while pages come.
	Fault   *abi.Error `json:"fault,omitempty"`
	Waiting *abi.Text  `json:"waiting,omitempty"`
	Again   time.Time  `json:"again,omitzero"`
}

// Backlog tells how many runs of backfills wait, so that history is fetched
// no faster than it is worked off.
type Backlog interface {
	Backlog(ctx context.Context, most int) (int, error)
	// Live says whether runs of what happens now wait to be executed.
	Live(ctx context.Context) (bool, error)
}

// Backfiller runs backfills, each page one commit with its progress, at lower
// priority than what happens now. Its methods may be called from any goroutine.
type Backfiller struct {
	Options

	backlog Backlog
	jobs    *roster[Backfill]
}

// NewBackfiller returns a backfiller without work.
func NewBackfiller(o Options, backlog Backlog) *Backfiller {
	b := &Backfiller{Options: o, backlog: backlog}
	b.jobs = newRoster(b.work)
	return b
}

// Watch works on these backfills and no others.
func (b *Backfiller) Watch(jobs []Backfill) { b.jobs.watch(jobs) }

// Stop ends all work; it goes on with the next Watch. It may be called twice.
func (b *Backfiller) Stop() { b.jobs.stop() }

const backfillPrefix = "backfill:"

// cursorName names the cursor of a backfill.
func (f Backfill) cursorName() string {
	return backfillPrefix + f.Trigger + ":" + f.Since.UTC().Format(time.RFC3339)
}

// ProgressOf reads a backfill's progress from its cursor; ok is false for the
// cursor of something else.
func ProgressOf(c host.Cursor) (p Progress, ok bool, err error) {
	if !strings.HasPrefix(c.Trigger, backfillPrefix) {
		return p, false, nil
	}
	if err := json.Unmarshal(c.Value, &p); err != nil {
		return p, true, fmt.Errorf("reading the progress of %s: %w", c.Trigger, err)
	}
	return p, true, nil
}

// Begin makes the backfill known, durably, and returns since when it stands as it
// does. One that is known already goes on where it stands; anew has one that is
// done be fetched once more, from its begin.
func (b *Backfiller) Begin(ctx context.Context, job Backfill, anew bool) (p Progress, updated time.Time, err error) {
	read, err := b.Cursors.Cursor(ctx, job.Connection, job.cursorName())
	if err != nil {
		return p, updated, fmt.Errorf("reading the backfill's progress: %w", err)
	}
	if read.Value != nil {
		if p, _, err = ProgressOf(read.Cursor); err != nil || !anew || !p.Done {
			return p, read.Updated, err
		}
	}
	p = Progress{Backfill: job}
	next, err := b.cursor(p)
	if err != nil {
		return p, updated, err
	}
	_, err = b.Intake.AcceptPage(ctx, host.Page{Origin: host.OriginBackfill}, read, next)
	b.jobs.again(func(f Backfill) bool { return f == job }) // who did it has ended
	return p, next.Updated, err
}

func (b *Backfiller) cursor(p Progress) (host.Cursor, error) {
	value, err := json.Marshal(p)
	if err != nil {
		return host.Cursor{}, fmt.Errorf("encoding the backfill's progress: %w", err)
	}
	return host.Cursor{Connection: p.Connection, Trigger: p.cursorName(), Value: value, Updated: b.Now()}, nil
}

const (
	// backlogMost is how many runs may wait before the next page is fetched.
	backlogMost = 1000
	// backlogPause is how long to let them be worked off.
	backlogPause = time.Second
	// pageRetry is the pause after a page that failed.
	pageRetry = 30 * time.Second
	// yieldMost is how many pauses a page makes for runs of what happens now.
	yieldMost = 30
)

// yield lets what happens now go first, but not for ever.
func (b *Backfiller) yield(ctx context.Context) {
	for range yieldMost {
		live, err := b.backlog.Live(ctx)
		if err != nil || !live || ctx.Err() != nil {
			return
		}
		rest(ctx, backlogPause)
	}
}

func (b *Backfiller) work(ctx context.Context, job Backfill) {
	ctx = host.Background(ctx)
	for ctx.Err() == nil {
		waiting, err := b.backlog.Backlog(ctx, backlogMost)
		if err == nil && waiting >= backlogMost {
			rest(ctx, backlogPause)
			continue
		}
		b.yield(ctx)
		p, err := b.page(ctx, job)
		switch {
		case err != nil:
			b.stumble(ctx, job, err)
		case p.Done:
			return
		case p.Waiting != nil:
			rest(ctx, p.Again.Sub(b.Now()))
		}
	}
}

// stumble rests after a page that could not be had. It is no trouble to let
// others go first; that the connection does not work was logged when it was found out.
func (b *Backfiller) stumble(ctx context.Context, job Backfill, err error) {
	if ctx.Err() != nil {
		return
	}
	pause := max(pageRetry, abi.AsError(err).RetryAfter())
	if !isHeld(err) && abi.AsError(err).Code != host.CodeYields {
		b.Logger.Warn("backfill page failed, repeating", "connection", job.Connection, "trigger", job.Trigger, "error", err, "again_in", pause.String())
	}
	b.tell(ctx, job, abi.AsError(err), b.Now().Add(pause))
	rest(ctx, pause)
}

// tell keeps why a page could not be had, for people to see. If that cannot be
// kept either, the log has to do.
func (b *Backfiller) tell(ctx context.Context, job Backfill, fault *abi.Error, again time.Time) {
	read, err := b.Cursors.Cursor(ctx, job.Connection, job.cursorName())
	if err != nil {
		return
	}
	p, known, err := ProgressOf(read.Cursor)
	if err != nil || !known || p.Done {
		return
	}
	p.Fault, p.Waiting, p.Again = fault, nil, again
	next, err := b.cursor(p)
	if err == nil {
		next.Updated = read.Updated
		_, err = b.Intake.AcceptPage(ctx, host.Page{Origin: host.OriginBackfill}, read, next)
	}
	if err != nil && ctx.Err() == nil {
		b.Logger.Warn("the backfill's fault could not be kept", "connection", job.Connection, "trigger", job.Trigger, "error", err)
	}
}

// page fetches one page and commits its events with the progress.
func (b *Backfiller) page(ctx context.Context, job Backfill) (Progress, error) {
	read, err := b.Cursors.Cursor(ctx, job.Connection, job.cursorName())
	if err != nil {
		return Progress{}, fmt.Errorf("reading the backfill's progress: %w", err)
	}
	p, _, err := ProgressOf(read.Cursor)
	if err != nil || p.Done {
		return p, err
	}
	page, state, err := fetch(ctx, b.Connectors, job.Connection, job.Trigger, abi.PollInput{Cursor: p.Cursor, Since: job.Since})
	if err != nil {
		return p, err
	}
	p.take(page, b.Now())
	next, err := b.cursor(p)
	if err != nil {
		return p, err
	}
	if p.Waiting != nil {
		next.Updated = read.Updated // nothing was fetched
	}
	_, err = b.Intake.AcceptPage(ctx, host.Page{Origin: host.OriginBackfill, Events: page.Events, State: state}, read, next)
	return p, err
}

// take counts a page in, or notes what the platform prepares before there is one.
func (p *Progress) take(page *abi.PollPage, now time.Time) {
	p.Cursor, p.Events = page.Cursor, p.Events+len(page.Events)
	p.Fault, p.Waiting, p.Again = nil, nil, time.Time{}
	if wait := page.Wait; wait != nil {
		p.Waiting, p.Again = &wait.For, now.Add(wait.After())
		return
	}
	p.Pages, p.Done = p.Pages+1, !page.More
}
