package rules

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func pagedFlow(t *testing.T, name string) *Flow {
	t.Helper()
	set, err := Load(os.DirFS("testdata/right/"+name), catalog(t))
	if err != nil {
		t.Fatal(rendered(t, err, English))
	}
	return set.Flow("right")
}

func TestExplainSaysWhatPagesAreReadFrom(t *testing.T) {
	for _, name := range []string{"step-foreach-pages", "step-foreach-polled"} {
		f := pagedFlow(t, name)
		for _, lang := range []Lang{English, Japanese} {
			got := written(t, func(w *bytes.Buffer) error { return Explain(w, f, lang) })
			golden(t, "testdata/tools/explain-"+name+"."+string(lang)+".md", got)
		}
	}
}

func TestExplainSaysWhatGoesOnAndKeepsTextsInTheirLine(t *testing.T) {
	f := flowOf(t, "steps:\n  - foreach: event.data.items\n    on_error: continue\n    steps:\n"+
		"      - call: chat.message.send\n        with:\n          channel: a\n          text: |\n            one ${event.data.number}\n            two\n")
	got := written(t, func(w *bytes.Buffer) error { return Explain(w, f, English) })
	if !strings.Contains(got, "   - when one item fails, the others are still done") || !strings.Contains(got, "- text ← \"one ${event.data.number}⏎two⏎\"\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestPagesAskForTheNextPageAndReadIt(t *testing.T) {
	f := pagedFlow(t, "step-foreach-pages")
	each, ok := f.Steps[0].Do.(*Foreach)
	if !ok {
		t.Fatal("no foreach")
	}
	scope, err := f.Begin(&Event{ID: "1", Data: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	page, err := each.Pages.Read([]byte(`{"customers":[{"id":"1"},{"id":"2"}],"next":"b"}`))
	if err != nil || len(page.Items) != 2 {
		t.Fatalf("%d items: %v", len(page.Items), err)
	}
	input, err := each.Pages.Input(scope, page.Next)
	if err != nil || string(input) != `{"next":"b"}` {
		t.Errorf("the second page is asked for with %s: %v", input, err)
	}
	if page, err = each.Pages.Read([]byte(`{"customers":[],"next":""}`)); err != nil || len(page.Next) > 0 {
		t.Errorf("behind the last page: %+v: %v", page, err)
	}
	if _, err := each.Pages.Read([]byte(`{"customers":"none"}`)); err == nil {
		t.Error("an answer without a list is taken for a page")
	}
}

type endless struct{ asked int }

func (e *endless) Answer(string, *Step, []byte) ([]byte, error) {
	e.asked++
	return []byte(`{"customers":[],"next":"b"}`), nil
}

func TestASimulationSaysThatThereAreMorePages(t *testing.T) {
	pages := &endless{}
	trace := pagedFlow(t, "step-foreach-pages").Simulate(&Event{ID: "1", Data: []byte("{}")}, pages)
	if pages.asked < SimulatedPages || len(trace.Cut) == 0 {
		t.Errorf("%d pages, more at %q, %s %s", pages.asked, trace.Cut, trace.Outcome, trace.Reason)
	}
}

func TestATestSaysThatThereAreMorePages(t *testing.T) {
	folder := fstest.MapFS{}
	for _, name := range []string{"flow.yaml", "tests.yaml"} {
		data, err := os.ReadFile("testdata/right/step-foreach-pages/" + name)
		if err != nil {
			t.Fatal(err)
		}
		folder[name] = &fstest.MapFile{Data: bytes.ReplaceAll(data, []byte(`next: ""`), []byte(`next: "3"`))}
	}
	report, err := RunTests(folder, catalog(t))
	if err != nil || len(report.Cut) != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	var b strings.Builder
	if err := report.Render(&b, Japanese); err != nil || !strings.Contains(b.String(), "ステップ 1 のページ数が、テストで処理する 20 ページを超えています") {
		t.Errorf("%s, %v", b.String(), err)
	}
}

func TestEditorsAreOfferedPages(t *testing.T) {
	data, err := JSONSchema(catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"shop.customer.list", "shop.order.shipped"} {
		if !bytes.Contains(data, []byte(`"`+name+`"`)) {
			t.Errorf("%s is not offered", name)
		}
	}
}
