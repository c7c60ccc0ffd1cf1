package rules

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/musubi-run/musubi/sdk/abi"
)

// drafts are flows as people ask for them, by the name of their golden files.
var drafts = map[string]Draft{
	"records": {
		Flow: "customers", Title: "顧客: 登録", Connection: "shop", Event: "customer.updated", Read: "customer.get", Target: "crm", Object: "Account",
		Link: "customer", Match: []Mapping{{"Mail__c", "email"}},
		Set: []Mapping{{"Mail__c", "email"}, {"Name", "full_name"}, {"Visits__c", "buy_times"}, {"AccountSource", `"EC"`}}, Lang: Japanese,
	},
	"event-data": {
		Flow: "orders", Connection: "shop", Event: "order.created", Target: "crm", Object: "Order__c",
		Match: []Mapping{{"Number__c", "number"}}, Set: []Mapping{{"Total__c", "total"}},
	},
	"several": {
		Flow: "several", Connection: "shop", Event: "customer.updated", Read: "customer.get", Target: "crm", Object: "Account",
		Match: []Mapping{{"Mail__c", "email"}, {"Area__c", "address.prefecture"}, {"Born__c", "birthday"}, {"Number__c", "number"}, {"Visits__c", "buy_times"}},
	},
	"message":  {Flow: "orders", Connection: "shop", Event: "order.created", Target: "chat", Action: "message.send", Set: []Mapping{{"channel", `"orders"`}, {"text", "total"}}},
	"japanese": {Flow: "records", Connection: "app", Event: "record.updated", Target: "app", Action: "record.put", Set: []Mapping{{"注文番号", "注文番号"}, {"金額", "金額"}, {"メモ", "期限"}}},
	"unnamed":  {Flow: "records", Connection: "app", Event: "record.updated", Target: "app", Action: "record.put"},
}

func TestNewFlowPassesItsTests(t *testing.T) {
	c := catalog(t)
	for name, draft := range drafts {
		t.Run(name, func(t *testing.T) {
			files, err := New(draft, c)
			if err != nil {
				t.Fatal(rendered(t, err, English))
			}
			folder := fstest.MapFS{}
			for file, data := range files {
				golden(t, "testdata/new/"+name+"."+file, string(data))
				folder[file] = &fstest.MapFile{Data: data}
			}
			report, err := RunTests(folder, c)
			if err != nil {
				t.Fatal(rendered(t, err, English))
			}
			if report.Failed != 0 || len(report.Untaken) != 0 {
				t.Fatal(written(t, func(w *bytes.Buffer) error { return report.Render(w, English) }))
			}
			formatted, err := Format("flow.yaml", files["flow.yaml"], c)
			if err != nil || !bytes.Equal(formatted, files["flow.yaml"]) {
				t.Errorf("not in good form: %v\n%s", err, formatted)
			}
		})
	}
}

func TestNewFlowNamesWhatIsMissing(t *testing.T) {
	match := []Mapping{{"Number__c", "number"}}
	for _, draft := range []Draft{
		{Flow: "x", Connection: "nobody", Event: "order.created", Target: "crm", Object: "A", Match: match},
		{Flow: "x", Connection: "shop", Event: "nothing", Target: "crm", Object: "A", Match: match},
		{Flow: "x", Connection: "shop", Event: "order.created", Target: "nobody"},
		{Flow: "x", Connection: "shop", Event: "order.created", Target: "chat", Action: "nothing"},
		{Flow: "x", Connection: "shop", Event: "order.created", Read: "nothing", Target: "crm", Object: "A", Match: match},
		{Flow: "x", Connection: "shop", Event: "order.created", Target: "crm", Object: "A", Match: []Mapping{{"N", "numbr"}}},
	} {
		if _, err := New(draft, catalog(t)); abi.KindOf(err) != abi.NotFound {
			t.Errorf("%+v: %v", draft, err)
		}
	}
	if _, err := New(Draft{Flow: "x", Connection: "shop", Event: "order.created", Target: "crm", Object: "A"}, catalog(t)); abi.KindOf(err) != abi.Invalid {
		t.Errorf("without a match: %v", err)
	}
}

func TestSourceFieldsAreSingleValues(t *testing.T) {
	fields, err := SourceFields(Draft{Connection: "shop", Event: "order.created"}, catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	paths := make([]string, len(fields))
	for i, f := range fields {
		paths[i] = f.Path
	}
	if got := strings.Join(paths, " "); !strings.Contains(got, "customer_id") || strings.Contains(got, "items") {
		t.Errorf("got %s", got)
	}
}

func TestTheReadingActionBelongsToTheEvent(t *testing.T) {
	m := catalog(t).Connections["shop"].Manifest
	for event, want := range map[string]string{"customer.updated": "customer.get", "nothing.updated": ""} {
		if got := ReadingAction(m, event); got != want {
			t.Errorf("%s: got %q, want %q", event, got, want)
		}
	}
}
