// Package schedule decides when something is due: polls of connections, and
// flows that run by the calendar. It keeps no time of its own: what is due next
// stands in a cursor's row, so neither a restart nor a second host does it
// twice or never.
package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/ledger"
	"github.com/musubi-run/musubi/sdk/abi"
)

// Source is one poll: a trigger of a connection and how often it is asked.
type Source struct {
	Connection, Trigger string
	Interval            time.Duration
}

// Connectors calls plugins. A failure is an *abi.Error.
type Connectors interface {
	Invoke(ctx context.Context, in host.Invocation) (output []byte, err error)
}

// Cursors is where all cursors are.
type Cursors interface {
	Cursor(ctx context.Context, connection, trigger string) (ledger.CursorRow, error)
	Cursors(ctx context.Context) ([]host.Cursor, error)
	// ForgetCursor has the cursor be as if it had never been set.
	ForgetCursor(ctx context.Context, connection, trigger string) error
}

// Intake accepts a page's events, keeps its state and moves the cursor, in one commit.
type Intake interface {
	AcceptPage(ctx context.Context, page host.Page, read ledger.CursorRow, next host.Cursor) (host.Receipt, error)
}

// Options are what a poller works with. All are required.
type Options struct {
	Connectors Connectors
	Cursors    Cursors
	Intake     Intake
	Logger     *slog.Logger
	Now        func() time.Time
	// Warn tells people of a poll that fails for a reason that does not pass by
	// itself, and says whether anybody heard; nil tells nobody.
	Warn func(ctx context.Context, s Source, t Trouble) (told bool, err error)
}

// Poller asks each source for news when it is due. Its methods may be called
// from any goroutine.
type Poller struct {
	Options

	sources *roster[Source]
	// watched is how many sources there are.
	watched atomic.Int64
}

// NewPoller returns a poller that watches nothing yet.
func NewPoller(o Options) *Poller {
	p := &Poller{Options: o}
	p.sources = newRoster(p.watch)
	return p
}

// Watch polls these sources from now on and no others. A source that was
// watched before goes on undisturbed.
func (p *Poller) Watch(ctx context.Context, sources []Source) {
	p.watched.Store(int64(len(sources)))
	p.sources.watch(sources)
	if err := p.forget(ctx, sources); err != nil && ctx.Err() == nil {
		p.Logger.Error("the troubles of polls that are switched off could not be forgotten", "error", err)
	}
}

// Again has a source polled at once if its cursor says that it is due, however
// long it was to rest. One that is not polled stays so.
func (p *Poller) Again(connection, trigger string) {
	p.sources.again(func(s Source) bool { return s.Connection == connection && s.Trigger == trigger })
}

// Stop ends all polling and waits for the pages under way. It may be called twice.
func (p *Poller) Stop() { p.sources.stop() }

// shortest is the least time between two polls of a source, whatever goes wrong.
const shortest = 5 * time.Second

// watch polls one source for as long as ctx lives.
func (p *Poller) watch(ctx context.Context, s Source) {
	rest(ctx, p.stagger(ctx, s))
	for ctx.Err() == nil {
		wait, err := p.turn(ctx, s)
		if err != nil && ctx.Err() == nil {
			p.stumble(ctx, s, err, wait)
		}
		rest(ctx, wait)
	}
}

func isHeld(err error) bool { return abi.AsError(err).Code == host.CodeHeld }

// turn polls the source if it is due and returns how long to wait for the next turn.
func (p *Poller) turn(ctx context.Context, s Source) (time.Duration, error) {
	cursor, err := p.Cursors.Cursor(ctx, s.Connection, s.Trigger)
	if err != nil {
		return max(shortest, s.Interval), fmt.Errorf("reading the cursor: %w", err)
	}
	// Next is never further away than the interval, unless the clock was set back
	// or the interval made shorter: then the poll is due.
	if early := cursor.Next.Sub(p.Now()); early > 0 && early <= s.Interval {
		return early, nil
	}
	for {
		page, err := p.page(ctx, s, cursor)
		if err != nil {
			p.begin(ctx, s, cursor)
			return s.afterFault(err), err
		}
		p.mended(ctx, s)
		if page.Wait != nil || !page.More {
			return s.until(page), nil
		}
		if cursor, err = p.Cursors.Cursor(ctx, s.Connection, s.Trigger); err != nil {
			return max(shortest, s.Interval), fmt.Errorf("reading the cursor: %w", err)
		}
	}
}

// until is how long it is to the next page of a source when there is no further one now.
func (s Source) until(page *abi.PollPage) time.Duration {
	if page.Wait != nil {
		return min(page.Wait.After(), s.Interval)
	}
	return s.Interval
}

// afterFault is how long a source rests after an error. Whether a connection
// works again is asked of the host, not of the platform, so that is asked often.
func (s Source) afterFault(err error) time.Duration {
	wait, asked := min(s.Interval, time.Minute), abi.AsError(err).RetryAfter()
	if isHeld(err) {
		wait, asked = min(wait, asked), 0
	}
	return s.spread(max(shortest, wait, asked))
}

// page fetches one page and commits its events with the cursor behind it.
func (p *Poller) page(ctx context.Context, s Source, read ledger.CursorRow) (*abi.PollPage, error) {
	page, state, err := fetch(ctx, p.Connectors, s.Connection, s.Trigger, p.from(read, s))
	if err != nil {
		return nil, err
	}
	next := host.Cursor{Connection: s.Connection, Trigger: s.Trigger, Value: page.Cursor, Updated: p.Now()}
	if page.Wait != nil || !page.More {
		next.Next = p.Now().Add(s.until(page))
	}
	receipt, err := p.Intake.AcceptPage(ctx, host.Page{Origin: host.OriginPoll, Events: page.Events, State: state}, read, next)
	if err != nil {
		return nil, err
	}
	p.Logger.Debug("page polled", "connection", s.Connection, "trigger", s.Trigger,
		"events", len(receipt.Accepted), "repetitions", receipt.Duplicates)
	return page, nil
}

// from is where a page begins. The very first one does not fetch a shop's whole
// history, which is a backfill's business, but what happened since the first try.
func (p *Poller) from(read ledger.CursorRow, s Source) abi.PollInput {
	switch {
	case read.Value == nil:
		return abi.PollInput{Since: p.Now().Add(-s.Interval)}
	case string(read.Value) == "null" && !read.Updated.IsZero(): // as begin left it
		return abi.PollInput{Since: read.Updated.Add(-s.Interval)}
	default:
		return abi.PollInput{Cursor: read.Value}
	}
}

// begin notes when a source was tried first, without success: a connection may
// be mended hours later, and what happened meanwhile is to be found then.
func (p *Poller) begin(ctx context.Context, s Source, read ledger.CursorRow) {
	if read.Value != nil || ctx.Err() != nil {
		return
	}
	now := p.Now()
	next := host.Cursor{Connection: s.Connection, Trigger: s.Trigger, Value: json.RawMessage("null"), Updated: now, Next: now}
	if _, err := p.Intake.AcceptPage(ctx, host.Page{Origin: host.OriginPoll}, read, next); err != nil && ctx.Err() == nil {
		p.Logger.Warn("when the first poll was tried could not be kept", "connection", s.Connection, "trigger", s.Trigger, "error", err)
	}
}

// fetch asks a connection's plugin for one page. What the plugin wants to
// remember is committed with the page.
func fetch(ctx context.Context, c Connectors, connection, trigger string, in abi.PollInput) (page *abi.PollPage, state []host.StateWrite, err error) {
	input, err := json.Marshal(in)
	if err != nil {
		return nil, nil, fmt.Errorf("encoding the poll: %w", err)
	}
	raw, err := c.Invoke(ctx, host.Invocation{
		Connection: connection, Op: abi.OpPoll, Name: trigger, Input: input,
		Keep: func(writes []host.StateWrite) { state = writes },
	})
	if err != nil {
		return nil, nil, err
	}
	page = new(abi.PollPage)
	if err := json.Unmarshal(raw, page); err != nil {
		return nil, nil, fmt.Errorf("reading the page: %w", err)
	}
	return page, state, nil
}
