package rehearse_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/rehearse"
)

// lookedUp is a linked step as the journal of a real run keeps it.
func lookedUp(output string) host.StepRecord {
	return host.StepRecord{
		Path: "account", Seq: 1, State: host.StepDone, Call: "linked.customer",
		Input: json.RawMessage(`{"from":{"connection":"shop","id":"30511"},"to":"crm"}`), Output: json.RawMessage(output),
	}
}

func TestALinkedStepIsAnsweredFromTheJournalOrTheLinks(t *testing.T) {
	linked := &world{links: []host.Link{{
		Kind: "customer", From: host.Ref{Connection: "crm", Object: "Contact", ID: "003B"}, To: host.Ref{Connection: "shop", ID: "30511"},
	}}}
	cases := map[string]struct {
		journal []host.StepRecord
		look    rehearse.Platforms
		origin  rehearse.Origin
		last    string
	}{
		"journal":    {[]host.StepRecord{lookedUp(`{"id":"001A"}`)}, linked.platforms(), rehearse.FromJournal, `{"fields":{"Seen":true},"id":"001A","object":"Account"}`},
		"links":      {nil, linked.platforms(), rehearse.FromLinks, `{"fields":{"Seen":true},"id":"003B","object":"Contact"}`},
		"not linked": {nil, (&world{}).platforms(), rehearse.FromLinks, `{"from":{"connection":"shop","id":"30511"},"to":"crm"}`},
		"not known":  {nil, rehearse.Platforms{}, rehearse.Unknown, `{"from":{"connection":"shop","id":"30511"},"to":"crm"}`},
	}
	for name, c := range cases {
		answers := rehearse.NewAnswers(event(), c.journal, c.look)
		trace := rehearse.Rehearse(load(t).Flow("known"), event(), answers)
		if got := answers.Origin("account"); got != c.origin {
			t.Errorf("%s: answered from %s, want %s", name, got, c.origin)
		}
		if got := string(trace.Effects[len(trace.Effects)-1].Input); got != c.last {
			t.Errorf("%s: the last step has %s, want %s", name, got, c.last)
		}
	}
}

func TestARecordedTestHoldsWhatWasLinked(t *testing.T) {
	set := load(t)
	c, err := rehearse.NewCase("known", set.Flow("known"), event(), []host.StepRecord{lookedUp(`{"id":"001A","object":"Account"}`)}, &rehearse.Mask{})
	if err != nil {
		t.Fatal(err)
	}
	report, err := c.Verify(set.Sources(), catalog(t))
	if err != nil || report.Passed != 1 || report.Failed != 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	text, err := c.YAML()
	if err != nil || !strings.Contains(string(text), "linked: \"customer\"") {
		t.Errorf("%s, %v", text, err)
	}
	if strings.Contains(string(text), "001A") {
		t.Errorf("a real id is in the test:\n%s", text)
	}
}
