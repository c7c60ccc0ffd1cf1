package rules

import (
	"bytes"
	"os"
	"testing"
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
