package rehearse_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/rehearse"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// journal is what a run of the sync flow left.
func journal() []host.StepRecord {
	return []host.StepRecord{
		customer(),
		{
			Path: "found", Seq: 2, State: host.StepDone, Call: "crm.record.create", Input: json.RawMessage(`{"object":"Account"}`),
			Output: json.RawMessage(`{"id":"001xx000003DGb2AAG","created":true}`),
		},
		{
			Path: "note", Seq: 3, State: host.StepFailed, Call: "crm.record.update",
			Error: &abi.Error{Kind: abi.Invalid, Message: "鈴木 真理: no such rank", Code: "BAD_VALUE"},
		},
	}
}

func record(t *testing.T, steps []host.StepRecord) *rehearse.Case {
	t.Helper()
	c, err := rehearse.NewCase("recorded", load(t).Flow("sync"), event(), steps, &rehearse.Mask{Rules: string(load(t).Sources()["sync.yaml"])})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestARecordedTestPassesAndTellsNobodysName(t *testing.T) {
	for _, steps := range [][]host.StepRecord{journal(), journal()[:2], journal()[:1]} {
		c := record(t, steps)
		report, err := c.Verify(load(t).Sources(), catalog(t))
		if err != nil {
			t.Fatal(err)
		}
		if report.Passed != 1 || report.Failed != 0 {
			t.Errorf("with %d steps: %+v", len(steps), report)
		}
		text, err := c.YAML()
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"鈴木", "真理", "suzuki", "30511", "5555", "DGb2"} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s is in\n%s", secret, text)
			}
		}
	}
}

func TestARecordedTestIsAppendedToTheOthers(t *testing.T) {
	before := "# ours\ntests:\n- name: first   # stays\n  flow: sync\n"
	c := record(t, journal())
	after, ok, err := c.Append([]byte(before))
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if !strings.HasPrefix(string(after), before+"\n- name: \"recorded\"\n  flow: ") {
		t.Errorf("got\n%s", after)
	}
	if _, ok, err := c.Append([]byte("tests: [{name: first}]\n")); ok || err != nil {
		t.Errorf("appended to a list in brackets: %v", err)
	}
}

func TestAnswersOfStepsThatAreGoneAreNotWritten(t *testing.T) {
	renamed := append(journal(), host.StepRecord{
		Path: "buyer", Seq: 4, State: host.StepDone, Call: "shop.customer.get", Output: json.RawMessage(`{"id":"30511"}`),
	})
	c := record(t, renamed)
	text, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "buyer:") {
		t.Errorf("the flow has no step buyer:\n%s", text)
	}
	if report, err := c.Verify(load(t).Sources(), catalog(t)); err != nil || report.Failed > 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestMadeUpNamesAreNotTakenForRealOnes(t *testing.T) {
	mask := &rehearse.Mask{}
	got, err := mask.JSON(json.RawMessage(`{"first_name":"花子","last_name":"山田","full_name":"山田　花子","line1":"神南1-19-11"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"first_name":"山田","full_name":"花子　山田","last_name":"花子","line1":"見本町1-2-1"}`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestAValueThatDecidesIsKeptOrMissed(t *testing.T) {
	flow := load(t).Flow("sync-own")
	steps := journal()[:1]
	_, err := rehearse.NewCase("recorded", flow, event(), steps, &rehearse.Mask{})
	if _, diverges := errors.AsType[*rehearse.DivergesError](err); !diverges {
		t.Errorf("another way was taken without a word: %v", err)
	}
	for _, mask := range []*rehearse.Mask{{Rules: string(load(t).Sources()["own.yaml"])}, {Keep: []string{"email"}}} {
		if _, err := rehearse.NewCase("recorded", flow, event(), steps, mask); err != nil {
			t.Error(err)
		}
	}
}

func TestMaskKeepsFormsAndSameness(t *testing.T) {
	m := &rehearse.Mask{}
	got, err := m.JSON(json.RawMessage(`{"a":[
		{"name01":"鈴木","name02":"真理","full_name":"鈴木 真理","kana01":"スズキ"},
		{"email":"Mari@Shop.example.org"},{"mail":"mari@shop.example.org"},{"email":"ken@shop.example.org"},
		{"tel01":"090-5555-1234"},{"Phone":"09055551234"},{"MobilePhone":"09055559999"},
		{"zip":"150-0041"},{"addr01":"東京都渋谷区神南1-19-11"},{"birthday":"1985-07-23"},{"memo":"call Mari"},
		{"id":450789469},{"customer_id":"450789469"},{"AccountId":"001xx000003DGb2AAG"},
		{"status":"active","total":12800,"link":"https://shop.example.org/c/450789469"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"a":[` + strings.Join([]string{
		`{"full_name":"山田 花子","kana01":"ヤマダ","name01":"山田","name02":"花子"}`,
		`{"email":"hanako@example.com"}`, `{"mail":"hanako@example.com"}`, `{"email":"taro@example.com"}`,
		`{"tel01":"090-0000-0001"}`, `{"Phone":"09000000001"}`, `{"MobilePhone":"09000000002"}`,
		`{"zip":"150-0001"}`, `{"addr01":"東京都見本町1-2-1"}`, `{"birthday":"1985-01-01"}`, `{"memo":"見本の文 1"}`,
		`{"id":450000001}`, `{"customer_id":"450000001"}`, `{"AccountId":"001000000000000002"}`,
		`{"link":"https://shop.example.org/c/450000001","status":"active","total":12800}`,
	}, ",") + `]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"status"}, m.Kept()); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

// TestListsOfIDsAreMadeUpToo expects ids of many people to be no plainer than one.
func TestListsOfIDsAreMadeUpToo(t *testing.T) {
	m := &rehearse.Mask{Keep: []string{"batch_id"}}
	got, err := m.JSON(json.RawMessage(`{"user_ids":["U4af4980629","U91eeaf62d8"],"order_numbers":[10021],"batch_id":77001}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"U4af4980629", "U91eeaf62d8", "10021"} {
		if strings.Contains(string(got), secret) {
			t.Errorf("%s is in %s", secret, got)
		}
	}
	if !strings.Contains(string(got), "77001") {
		t.Errorf("the number to be kept is not in %s", got)
	}
}

// TestTheSubjectIsKeptWhereItDecides is about flows whose condition names one record.
func TestTheSubjectIsKeptWhereItDecides(t *testing.T) {
	for _, m := range []*rehearse.Mask{{Keep: []string{"subject"}}, {Rules: "when: event.subject == '30511'"}} {
		if got := m.Subject("30511"); got != "30511" {
			t.Errorf("the subject became %s", got)
		}
	}
	if got := (&rehearse.Mask{}).Subject("30511"); got == "30511" {
		t.Error("the subject stayed as it is")
	}
}

func TestARunThatBeganLateIsRecordedAsLate(t *testing.T) {
	late := event()
	late.Received = late.Time.AddDate(0, 0, 2)
	if trace := rehearse.Rehearse(load(t).Flow("later"), late, rehearse.NewAnswers(late, nil, rehearse.Platforms{})); trace.Outcome != rules.OutcomeStopped {
		t.Errorf("a dry run waits for what was over when the event came: %+v", trace)
	}
	c, err := rehearse.NewCase("late", load(t).Flow("later"), late, nil, &rehearse.Mask{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.YAML()
	if err != nil || !strings.Contains(string(text), "started_at: \"2026-01-04T09:00:00Z\"") || !strings.Contains(string(text), "stopped") {
		t.Errorf("%s, %v", text, err)
	}
	if report, err := c.Verify(load(t).Sources(), catalog(t)); err != nil || report.Failed > 0 {
		t.Errorf("%+v, %v", report, err)
	}
	text = yamlOf(t, "later", event(), nil)
	if strings.Contains(string(text), "started_at") {
		t.Errorf("a run in time began late:\n%s", text)
	}
}

func TestAnEventWithoutATimeIsRecordedWhenItCame(t *testing.T) {
	timeless := event()
	timeless.Time, timeless.Received = time.Time{}, timeless.Time
	if text := yamlOf(t, "sync", timeless, journal()); !strings.Contains(string(text), "time: \"2026-01-02T09:00:00Z\"") {
		t.Errorf("got\n%s", text)
	}
}

func TestARenamedStepKeepsItsAnswer(t *testing.T) {
	renamed := journal()
	renamed[0].Path = "buyer"
	text := string(yamlOf(t, "sync", event(), renamed))
	if !strings.Contains(text, "    customer:\n") || strings.Contains(text, "buyer") {
		t.Errorf("the answer is gone:\n%s", text)
	}
	renamed[0].Input = json.RawMessage(`{"id":"other"}`)
	if text = string(yamlOf(t, "sync", event(), renamed)); !strings.Contains(text, "# The run had steps that the flow no longer has") || !strings.Contains(text, "buyer") {
		t.Errorf("an answer is left out without a word:\n%s", text)
	}
}

func TestTheAnswerOfAnotherActionIsLeftOut(t *testing.T) {
	other := journal()
	other[0].Call = "shop.order.get"
	c, err := rehearse.NewCase("recorded", load(t).Flow("sync"), event(), other, &rehearse.Mask{})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Unused(); !slices.Contains(got, other[0].Path) {
		t.Errorf("left out: %q", got)
	}
}

func yamlOf(t *testing.T, flow string, e host.Event, steps []host.StepRecord) []byte {
	t.Helper()
	c, err := rehearse.NewCase("recorded", load(t).Flow(flow), e, steps, &rehearse.Mask{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	return text
}
