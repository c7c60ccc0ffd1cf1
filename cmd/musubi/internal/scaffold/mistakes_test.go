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

// walking is a list whose pages move on with each call, as a platform's cursor does.
const walking = `package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/page"
)

var at int

type onwards struct {
	Next string "json:\"next,omitempty\" doc:\"Where to go on\""
}

type items struct {
	Items []item "json:\"items\" doc:\"The items\""
	Next  string "json:\"next\" doc:\"Where to go on\""
}

func listItems(call *sdk.Call, in onwards) (items, error) {
	if in.Next == "" {
		at = 0
	}
	batch, err := fetchItems(call, page.Window{From: time.Unix(0, 0), Page: at + 1, PerPage: 2})
	if err != nil {
		return items{}, err
	}
	at++
	out := items{Items: batch.Rows}
	if batch.More {
		out.Next = "cursor"
	}
	return out, nil
}
`

var polled = scaffold.Connector{Events: scaffold.EventsPoll}

var delivered = scaffold.Connector{Events: scaffold.EventsWebhook}

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
	"a cursor that moves on with each request": {
		connector: polled,
		edits: []edit{
			{"actions.go", "createItem).Idempotent(),", "createItem).Idempotent(),\n\t\tsdk.Read(\"item.list\", abi.Text{EN: \"List items\"}, listItems).Pages(\"items\"),"},
		},
		files: map[string]string{
			"list.go": walking,
			"testdata/actions/item-list/case.json": `{"action": "item.list", "input": {}, "pages": 3, "total": 5,
				"seed": [{"collection": "items", "id": "5{n}", "repeat": 4, "record": {"name": "item {n}"}}]}`,
		},
		finds: "actions/item-list", says: "the same page, asked for twice, holds",
	},
	"subjects that are not as the fixture writes them": {
		connector: polled,
		edits:     []edit{{"triggers.go", `"item.updated", i.ID,`, `"item.updated", "item " + i.ID,`}},
		finds:     "poll/item.updated/several-pages", says: "Other events had the subjects \"item ",
	},
	"a key that names the record alone": {
		connector: delivered,
		edits:     []edit{{"triggers.go", "i.ID, version,", "i.ID, i.ID+version[len(version):],"}},
		finds:     "webhook/item-updated", says: "names 1001 alone",
	},
	"a signature that the platform does not make": {
		connector: delivered,
		edits:     []edit{{"connector.go", `Header: "X-Signature"`, `Header: "X-Signed"`}},
		finds:     "webhook/sent-by-the-sim/item.updated", says: "a host refuses the item.updated",
	},
	"a ping that nobody declared": {
		connector: delivered,
		edits: []edit{
			{"sim/acme.go", `p.env.Hooks.Send(p.about(`, "p.env.Hooks.Send(simkit.Message{Event: \"ping\", Body: []byte(\"webhook_id=7\")})\n\tp.env.Hooks.Send(p.about("},
		},
		finds: "webhook/sent-by-the-sim/item.updated", says: "is declared under Pings",
	},
	"webhooks that nobody signs": {
		connector: delivered,
		edits: []edit{
			{"connector.go", `Signatures: []abi.Signature{{Type: abi.SignatureHMAC, Header: "X-Signature", Secret: "webhook_secret"}},`, ""},
		},
		finds: "webhook/signed", says: "declares no signature",
	},
	"a request while the platform waits": {
		connector: delivered,
		edits: []edit{
			{"triggers.go", "receive(_ *sdk.Call", "receive(call *sdk.Call"},
			{"triggers.go", "event, err := announce(", "if err := call.Get(\"/items/%s\", body.Item.ID).Into(body.Item); err != nil {\n\t\treturn sdk.Receipt{}, err\n\t}\n\tevent, err := announce("},
		},
		finds: "webhook/item-updated", says: "Receive sends GET /items/",
	},
	"an address in the log": {
		connector: delivered,
		edits: []edit{
			{"triggers.go", "receive(_ *sdk.Call", "receive(call *sdk.Call"},
			{"triggers.go", "event, err := announce(", "call.Log(abi.LevelInfo, \"delivered\", \"to\", \"hanako@example.com\")\n\tevent, err := announce("},
		},
		finds: "webhook", says: "the log holds the address hanako@example.com",
	},
	"a second change that fails taken for nothing done": {
		connector: delivered,
		edits: []edit{
			{"actions.go", ".Idempotent()", ""},
			{"actions.go", "return created, err\n", "if err == nil {\n\t\terr = call.Post(\"/items\").JSON(in).Into(&created)\n\t}\n\treturn created, err\n"},
		},
		finds: "faults/item.create/half-done", says: "when its request POST /items after that was refused, item.create says unavailable: nothing was done",
	},
	"a change between two others that fails taken for nothing done": {
		connector: delivered,
		edits: []edit{
			{"actions.go", ".Idempotent()", ""},
			{"actions.go", "return created, err\n", "if err != nil {\n\t\treturn created, err\n\t}\n\tif _, err = getItem(call, byID{created.ID}); err != nil {\n\t\treturn created, err\n\t}\n\t" +
				"if err = call.Post(\"/items\").JSON(in).Into(&created); err != nil {\n\t\terr = sdk.Errorf(abi.Unknown, \"the second one: %w\", err)\n\t}\n\treturn created, err\n"},
		},
		finds: "faults/item.create/half-done", says: "when its request GET /items/1002 after that was refused, item.create says auth: nothing was done",
	},
	"a look after the change that fails taken for nothing done": {
		connector: delivered,
		edits: []edit{
			{"actions.go", ".Idempotent()", ""},
			{"actions.go", "return created, err\n", "if err == nil {\n\t\treturn getItem(call, byID{created.ID})\n\t}\n\treturn created, err\n"},
		},
		finds: "faults/item.create/half-done", says: "when its request GET /items/1002 after that was refused, item.create says rate_limited",
	},
	"a change that may be done taken for one that is not": {
		connector: delivered,
		edits: []edit{
			{"actions.go", ".Idempotent()", ""},
			{"connector.go", "fault := rest.StatusError(answer)", "fault := rest.StatusError(answer)\n\tfault.Kind = rest.StatusKind(answer.Status)"},
		},
		finds: "faults/item.create/status-500", says: "want unknown",
	},
}
