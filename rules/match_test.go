package rules

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/musubi-run/musubi/sdk/abi"
)

// conditions are pieces from which whole conditions are put together: some are
// decided by comparing, some only by CEL, some have no value for some events.
var conditions = []string{
	`event.data.total > 3000`, `3000 <= event.data.total`, `event.data.total == 5400`, `event.data.total != 5400`, `event.data.total < params.limit`,
	`event.data.status == "paid"`, `event.data.status in ["paid", "shipped"]`, `event.data.status != params.status`, `event.data.total in [1, 2]`,
	`event.data.number.startsWith("A")`, `event.data.number.endsWith("9")`, `event.data.number.contains("1")`, `event.data.number.matches("^A")`,
	`has(event.data.coupon)`, `!has(event.data.coupon)`, `has(event.data.coupon) && event.data.coupon == "SPRING"`, `has(event.data.shipped_at)`,
	`event.data.?coupon.orValue("") == "SPRING"`, `event.data.?memo.hasValue()`, `event.data.customer_id == event.subject`, `event.subject == "O-1"`,
	`event.data.items.exists(i, i.sku == "SOAP")`, `event.data.items.size() > params.limit`, `event.data.items[1].price > 1000`, `event.data.total / event.data.items.size() > 1000`,
	`now > event.data.ordered_at`, `event.data.ordered_at == event.time`, `decimal(event.data.total) > decimal("1.5")`, `event.data.?tax_rate.orValue(0.0) > 0.05`,
}

// drawn puts conditions together.
func drawn(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		kind := rapid.IntRange(0, 3).Draw(t, "kind")
		if depth == 0 || kind == 0 {
			return rapid.SampledFrom(conditions).Draw(t, "condition")
		}
		one, other := drawn(depth-1).Draw(t, "one"), drawn(depth-1).Draw(t, "other")
		return [...]string{"", "(" + one + ") && (" + other + ")", "(" + one + ") || (" + other + ")", "!(" + one + ")"}[kind]
	})
}

// happenings are events of several shapes, odd ones too.
var happenings = []string{
	`{"id":"O-1","number":"A1","customer_id":"O-1","total":5400,"status":"paid","ordered_at":"2025-02-11T21:03:09+09:00","coupon":"SPRING","items":[{"sku":"SOAP","name":"s","quantity":1,"price":1140},{"sku":"X","name":"x","quantity":1,"price":2000}]}`,
	`{"id":"O-2","number":"B9","customer_id":"7","total":10,"status":"shipped","ordered_at":"2025-02-11T12:00:00Z","shipped_at":"2025-02-12T12:00:00Z","memo":"m","tax_rate":0.1,"items":[]}`,
	`{"id":"O-3","number":7,"customer_id":"7","total":"much","status":"paid","ordered_at":"soon","coupon":5,"items":[{"sku":"SOAP"}]}`,
	`{"id":"O-4","status":null,"total":null}`,
}

// TestSelectSaysWhatEachFlowWouldSay compares the flows that are found together
// with what CEL says of each flow's whole condition.
func TestSelectSaysWhatEachFlowWouldSay(t *testing.T) {
	c := catalog(t)
	rapid.Check(t, func(t *rapid.T) {
		folder := fstest.MapFS{}
		for i, when := range rapid.SliceOfN(drawn(2), 1, 6).Draw(t, "conditions") {
			folder[fmt.Sprintf("f%d.yaml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, `language: 1
flow: f%d
params: {limit: {type: integer, default: 3}, status: {type: string, default: paid}}
on: {connection: shop, event: order.created}
when: >-
  %s
steps: [{stop: x}]
`, i, when)}
		}
		set, err := Load(folder, c)
		if err != nil {
			return // an absent field is used somewhere: refused at the check
		}
		for _, data := range happenings {
			ev := &Event{ID: "e", Connection: "shop", Type: "order.created", Subject: "O-1", Time: time.Unix(1739275389, 0).UTC(), Data: []byte(data)}
			if got, want := found(set.Select(ev)), oneByOne(set, ev); got != want {
				t.Fatalf("%s\n together %s\n one by one %s", data, got, want)
			}
		}
	})
}

// found writes what was selected, for comparing.
func found(all []Selected) string {
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "%s %q %v; ", s.Flow.ID, s.Lane, s.Err)
	}
	return b.String()
}

func oneByOne(set *Set, ev *Event) string {
	var all []Selected
	for _, f := range set.On(ev.Connection, ev.Type) {
		if s, takes := f.Select(ev); takes {
			all = append(all, s)
		}
	}
	return found(all)
}

func TestSelectGivesLanesAndFaults(t *testing.T) {
	flow := func(id, rest string) string {
		return "language: 1\nflow: " + id + "\non: {connection: shop, event: order.created}\n" + rest + "steps: [{stop: x}]\n"
	}
	set, err := LoadSources(map[string][]byte{
		"a.yaml": []byte(flow("all", "")),
		"b.yaml": []byte(flow("by-customer", "key: event.data.customer_id\nwhen: event.data.total > 1\n")),
		"c.yaml": []byte(flow("no-value", "when: event.data.items[9].price > 1\n")),
		"d.yaml": []byte(flow("not", "when: event.data.status == 'new'\n")),
	}, catalog(t))
	if err != nil {
		t.Fatal(rendered(t, err, English))
	}
	got := found(set.Select(orderEvent()))
	want := `all "O-1" <nil>; by-customer "30511" <nil>; no-value "O-1" c.yaml:4:26: event.data.items[9].price is not there / event.data.items[9].price がありません; `
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	odd := orderEvent()
	odd.Data = []byte(`[]`)
	if all := set.Select(odd); len(all) != 4 || abi.KindOf(all[3].Err) != abi.Invalid {
		t.Errorf("an event of another shape: %s", found(all))
	}
	if none := set.Select(&Event{Connection: "shop", Type: "nothing.happened"}); none != nil {
		t.Errorf("got %s", found(none))
	}
}
