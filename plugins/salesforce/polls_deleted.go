package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// deletedCursor is how far the list of deleted records was read. To and Skip
// are set while a list that is longer than a page is handed out.
type deletedCursor struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
	Skip int       `json:"skip,omitempty"`
}

// The platform lists deleted records by the minute, at most 30 days back. Each
// poll begins some time before the end of the last: clocks differ.
const (
	deletedStep    = time.Minute
	deletedBack    = 30*24*time.Hour - time.Hour
	deletedOverlap = 2 * time.Minute
)

func pollDeleted(call *sdk.Call, in abi.PollInput) (abi.PollPage, error) {
	return inTurns(call, in, deletedPage)
}

func deletedPage(o *org, object pollObject, in abi.PollInput) (abi.PollPage, error) {
	position, err := deletedFrom(in, o.call.Now().UTC())
	if err != nil {
		return abi.PollPage{}, err
	}
	result := abi.PollPage{Events: []abi.Event{}}
	if position.To.Sub(position.From) >= deletedStep {
		limit := pollPage
		if in.Limit > 0 {
			limit = min(limit, in.Limit)
		}
		if err := o.deletedBetween(object.Object, limit, position, &result); err != nil {
			return result, err
		}
	} else {
		position.To = time.Time{}
	}
	result.Cursor, err = sdk.Encode(position)
	return result, err
}

// deletedFrom returns the span to look at: from about where the last one ended, to now.
func deletedFrom(in abi.PollInput, now time.Time) (*deletedCursor, error) {
	c := &deletedCursor{From: in.Since}
	if len(in.Cursor) > 0 && string(in.Cursor) != "null" {
		if err := sdk.Decode(in.Cursor, c); err != nil {
			return nil, sdk.Errorf(abi.Internal, "reading the poll's cursor: %w", err)
		}
	} else if c.From.IsZero() {
		c.From = now
	}
	if oldest := now.Add(-deletedBack); c.From.Before(oldest) {
		c.From = oldest
	}
	c.From = c.From.UTC().Truncate(deletedStep)
	if c.To.IsZero() {
		c.To = now.Truncate(deletedStep)
	}
	return c, nil
}

// deletedList is the platform's list of deleted records.
type deletedList struct {
	Records []struct {
		ID   string `json:"id"`
		Date string `json:"deletedDate"`
	} `json:"deletedRecords"`
	Covered string `json:"latestDateCovered"`
}

// deletedBetween adds an event for each record of the span, a page of them, and
// moves the cursor: within the list or, at its end, to shortly before how far it reaches.
func (o *org) deletedBetween(object string, limit int, c *deletedCursor, result *abi.PollPage) error {
	var list deletedList
	request := o.request("GET", "/sobjects/%s/deleted/", object).Query("start", soqlTime(c.From)).Query("end", soqlTime(c.To))
	if err := o.into(request, &list); err != nil {
		return err
	}
	covered, err := readTime(list.Covered)
	if err != nil { // without it nobody knows how far the list reaches
		return told(false, abi.Unavailable)
	}
	rest := list.Records[min(c.Skip, len(list.Records)):]
	for _, r := range rest[:min(limit, len(rest))] {
		at, err := readTime(r.Date)
		if err != nil {
			return sdk.Errorf(abi.Internal, "record %s was deleted at %q, which is no time", r.ID, r.Date)
		}
		event, err := sdk.NewEvent(recordDeleted, r.ID, r.ID+"@"+soqlTime(at), at, deletedData{Object: object, ID: r.ID, DeletedAt: at})
		if err != nil {
			return err
		}
		result.Events = append(result.Events, event)
	}
	if result.More = len(rest) > limit; result.More {
		c.Skip += limit
		return nil
	}
	c.From = c.To
	if covered.Before(c.To) {
		c.From = covered
	}
	c.From = c.From.Add(-deletedOverlap)
	c.To, c.Skip = time.Time{}, 0
	return nil
}
