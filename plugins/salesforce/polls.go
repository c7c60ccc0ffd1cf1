package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/page"
)

const (
	// pollOverlap is how far each round goes back: a long transaction becomes
	// visible later than its SystemModstamp says.
	pollOverlap = 2 * time.Minute
	pollPage    = 2000
)

// turns is the cursor of a poll over several objects: each has a cursor of its
// own, and they take turns, a page each.
type turns struct {
	Turn    int                        `json:"turn,omitempty"`
	Objects map[string]json.RawMessage `json:"objects"`
}

// inTurns polls one page of the object whose turn it is.
func inTurns(call *sdk.Call, in abi.PollInput, poll func(*org, pollObject, abi.PollInput) (abi.PollPage, error)) (abi.PollPage, error) {
	o, err := open(call)
	if err != nil {
		return abi.PollPage{}, err
	}
	t := turns{Objects: map[string]json.RawMessage{}}
	if len(in.Cursor) > 0 && string(in.Cursor) != "null" {
		if err := sdk.Decode(in.Cursor, &t); err != nil {
			return abi.PollPage{}, sdk.Errorf(abi.Internal, "reading the poll's cursor: %w", err)
		}
	}
	objects := o.settings.Poll
	if len(objects) == 0 {
		return abi.PollPage{Events: []abi.Event{}, Cursor: in.Cursor}, nil
	}
	if err := checkObjects(objects); err != nil {
		return abi.PollPage{}, err
	}
	if err := o.spare(); err != nil {
		return abi.PollPage{}, err
	}
	object := objects[min(t.Turn, len(objects)-1)]
	in.Cursor = t.Objects[object.Object]
	result, err := poll(o, object, in)
	if err != nil {
		return result, fmt.Errorf("polling %s: %w", object.Object, err)
	}
	return t.move(object.Object, len(objects), result)
}

// checkObjects refuses an object that is listed twice: the two would share one cursor.
func checkObjects(objects []pollObject) error {
	seen := map[string]bool{}
	for _, p := range objects {
		if seen[p.Object] {
			return sdk.Errorf(abi.Config, "the setting poll lists %s twice: join the conditions with OR", p.Object)
		}
		seen[p.Object] = true
	}
	return nil
}

// move puts the object's cursor away and passes the turn on when it has no more.
func (t *turns) move(object string, objects int, result abi.PollPage) (abi.PollPage, error) {
	t.Objects = maps.Clone(t.Objects)
	if t.Objects == nil {
		t.Objects = map[string]json.RawMessage{}
	}
	t.Objects[object] = result.Cursor
	if !result.More {
		t.Turn = (t.Turn + 1) % objects
		result.More = t.Turn != 0
	}
	var err error
	result.Cursor, err = sdk.Encode(t)
	return result, err
}

func pollUpdated(call *sdk.Call, in abi.PollInput) (abi.PollPage, error) {
	return inTurns(call, in, func(o *org, object pollObject, in abi.PollInput) (abi.PollPage, error) {
		rows := &changedRows{org: o, object: object}
		source := page.Source[record]{Overlap: pollOverlap, PerPage: pollPage, Fetch: rows.fetch, Row: rows.row, Event: rows.event}
		return source.Poll()(call, in)
	})
}

// changedRows are the changed records of an object.
type changedRows struct {
	org    *org
	object pollObject
}

// fetch asks for the rows behind the last one of the page before: pages are
// told apart by (SystemModstamp, Id), never by a count that moves.
func (c *changedRows) fetch(_ *sdk.Call, w page.Window) (page.Batch[record], error) {
	where, err := c.where(w)
	if err != nil {
		return page.Batch[record]{}, err
	}
	fields := append([]string{"SystemModstamp", "CreatedDate"}, c.object.Fields...)
	soql := fmt.Sprintf("%s WHERE %s ORDER BY SystemModstamp ASC, Id ASC LIMIT %d", selectFrom(fields, c.object.Object), where, w.PerPage)
	rows, err := c.org.query(soql)
	if err != nil {
		return page.Batch[record]{}, err
	}
	batch := page.Batch[record]{Rows: rows}
	if len(rows) == w.PerPage {
		id, changed := c.row(rows[len(rows)-1])
		batch.Next = soqlTime(changed) + " " + id
	}
	return batch, nil
}

func (c *changedRows) where(w page.Window) (string, error) {
	for _, name := range append([]string{c.object.Object}, c.object.Fields...) {
		if err := checkName("name in the setting poll:", name); err != nil {
			return "", err
		}
	}
	terms := []string{"SystemModstamp >= " + soqlTime(w.From)}
	if stamp, id, ok := strings.Cut(w.Next, " "); ok {
		terms = []string{fmt.Sprintf("(SystemModstamp > %s OR (SystemModstamp = %s AND Id > %s))", stamp, stamp, quote(id))}
	}
	if user := c.org.settings.IntegrationUserID; user != "" {
		terms = append(terms, "LastModifiedById != "+quote(user))
	}
	if c.object.Where != "" {
		terms = append(terms, "("+c.object.Where+")")
	}
	return strings.Join(terms, " AND "), nil
}

// row names a row and tells when it changed.
func (c *changedRows) row(r record) (id string, changed time.Time) {
	id, _ = r["Id"].(string) //nolint:errcheck // the query asks for it
	return id, r.time("SystemModstamp")
}

func (r record) time(name string) time.Time {
	text, _ := r[name].(string) //nolint:errcheck // the query asks for it
	at, _ := readTime(text)     //nolint:errcheck // zero is what is meant
	return at
}

func (c *changedRows) event(_ *sdk.Call, r record) (abi.Event, error) {
	id, changed := c.row(r)
	data := updatedData{
		Object: c.object.Object, ID: id, Fields: map[string]any{},
		Created: r.time("CreatedDate").Equal(changed), UpdatedAt: changed,
	}
	tidy(map[string]any(r))
	for _, name := range c.object.Fields {
		first, _, _ := strings.Cut(name, ".")
		data.Fields[first] = r[first]
	}
	return sdk.NewEvent(recordUpdated, id, id+"@"+soqlTime(changed), changed, data)
}
