package builtin_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/builtin"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

const spentFlow = `language: 1
flow: thanks
on: {connection: musubi, event: member.updated}
steps:
  - id: member
    call: musubi.member.get
    with: {id: "${event.subject}"}
  - if: member.spentSince(now.date().minusDays(90)) < 3000 || member.ordersSince(now.date().startOfYear()) != 2
    then:
      - stop: not yet
  - id: found
    call: musubi.member.find
    with: {phone: "09011112222"}
  - if: has(found.member) && found.member.ordersSince(now.date().startOfMonth()) == 0
    then:
      - stop: not this month
`

// A flow asks what member.get answers for a period, and the time is the event's.
func TestAFlowAsksForAPeriod(t *testing.T) {
	m := openMembers(t)
	c, err := builtin.New(builtin.Members(func() *members.Members { return m }, nil))
	if err != nil {
		t.Fatal(err)
	}
	do := func(action, input string) string {
		out, err := c.Invoke(context.Background(), host.Invocation{Op: abi.OpAction, Name: action, Flow: "thanks", Input: []byte(input)})
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	do("member.observe", `{"connection":"chat","contact":{"user_id":"U1","phone":"09011112222"}}`)
	do("member.observe", `{"connection":"shop","customer":{"id":"7","phone":"090-1111-2222"}}`)
	for i, at := range []string{"2025-12-31T15:00:00Z", "2026-03-31T14:59:59Z"} { // New Year's Day and March 31 in Japan
		do("member.observe", fmt.Sprintf(`{"connection":"shop","order":{"id":"o%d","customer_id":"7","ordered_at":%q,"total":{"amount":1500,"currency":"JPY"}}}`, i, at))
	}
	member := do("member.get", `{"id":"1"}`)
	var tests strings.Builder
	tests.WriteString("tests:\n")
	for at, want := range map[string]string{
		"2026-03-31T23:00:00+09:00": "outcome: done", "2026-04-01T00:00:00+09:00": "outcome: stopped, reason: not this month",
		"2026-04-02T00:00:00+09:00": "outcome: stopped, reason: not yet", "2027-01-01T00:00:00+09:00": "outcome: stopped, reason: not yet",
	} {
		fmt.Fprintf(&tests, "  - name: at %s\n    event: {subject: \"1\", time: %q, data: {member: %s}}\n    results: {member: %s, found: {count: 1, member: %s}}\n    expect: {%s}\n", at, at, member, member, member, want)
	}
	folder := fstest.MapFS{"thanks.yaml": {Data: []byte(spentFlow)}, "tests.yaml": {Data: []byte(tests.String())}}
	catalog := &rules.Catalog{Member: c.Member(), Connections: map[string]*rules.Connection{"musubi": {Manifest: c.Manifest()}}}
	report, err := rules.RunTests(folder, catalog)
	if err != nil || report.Passed != 4 || report.Failed != 0 {
		t.Errorf("%v %+v", err, report)
	}
	folder["thanks.yaml"].Data = []byte(strings.ReplaceAll(spentFlow, "has(found.member) && ", ""))
	if _, err := rules.RunTests(folder, catalog); err == nil || !strings.Contains(err.Error(), "found.member") {
		t.Errorf("a member of whom nobody asked: %v", err)
	}
	folder["thanks.yaml"].Data = []byte(strings.ReplaceAll(spentFlow, "has(found.member) && found.member", "found.?member"))
	if _, err := rules.RunTests(folder, catalog); err == nil || !strings.Contains(err.Error(), "found.?member may be absent") {
		t.Errorf("a member who may not be there: %v", err)
	}
}
