package rehearse_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/rehearse"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// catalog has a shop and a CRM as small as they can be.
func catalog(t *testing.T) *rules.Catalog {
	t.Helper()
	text := &abi.Schema{Type: abi.TypeString}
	object := func(properties map[string]*abi.Schema, required ...string) *abi.Schema {
		return &abi.Schema{Type: abi.TypeObject, Properties: properties, Required: required}
	}
	anyFields := &abi.Schema{Type: abi.TypeObject, Additional: &abi.Schema{}}
	person := object(map[string]*abi.Schema{"id": text, "email": text, "full_name": text, "tel": text, "rank": text, "birthday": text}, "id")
	record := object(map[string]*abi.Schema{"id": text, "fields": anyFields}, "id")
	list := object(map[string]*abi.Schema{
		"total_size": {Type: abi.TypeInteger}, "records": {Type: abi.TypeArray, Items: record},
	}, "total_size", "records")
	draft := object(map[string]*abi.Schema{"object": text, "id": text, "fields": anyFields}, "object", "fields")
	query := object(map[string]*abi.Schema{"object": text, "match": anyFields}, "object", "match")
	shop := &abi.Manifest{
		ID: "shop", Triggers: []abi.Trigger{{Name: "customer.updated", Data: person, Webhook: true}},
		Actions: []abi.Action{{Name: "customer.get", Reads: true, Input: object(map[string]*abi.Schema{"id": text}, "id"), Output: person}},
	}
	crm := &abi.Manifest{
		ID: "crm", Records: &abi.Records{Search: "record.search", Create: "record.create", Update: "record.update"},
		Actions: []abi.Action{
			{Name: "record.search", Reads: true, Input: query, Output: list},
			{Name: "record.create", Input: draft, Output: record},
			{Name: "record.update", Input: draft, Output: record, Idempotent: true},
		},
	}
	return &rules.Catalog{Connections: map[string]*rules.Connection{"shop": {Manifest: shop}, "crm": {Manifest: crm}}}
}

func load(t *testing.T) *rules.Set {
	t.Helper()
	set, err := rules.Load(os.DirFS("testdata/rules"), catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func event() host.Event {
	return host.Event{
		ID: "01E", Connection: "shop", Type: "customer.updated", Subject: "30511",
		Time: time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC), Data: json.RawMessage(`{"id":"30511"}`),
	}
}

func customer() host.StepRecord {
	return host.StepRecord{
		Path: "customer", Seq: 1, State: host.StepDone, Call: "shop.customer.get", Input: json.RawMessage(`{ "id": "30511" }`),
		Output: json.RawMessage(`{"id":"30511","email":"suzuki.mari@shop.example.org","full_name":"鈴木 真理","tel":"03-5555-1234","rank":"gold"}`),
	}
}

// world records what is asked of it and answers every search with its records.
type world struct {
	asked   []string
	records []abi.Record
	links   []host.Link
}

func (w *world) platforms() rehearse.Platforms {
	return rehearse.Platforms{
		Read: func(connection, action string, input json.RawMessage) (json.RawMessage, error) {
			w.asked = append(w.asked, connection+"."+action+" "+string(input))
			return json.Marshal(abi.RecordList{TotalSize: int64(len(w.records)), Records: w.records})
		},
		Links: func(host.LinkFilter) ([]host.Link, error) { return w.links, nil },
	}
}

func TestWithoutAnswersARehearsalEndsAtTheFirstReading(t *testing.T) {
	answers := rehearse.NewAnswers(event(), nil, rehearse.Platforms{})
	trace := rehearse.Rehearse(load(t).Flow("sync"), event(), answers)
	if len(trace.Effects) != 1 || trace.Outcome != rules.OutcomeFailed || answers.Origin("customer") != rehearse.Unknown {
		t.Errorf("got %+v, %s", trace, answers.Origin("customer"))
	}
}

func TestReadingsComeFromTheJournalAndWritesGoNowhere(t *testing.T) {
	w := &world{records: []abi.Record{{ID: "001A"}}}
	answers := rehearse.NewAnswers(event(), []host.StepRecord{customer()}, w.platforms())
	trace := rehearse.Rehearse(load(t).Flow("sync"), event(), answers)
	if trace.Outcome != rules.OutcomeDone {
		t.Fatalf("%s: %s", trace.Outcome, trace.Reason)
	}
	asked := []string{`crm.record.search {"object":"Account","match":{"Mail":"suzuki.mari@shop.example.org"},"limit":2}`}
	if diff := cmp.Diff(asked, w.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	for path, want := range map[string]rehearse.Origin{
		"customer": rehearse.FromJournal, "found": rehearse.FromPlatform, "note": rehearse.FromNobody,
	} {
		if got := answers.Origin(path); got != want {
			t.Errorf("%s is answered from %s, want %s", path, got, want)
		}
	}
}

func TestALinkTellsTheRecordWithoutASearch(t *testing.T) {
	w := &world{links: []host.Link{{From: host.Ref{Connection: "shop", ID: "30511"}, To: host.Ref{Connection: "crm", ID: "001B"}}}}
	answers := rehearse.NewAnswers(event(), []host.StepRecord{customer()}, w.platforms())
	trace := rehearse.Rehearse(load(t).Flow("sync"), event(), answers)
	note := trace.Effects[len(trace.Effects)-1]
	if len(w.asked) != 0 || string(note.Input) != `{"fields":{"Rank":"gold"},"id":"001B","object":"Account"}` {
		t.Errorf("asked %v, then %s", w.asked, note.Input)
	}
}

func TestConditionsThatNeverHeldAreNamed(t *testing.T) {
	flow := load(t).Flow("sync")
	answers := rehearse.NewAnswers(event(), []host.StepRecord{customer()}, (&world{}).platforms())
	never := rehearse.NeverHeld(flow, []*rules.Trace{rehearse.Rehearse(flow, event(), answers)})
	want := []rehearse.Never{{Line: 8, When: "!has(customer.email)"}}
	if diff := cmp.Diff(want, never); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
