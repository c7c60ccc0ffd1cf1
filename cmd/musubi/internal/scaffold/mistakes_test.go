package scaffold_test

import "github.com/musubi-run/musubi/cmd/musubi/internal/scaffold"

// hurried is a poll of its own: it reads all pages at once, takes a page that
// fails for the end of the list, and goes on from the host's time.
const hurried = `package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/page"
)

func hurried(call *sdk.Call, in abi.PollInput) (abi.PollPage, error) {
	from := in.Since
	if from.IsZero() {
		from = call.Now()
	}
	if len(in.Cursor) > 0 && string(in.Cursor) != "null" {
		if err := sdk.Decode(in.Cursor, &from); err != nil {
			return abi.PollPage{}, err
		}
	}
	found := abi.PollPage{Events: []abi.Event{}}
	for n, more := 1, true; more; n++ {
		batch, err := fetchItems(call, page.Window{From: from, Page: n, PerPage: in.Limit})
		if err != nil && n == 1 {
			return found, err
		}
		for _, i := range batch.Rows {
			event, err := announce(i)
			if err != nil {
				return found, err
			}
			found.Events = append(found.Events, event)
		}
		more = batch.More
	}
	var err error
	found.Cursor, err = sdk.Encode(call.Now().Add(-time.Minute))
	return found, err
}
`

var polled = scaffold.Connector{Events: scaffold.EventsPoll}

var mistakes = map[string]broken{
	"a page that fails ends the list": {
		connector: polled,
		edits:     []edit{{"triggers.go", "changedItems.Poll()", "hurried"}},
		files:     map[string]string{"hurried.go": hurried},
		finds:     "poll/item.updated/later-page-fails", says: "were not announced 1 times",
	},
	"a bound that is not rounded to the whole minutes of the platform": {
		connector: polled,
		edits: []edit{
			{"triggers.go", "Overlap: time.Minute", "Overlap: time.Second"},
			{"sim/acme.go", "id, p.env.Clock.Now()", "id, p.env.Clock.Now().Truncate(time.Minute)"},
		},
		finds: "poll/item.updated/backfill", says: "700000 (0 times)",
	},
	"subjects that are not as the fixture writes them": {
		connector: polled,
		edits:     []edit{{"triggers.go", `"item.updated", i.ID,`, `"item.updated", "item " + i.ID,`}},
		finds:     "poll/item.updated/several-pages", says: "Other events had the subjects \"item ",
	},
}
