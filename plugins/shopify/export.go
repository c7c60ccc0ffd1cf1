package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// exportedLines is an order's lines in an export, which has no pages.
const exportedLines = ` lineItems { edges { node {` + lineFields + `} } }`

// exportedVariants is a product's variants in an export.
const exportedVariants = ` variants { edges { node {` + variantFields + `} } }`

const (
	// chunk is how much of an export's file is read at once, in bytes, maxChunk
	// how much for a record that does not fit.
	chunk    = 512 << 10
	maxChunk = 8 << 20
	// exportPage is how many records of an export make a page at the most.
	exportPage = 500
	// exportPause is how long to wait before asking again, in milliseconds.
	exportPause = 10_000
)

// exportCursor is how far a backfill by export has come.
type exportCursor struct {
	ID     string `json:"id"`
	Offset int64  `json:"offset"`
	// From is where the backfill begins, so that an export that failed can be
	// started again, Failed how many did so far.
	From   time.Time `json:"from,omitzero"`
	Failed int       `json:"failed,omitempty"`
	// Began is when the export was started: what changed later is polled after it.
	Began time.Time `json:"began"`
	// Done says that the file has been read.
	Done bool `json:"done,omitempty"`
}

// exporting is a cursor while an export is under way. The key tells it from the
// cursors of polls.
type exporting struct {
	Export *exportCursor `json:"export"`
}

// poll returns the trigger's fetch function: page by page, or by export for
// whatever begins long ago.
//
// It is not inlined: each copy of its closures would be 2 kB of the plugin.
//
//go:noinline
func (f feed) poll() func(*sdk.Call, abi.PollInput) (abi.PollPage, error) {
	paged := f.Poll()
	return func(call *sdk.Call, in abi.PollInput) (abi.PollPage, error) {
		s := shopOf(call)
		if s.err != nil {
			return abi.PollPage{}, s.err
		}
		at, err := exportOf(in.Cursor)
		switch {
		case err != nil:
			return abi.PollPage{}, err
		case at != nil && at.Done:
			return paged(call, abi.PollInput{Since: at.Began.Add(-pollOverlap), Limit: in.Limit})
		case at != nil && at.ID == "" && s.BulkAfterDays == 0:
			return paged(call, abi.PollInput{Since: at.From, Limit: in.Limit})
		case at != nil:
			if at.From.IsZero() { // an earlier version did not note it
				at.From = in.Since
			}
			return f.resume(s, *at, in.Limit)
		case f.export != nil && s.isLongAgo(in):
			return f.begin(s, exportCursor{From: in.Since})
		}
		return paged(call, in)
	}
}

// exportOf reads a cursor; nil if it is none of an export.
func exportOf(cursor json.RawMessage) (*exportCursor, error) {
	if len(cursor) == 0 || string(cursor) == "null" {
		return nil, nil //nolint:nilnil // the very first page has no cursor
	}
	var at exporting
	if err := sdk.Decode(cursor, &at); err != nil {
		return nil, sdk.Errorf(abi.Internal, "reading the poll's cursor: %w", err)
	}
	return at.Export, nil
}

// isLongAgo says whether a first page asks for so much that it is exported.
func (s shop) isLongAgo(in abi.PollInput) bool {
	first := len(in.Cursor) == 0 || string(in.Cursor) == "null"
	return first && s.BulkAfterDays > 0 && !in.Since.IsZero() && s.Now().Sub(in.Since) > time.Duration(s.BulkAfterDays)*24*time.Hour
}

// begin starts the export. Its id is committed before anything is waited for.
func (f feed) begin(s shop, at exportCursor) (abi.PollPage, error) {
	connection, selection := f.export(s, at.From)
	operation, err := s.startExport("{ " + connection + " { edges { node {" + selection + "} } } }")
	if err != nil {
		return abi.PollPage{}, err
	}
	at.ID, at.Began = number(operation.ID), s.Now()
	return exportPageAt(at, nil)
}

// mostDoublings bounds how long a backfill waits between exports that fail: 43 minutes.
const mostDoublings = 8

// deniedFor is how long it is told that an export is denied before another one
// finds out whether it still is.
const deniedFor = time.Hour

// again has the backfill start another export in a while, or go page by page if
// the settings say so by now, when this one failed or its file is gone. refused
// is why it cannot be read.
func (f feed) again(s shop, at exportCursor, operation *bulkOperation, refused error) (abi.PollPage, error) {
	over := slices.Contains([]string{"FAILED", "EXPIRED", "CANCELED"}, operation.Status)
	denied := abi.KindOf(refused) == abi.Denied && s.BulkAfterDays > 0 && s.Now().Sub(at.Began) < deniedFor
	if !over || denied || at.From.IsZero() {
		return abi.PollPage{}, refused
	}
	page, err := exportPageAt(exportCursor{From: at.From, Failed: at.Failed + 1}, nil)
	page.Wait = &abi.PollWait{AfterMS: exportPause << min(at.Failed, mostDoublings), For: text(
		fmt.Sprintf("the bulk export %s ended as %s %s: it is started again", at.ID, operation.Status, operation.Error),
		fmt.Sprintf("一括エクスポート%sが%s %sで終了したため、やり直します", at.ID, operation.Status, operation.Error))}
	return page, err
}

func exportPageAt(at exportCursor, events []abi.Event) (abi.PollPage, error) {
	cursor, err := sdk.Encode(exporting{Export: &at})
	if events == nil {
		events = []abi.Event{}
	}
	return abi.PollPage{Events: events, Cursor: cursor, More: true}, err
}

// resume reads on in the file, once there is one.
func (f feed) resume(s shop, at exportCursor, limit int) (abi.PollPage, error) {
	if at.ID == "" { // the one before failed
		return f.begin(s, at)
	}
	operation, err := s.bulkNamed(at.ID)
	if abi.KindOf(err) == abi.NotFound { // the platform forgot it
		return f.again(s, at, &bulkOperation{Status: "EXPIRED"}, err)
	}
	if err != nil {
		return abi.PollPage{}, err
	}
	if wait := operation.wait(); wait != nil {
		page, err := exportPageAt(at, nil)
		page.Wait = wait
		return page, err
	}
	if err := operation.ready(); err != nil {
		return f.again(s, at, operation, err)
	}
	if operation.URL == "" || at.Offset >= operation.size() {
		at.Done = true
		return exportPageAt(at, nil)
	}
	if limit <= 0 || limit > exportPage {
		limit = exportPage
	}
	records, end, err := s.records(operation, at.Offset, limit, f.children)
	if err != nil {
		return abi.PollPage{}, err
	}
	events, err := f.exported(s, records, at.From)
	if err != nil {
		return abi.PollPage{}, err
	}
	at.Offset = end
	return exportPageAt(at, events)
}

// exported makes the events of exported records. Those that are too old are left
// out, see notBefore.
func (f feed) exported(s shop, records [][]byte, from time.Time) ([]abi.Event, error) {
	events := make([]abi.Event, 0, len(records))
	read, err := f.reader(s)
	if err != nil {
		return nil, err
	}
	for _, record := range records {
		e, err := read(record)
		if err != nil {
			return nil, fmt.Errorf("reading an exported record: %w", err)
		}
		if len(notBefore([]entry{e}, from)) == 0 {
			continue
		}
		event, err := f.Event(s.Call, e)
		if err != nil {
			return nil, err
		}
		if event.Type == "" {
			continue
		}
		if event.Dedupe == "" {
			event.Dedupe = e.id + "@" + e.changed.UTC().Format(time.RFC3339Nano)
		}
		events = append(events, event)
	}
	return events, nil
}

// records reads whole records from offset on, at most limit, and returns where
// the next one begins. A record that does not fit into a chunk gets a larger one.
func (s shop) records(operation *bulkOperation, offset int64, limit int, children string) (records [][]byte, end int64, err error) {
	for size := int64(chunk); size <= maxChunk; size *= 2 {
		part, err := s.fileRange(operation, offset, size)
		if err != nil {
			return nil, offset, err
		}
		records, used := gather(part, offset+int64(len(part)) >= operation.size(), limit, children)
		if len(records) > 0 {
			return records, offset + int64(used), nil
		}
	}
	return nil, offset, sdk.Errorf(abi.Limit, "a record of the export is larger than %d bytes", maxChunk)
}

// fileRange reads a part of an export's file.
func (s shop) fileRange(operation *bulkOperation, offset, size int64) ([]byte, error) {
	part, total, err := s.fileAt(operation.URL, offset, min(size, operation.size()-offset))
	if err == nil {
		err = operation.isWhole(total)
	}
	return part, err
}

// isWhole demands that a file is as long as the platform says. Anything else is
// a page of something in front of the file store, or cut off.
func (b *bulkOperation) isWhole(total int64) error {
	if size := b.size(); size > 0 && total >= 0 && total != size {
		return sdk.Errorf(abi.Unavailable, "the file of bulk operation %s came with %d of %d bytes", number(b.ID), total, size)
	}
	return nil
}

// fileAt reads size bytes of a file from offset on, or all of them if the file
// store does not read in parts. total is how long the file is, -1 if the answer
// does not tell. The file's address is the credential, so the shop's own stays at home.
func (s shop) fileAt(address string, offset, size int64) (part []byte, total int64, err error) {
	response, err := s.Request("GET", address).Anonymous().
		Header("Range", "bytes="+strconv.FormatInt(offset, 10)+"-"+strconv.FormatInt(offset+size-1, 10)).Raw()
	if err == nil && !response.OK() {
		err = refusedByStore(response, "to the reading of a file")
	}
	if err != nil {
		return nil, 0, err
	}
	if response.Status != 206 { // the whole file
		total = int64(len(response.Body))
		return response.Body[min(offset, total):], total, nil
	}
	_, length, _ := strings.Cut(response.Header("Content-Range"), "/")
	if total, err = strconv.ParseInt(length, 10, 64); err != nil {
		total = -1
	}
	return response.Body, total, nil
}

var childMark = []byte(`"__parentId"`)

// gather joins each record with its children, which follow it line by line. A
// record is whole when the next one begins, or the file ends; used is how many
// bytes the whole ones take. The children go into the member called member.
func gather(part []byte, last bool, limit int, member string) (records [][]byte, used int) {
	var open []byte
	var children [][]byte
	at := 0
	finish := func(end int) {
		if open != nil {
			records = append(records, withChildren(open, member, children))
			used = end
		}
	}
	for at < len(part) && len(records) < limit {
		end := bytes.IndexByte(part[at:], '\n')
		if end < 0 {
			if !last {
				return records, used
			}
			end = len(part) - at - 1
		}
		line := bytes.TrimSpace(part[at : at+end+1])
		begun := at
		at += end + 1
		switch {
		case len(line) == 0:
		case bytes.Contains(line, childMark):
			children = append(children, line)
		default:
			finish(begun)
			open, children = line, nil
		}
	}
	if last && at >= len(part) && len(records) < limit {
		finish(at)
	}
	return records, used
}

// withChildren puts a record's children where the API has them.
func withChildren(record []byte, member string, children [][]byte) []byte {
	if len(children) == 0 {
		return record
	}
	whole := append(bytes.Clone(record[:len(record)-1]), `,"`+member+`":{"nodes":[`...)
	whole = append(whole, bytes.Join(children, []byte{','})...)
	return append(whole, "]}}"...)
}

// inlined fills the variables of customerFields in: exports have none.
func (s shop) inlined(selection string) string {
	birthday, line := metafieldNamed(s.Birthday), metafieldNamed(s.LineID)
	for _, v := range [][2]string{
		{"$birthdayNamespace", birthday.namespace}, {"$birthdayKey", birthday.key}, {"$lineNamespace", line.namespace}, {"$lineKey", line.key},
	} {
		selection = strings.ReplaceAll(selection, v[0], quoted(v[1]))
	}
	return selection
}

// quoted is a text as a literal of GraphQL, which JSON's are.
func quoted(text string) string {
	literal, err := sdk.Encode(text)
	if err != nil { // a text can always be encoded
		return `""`
	}
	return string(literal)
}
