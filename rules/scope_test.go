package rules

import (
	"strings"
	"testing"

	"github.com/musubi-run/musubi/sdk/abi"
)

// flowOf loads one flow on order.created with these steps.
func flowOf(t *testing.T, steps string) *Flow {
	t.Helper()
	text := "language: 1\nflow: test\non: {connection: shop, event: order.created}\n" + steps
	set, err := LoadSources(map[string][]byte{"rules/test.yaml": []byte(text)}, catalog(t))
	if err != nil {
		t.Fatal(rendered(t, err, English))
	}
	return set.Flow("test")
}

func begin(t *testing.T, f *Flow) *Scope {
	t.Helper()
	s, err := f.Begin(orderEvent())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func stopReason(t *testing.T, s *Scope, step *Step) string {
	t.Helper()
	stop, ok := step.Do.(*Stop)
	if !ok {
		t.Fatalf("no stop: %T", step.Do)
	}
	text, err := stop.Reason.String(s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const customerSteps = `steps:
  - id: customer
    call: shop.customer.get
    with: {id: "${event.data.customer_id}"}
  - foreach: event.data.items
    as: line
    steps:
      - stop: "${customer.id} ${line.name} ${line.quantity}"
`

func TestResultsAreSeenByLaterStepsAndForks(t *testing.T) {
	f := flowOf(t, customerSteps)
	s := begin(t, f)
	if err := s.Bind(f.Steps[0], []byte(`{"id":"30511","number":"C1","buy_times":1,"opt_in":true,"tags":[],"updated_at":"2025-01-01T00:00:00Z"}`)); err != nil {
		t.Fatal(err)
	}
	each, ok := f.Steps[1].Do.(*Foreach)
	if !ok {
		t.Fatal("no foreach")
	}
	items, err := each.In.Items(s)
	if err != nil || len(items) != 2 {
		t.Fatalf("%d items: %v", len(items), err)
	}
	first, second := s.Fork(), s.Fork()
	for i, fork := range []*Scope{first, second} {
		if err := fork.BindName(each.As, each.Item, items[i]); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := stopReason(t, first, each.Steps[0]), "30511 お試しセット 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := stopReason(t, second, each.Steps[0]), "30511 石けん 3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNamesOfASetStepKeepTheirTypes(t *testing.T) {
	f := flowOf(t, `steps:
  - set: {due: "${event.data.ordered_at.plusDays(1)}", sum: "${event.data.total + 1}"}
  - stop: "${due.format('M/d')} ${sum + 1}"
`)
	s := begin(t, f)
	if err := s.Bind(f.Steps[0], []byte(`{"due":"2025-02-12T21:03:09+09:00","sum":5401}`)); err != nil {
		t.Fatal(err)
	}
	if got, want := stopReason(t, s, f.Steps[1]), "2/12 5402"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLaneKeyIsTheSubjectUnlessTheFlowSays(t *testing.T) {
	for steps, want := range map[string]string{
		"steps: [{stop: x}]\n":                                    "O-1",
		"key: event.data.customer_id\nsteps: [{stop: x}]\n":       "30511",
		"key: event.data.total\nsteps: [{stop: x}]\n":             "5400",
		"key: event.data.total > 1\nsteps: [{stop: x}]\n":         "true",
		"key: event.data.?memo.orValue('')\nsteps: [{stop: x}]\n": "",
	} {
		f := flowOf(t, steps)
		if got, err := f.LaneKey(begin(t, f)); err != nil || got != want {
			t.Errorf("%s: got %q %v, want %q", steps, got, err, want)
		}
	}
}

func TestDataOfAnotherShapeIsInvalid(t *testing.T) {
	f := flowOf(t, "steps: [{stop: x}]\n")
	ev := orderEvent()
	ev.Data = []byte(`["not an object"]`)
	if _, err := f.Begin(ev); abi.KindOf(err) != abi.Invalid {
		t.Errorf("got %v", err)
	}
	s := begin(t, flowOf(t, customerSteps))
	if err := s.BindName("customer", nil, []byte(`[]`)); abi.KindOf(err) != abi.Invalid {
		t.Errorf("got %v", err)
	}
}

// TestFailingExpressionsNameTheirPlace looks at what ops read in the run's error.
func TestFailingExpressionsNameTheirPlace(t *testing.T) {
	cases := map[string]string{
		"${event.data.items[9].name}":                            `rules/test.yaml:5:33: event.data.items[9].name is not there / event.data.items[9].name がありません`,
		"${string(event.data.total / 0)}":                        `rules/test.yaml:5:38: this divides by zero / 0 で割っています`,
		"${string(event.data.total * 9223372036854775807)}":      `rules/test.yaml:5:38: the result is too large for a number / 計算結果が数値の範囲を超えました`,
		"${string(int(event.data.number))}":                      `rules/test.yaml:5:24: this cannot be read as a number / 数値として読めません`,
		"${'x'.e164()}":                                          `rules/test.yaml:5:22: "x" is not a Japanese telephone number / 「x」は日本の電話番号ではありません`,
		"${string(dyn('5') + 1)}":                                `rules/test.yaml:5:30: a value is of another kind than this works with, such as text for a number, or null: turn it into the right one first, as with int(…) or string(…) / 値の種類が合いません(数値のはずが文字、または null など)。int(…) や string(…) などで先に変換してください`,
		"${event.data.number.parseJson().a}":                     `rules/test.yaml:5:41: this text is not JSON / JSON として読めません`,
		"${event.data.items[0].?options['x'].orValue('') + ''}":  ``,
		"${event.data.items.filter(i, i.quantity > 99)[0].name}": `rules/test.yaml:5:60: the item that is asked for, or the field of it, is not there / 指定された要素、またはその項目がありません`,
		"${'{}'.parseJson().a}":                                  `rules/test.yaml:5:30: the field that is asked for is not there / 指定された項目がありません`,
		"注文 ${'[1]'.parseJson()}":                                `rules/test.yaml:5:17: this should be text but is a list / 文字のはずが リスト です`,
	}
	for text, want := range cases {
		f := flowOf(t, "steps:\n  - stop: \""+text+"\"\n")
		stop, ok := f.Steps[0].Do.(*Stop)
		if !ok {
			t.Fatal("no stop")
		}
		_, err := stop.Reason.String(begin(t, f))
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		if abi.KindOf(err) != abi.Invalid || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}

// TestALoopOverTooMuchIsStopped gives a nested loop far more items than the check assumed.
func TestALoopOverTooMuchIsStopped(t *testing.T) {
	f := flowOf(t, "when: event.data.items.all(a, event.data.items.all(b, a.sku == b.sku))\nsteps: [{stop: x}]\n")
	item := `{"sku":"A","name":"n","quantity":1,"price":1}`
	ev := orderEvent()
	ev.Data = []byte(`{"id":"O","number":"A","customer_id":"1","total":1,"status":"paid","ordered_at":"2025-02-11T21:03:09+09:00","items":[` +
		strings.TrimSuffix(strings.Repeat(item+",", 3000), ",") + `]}`)
	s, err := f.Begin(ev)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Selects(s)
	if abi.KindOf(err) != abi.Invalid || !strings.Contains(err.Error(), "takes too long") {
		t.Errorf("got %v", err)
	}
}

func TestEmptySetHasNoRules(t *testing.T) {
	var s Set
	if s.Flow("x") != nil || s.On("a", "b") != nil || len(s.Flows()) != 0 || len(s.TagRules()) != 0 {
		t.Error("the zero Set has rules")
	}
}

func TestDisabledFlowsAreKeptButNotStarted(t *testing.T) {
	text := "language: 1\nflow: off\nenabled: false\non: {connection: shop, event: order.created}\nsteps: [{stop: x}]\n"
	set, err := LoadSources(map[string][]byte{"off.yaml": []byte(text)}, catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	if set.On("shop", "order.created") != nil || len(set.Flows()) != 0 {
		t.Error("a disabled flow starts")
	}
	if set.Flow("off") == nil {
		t.Error("a run of a disabled flow cannot be finished")
	}
}
