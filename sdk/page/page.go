// Package page polls a platform for what changed, page by page, so that
// nothing is missed and little is fetched twice.
//
// A poll keeps a high-water mark, the greatest time of change it has seen, and
// asks each time for what changed since the mark less an overlap: clocks of a
// platform's servers differ, and transactions become visible late. Rows that
// lie in the overlap and were announced are remembered and left out. A row that
// was announced while the second of its change was not over (or the minute, of
// a platform that tells whole minutes) is announced again if it holds something
// else the next time; a row whose id has the number of its version needs no such look.
//
// Page numbers drift: a row that changes while pages are fetched moves to the
// end of the list, all rows behind it move up by one, and the first row of the
// next page is never seen. Therefore the next page begins at the last row's
// time of change, not at a page number. Numbers are used only among rows that
// share one time of change, and after each such page the one before is looked
// at again, for the rows that moved up to it meanwhile.
package page

import (
	"fmt"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/internal/codec"
)

// defaultLimit is how many rows a page has if nobody says.
const defaultLimit = 100

// Source is a list of rows, sorted by their time of change, the oldest first.
type Source[T any] struct {
	// Overlap is how far before the mark each round begins. It is at least the
	// step of the platform's times: a change at 9:05:40 that the platform dates
	// 9:05 lies before a mark of 9:05:30.
	Overlap time.Duration
	// PerPage is how many rows the platform returns at the most; 0 means 100.
	PerPage int
	// Fetch returns one page of the rows that changed at or after window.From.
	Fetch func(call *sdk.Call, window Window) (Batch[T], error)
	// Row names a row and tells when it changed.
	Row func(T) (id string, changed time.Time)
	// Event makes the event for a row. Its Dedupe may be left empty: id and
	// time of change are then filled in. An event without a Type is left out.
	Event func(call *sdk.Call, row T) (abi.Event, error)
}

// Window says which rows are wanted.
type Window struct {
	// From is the lower bound, inclusive. It is zero only if there is no bound at
	// all. It may have a fraction: for a platform that tells whole seconds or
	// minutes Fetch asks from its beginning, as From.Truncate(time.Minute).
	From time.Time
	// Page counts from 1 within the rows from From on. It may go down again.
	Page int
	// PerPage is how many rows a page shall have.
	PerPage int
	// Next is what the last batch of this round gave as its Next, or empty.
	Next string
}

// Batch is one page of rows.
type Batch[T any] struct {
	Rows []T
	// Next is the platform's own token or link for the next page, if it pages
	// that way; rows need no order then. Empty with a token before: that was the last page.
	Next string
	// More says that another page is there, for platforms that page by number. A
	// platform that does not tell may say so for a full page.
	More bool
}

// Poll returns a trigger's fetch function for the source.
func (s Source[T]) Poll() func(*sdk.Call, abi.PollInput) (abi.PollPage, error) {
	return func(call *sdk.Call, in abi.PollInput) (abi.PollPage, error) {
		position, err := s.begin(call, in)
		if err != nil {
			return abi.PollPage{}, err
		}
		batch, err := s.Fetch(call, position.window(s.perPage(in)))
		if err != nil {
			return abi.PollPage{}, err
		}
		return s.answer(call, position, batch)
	}
}

// begin returns where the cursor stands, or the beginning for the very first
// poll: nothing older than in.Since or, without that, than now.
func (s Source[T]) begin(call *sdk.Call, in abi.PollInput) (*cursor, error) {
	if len(in.Cursor) > 0 && string(in.Cursor) != "null" {
		position := new(cursor)
		if err := codec.Unmarshal(in.Cursor, position); err != nil {
			return nil, sdk.Errorf(abi.Internal, "reading the poll's cursor: %w", err)
		}
		if !position.open() {
			position.start(position.Mark.Add(-s.Overlap))
		}
		return position, nil
	}
	since := in.Since
	if since.IsZero() {
		since = call.Now()
	}
	position := &cursor{Mark: since}
	position.start(since)
	return position, nil
}

func (s Source[T]) perPage(in abi.PollInput) int {
	limit := s.PerPage
	if limit == 0 {
		limit = defaultLimit
	}
	if in.Limit > 0 {
		limit = min(limit, in.Limit)
	}
	return limit
}

// answer makes the events of the batch and moves the cursor behind it.
func (s Source[T]) answer(call *sdk.Call, position *cursor, batch Batch[T]) (abi.PollPage, error) {
	page := abi.PollPage{Events: []abi.Event{}}
	first, last := "", position.From
	if len(batch.Rows) > 0 {
		first = hashOf(version(s.Row(batch.Rows[0])))
	}
	for _, row := range batch.Rows {
		_, last = s.Row(row)
		event, err := s.event(call, position, row)
		if err != nil {
			return abi.PollPage{}, err
		}
		if event.Type != "" {
			page.Events = append(page.Events, event)
		}
	}
	page.More = position.advance(first, last, batch.Next, batch.More && len(batch.Rows) > 0)
	if !page.More {
		position.finish()
	}
	position.forget(s.Overlap)
	var err error
	page.Cursor, err = codec.Marshal(position)
	return page, err
}

// event makes the event of a row, without a Type if there is nothing to announce.
func (s Source[T]) event(call *sdk.Call, position *cursor, row T) (abi.Event, error) {
	id, changed := s.Row(row)
	name := version(id, changed)
	hash := hashOf(name)
	known, again := position.find(hash)
	if again && known.Data == "" {
		return abi.Event{}, nil
	}
	event, err := s.Event(call, row)
	if err != nil {
		return abi.Event{}, fmt.Errorf("making the event of %s: %w", id, err)
	}
	data := ""
	if again || !settled(changed, call.Now()) { // of rows that changed long ago, which are most, nobody asks
		data = hashOf(event.Type + string(event.Data))
	}
	fresh, altered := position.note(hash, changed, call.Now(), data)
	if !fresh && !altered {
		return abi.Event{}, nil
	}
	if event.Dedupe == "" {
		event.Dedupe = name
	}
	if altered && event.Dedupe == name { // any other key is the connector's own word for the fact
		event.Dedupe += "#" + data
	}
	return event, nil
}
