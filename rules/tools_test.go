package rules

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func libraryFlow(t *testing.T, c *Catalog) (*Set, *Flow) {
	t.Helper()
	set, err := Load(os.DirFS("library/ecforce-customer-to-salesforce"), c)
	if err != nil {
		t.Fatal(rendered(t, err, English))
	}
	return set, set.Flows()[0]
}

// written returns what a tool writes.
func written(t *testing.T, write func(w *bytes.Buffer) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestExplainSaysWhatAFlowDoes(t *testing.T) {
	c := catalog(t)
	_, library := libraryFlow(t, c)
	set, err := Load(os.DirFS("testdata/tools/every-step"), c)
	if err != nil {
		t.Fatal(rendered(t, err, English))
	}
	for name, flow := range map[string]*Flow{"library": library, "every-step": set.Flow("every-step"), "sub-flow": set.Flow("greet")} {
		for _, lang := range []Lang{English, Japanese} {
			got := written(t, func(w *bytes.Buffer) error { return Explain(w, flow, lang) })
			golden(t, "testdata/tools/explain-"+name+"."+string(lang)+".md", got)
		}
	}
}

func TestFunctionsAreListedInBothLanguages(t *testing.T) {
	for _, lang := range []Lang{English, Japanese} {
		got := written(t, func(w *bytes.Buffer) error { return RenderFunctions(w, Functions(""), lang) })
		golden(t, "testdata/tools/functions."+string(lang)+".txt", got)
	}
}

func TestDiffSaysInWordsWhatChanges(t *testing.T) {
	c := catalog(t)
	before, _ := libraryFlow(t, c)
	text := string(before.Sources()["flow.yaml"])
	changes := map[string][]string{
		"fields":    {"Phone: ${customer.?phone.filled()}", "Kana: ${customer.?kana}"},
		"condition": {"total_size == 1", "total_size >= 1"},
		"params":    {"default: Account", "default: Lead"},
		"step":      {"- stop: 照合に使えるメールアドレスがない顧客です", "- stop: 宛先がない顧客です"},
		"comment":   {"# 照合する項目", "# ほかの項目"},
		"trigger":   {"event: customer.updated}", "event: order.shipped}\nkey: event.data.customer_id\nwhen: event.data.total > 1"},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			after, err := LoadSources(map[string][]byte{"flow.yaml": []byte(strings.ReplaceAll(text, change[0], change[1]))}, c)
			if err != nil {
				t.Fatal(rendered(t, err, English))
			}
			for _, lang := range []Lang{English, Japanese} {
				got := written(t, func(w *bytes.Buffer) error { return Diff(w, before, after, lang) })
				golden(t, "testdata/tools/diff-"+name+"."+string(lang)+".txt", got)
			}
		})
	}
	got := written(t, func(w *bytes.Buffer) error { return Diff(w, before, &Set{}, English) })
	if want := "ecforce-customer-to-salesforce is no longer in force.\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFormatQuotesWhatNeedsQuotes(t *testing.T) {
	cases, err := filepath.Glob("testdata/format/*.in")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	c := catalog(t)
	for _, file := range cases {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Format("flow.yaml", data, c)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, strings.TrimSuffix(file, ".in")+".out", string(got))
		again, err := Format("flow.yaml", got, c)
		if err != nil || !bytes.Equal(got, again) {
			t.Errorf("%s changes when it is formatted again: %v", file, err)
		}
	}
}

func TestJSONSchemaKnowsTheConnections(t *testing.T) {
	data, err := JSONSchema(catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(data) {
		t.Fatal("not JSON")
	}
	for _, want := range []string{`"crm.record.search"`, `"order.shipped"`, `"catch_up"`, `"foreach"`, `"review_below"`, `"remove"`} {
		if !bytes.Contains(data, []byte(want)) {
			t.Errorf("%s is not in it", want)
		}
	}
}

func TestFailingTestsSayWhere(t *testing.T) {
	c := catalog(t)
	report, err := RunTests(os.DirFS("testdata/tools/failing-tests"), c)
	if err != nil {
		t.Fatal(rendered(t, err, English))
	}
	for _, lang := range []Lang{English, Japanese} {
		got := written(t, func(w *bytes.Buffer) error { return report.Render(w, lang) })
		golden(t, "testdata/tools/failing-tests."+string(lang)+".txt", got)
	}
}

func TestWrongTestsAreExplained(t *testing.T) {
	_, err := RunTests(os.DirFS("testdata/tools/wrong-tests"), catalog(t))
	if err == nil {
		t.Fatal("no problems")
	}
	golden(t, "testdata/tools/wrong-tests.en.txt", rendered(t, err, English))
	golden(t, "testdata/tools/wrong-tests.ja.txt", rendered(t, err, Japanese))
}

// nobody answers every call with what stands for its answer.
type nobody struct{}

func (nobody) Answer(_ string, step *Step, _ []byte) ([]byte, error) { return StandIn(step), nil }

func TestStandInsHaveTheShapeOfTheAnswer(t *testing.T) {
	c := catalog(t)
	for name, connection := range c.Connections {
		for i := range connection.Manifest.Actions {
			action := &connection.Manifest.Actions[i]
			if action.Output == nil {
				continue
			}
			l, err := newLoader(c, nil)
			if err != nil {
				t.Fatal(err)
			}
			data := StandIn(&Step{Do: &Call{Connection: name, Action: action}})
			if err := l.lang.Types().Of(action.Name, action.Output).Accepts(data); err != nil {
				t.Errorf("%s.%s: %v: %s", name, action.Name, err, data)
			}
		}
	}
}

// TestSameRuleAndEventGiveTheSameBytes evaluates a flow full of maps a
// thousand times, in parallel.
func TestSameRuleAndEventGiveTheSameBytes(t *testing.T) {
	set, err := Load(os.DirFS("testdata/tools/deterministic"), catalog(t))
	if err != nil {
		t.Fatal(rendered(t, err, English))
	}
	flow := set.Flows()[0]
	ev := orderEvent()
	first := flow.Simulate(ev, nobody{})
	if first.Outcome != OutcomeDone {
		t.Fatal(first.Reason)
	}
	var group sync.WaitGroup
	for range 1000 {
		group.Go(func() {
			if diff := cmp.Diff(first.Effects, flow.Simulate(ev, nobody{}).Effects); diff != "" {
				t.Error(diff)
			}
		})
	}
	group.Wait()
}

func TestSourcesLoadToTheSameVersions(t *testing.T) {
	c := catalog(t)
	set, err := Load(os.DirFS("testdata/right/step-sub-flow"), c)
	if err != nil {
		t.Fatal(err)
	}
	again, err := LoadSources(set.Sources(), c)
	if err != nil {
		t.Fatal(err)
	}
	if set.Version() != again.Version() || set.Flow("right").Version != again.Flow("right").Version {
		t.Error("versions differ")
	}
	changed := maps.Clone(set.Sources())
	changed["greet.yaml"] = append(bytes.Clone(changed["greet.yaml"]), "# x\n"...)
	other, err := LoadSources(changed, c)
	if err != nil {
		t.Fatal(err)
	}
	if other.Version() == set.Version() || other.Flow("right").Version == set.Flow("right").Version {
		t.Error("a flow's version does not change with the flow that it calls")
	}
}
