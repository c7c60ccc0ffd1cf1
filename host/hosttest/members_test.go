package hosttest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// memberRules link friends of line with customers of shop, tag them, and greet
// whom they tag.
var memberRules = map[string]string{
	"link.yaml": "language: 1\nlink: friends\nchannel: line\ncart: shop\nkeys: [phone]\n",
	"tag.yaml":  "language: 1\ntag: 常連\nwhen: member.totals.orders >= 2\n",
	"greet.yaml": `
language: 1
flow: greet
on: {connection: musubi, event: member.tag_added}
when: event.data.tag == '常連' && event.data.member.channels.size() > 0
steps:
  - call: line.message.push
    with: {to: "${event.data.member.channels[0].user_id}", messages: [{type: text, text: "いつもありがとうございます"}]}
  - call: musubi.member.add_points
    with: {id: "${event.subject}", points: 100}
`,
}

func startMembers(t *testing.T) *hosttest.Host {
	t.Helper()
	return hosttest.Start(t, hosttest.Options{
		Rules: memberRules, Process: true,
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}, "line": {Connector: "line"}},
	})
}

func importFact(t *testing.T, h *hosttest.Host, connection string, fact commerce.Modelled) {
	t.Helper()
	data, err := json.Marshal(fact)
	if err != nil {
		t.Fatal(err)
	}
	out, err := h.Client.ImportMembers(t.Context(), api.MemberImport{
		Announce: true, Facts: []api.MemberFact{{Connection: connection, Model: fact.SharedModel(), Data: data}},
	})
	if err != nil || len(out.Refused) > 0 {
		t.Fatalf("%v %v", err, out.Refused)
	}
}

func friendOf(t *testing.T, h *hosttest.Host, user string) *commerce.Member {
	t.Helper()
	found, err := h.Client.FindMembers(t.Context(), api.MemberSearch{Connection: "line", User: user})
	if err != nil || len(found) > 1 {
		t.Fatalf("%d members are %s: %v", len(found), user, err)
	}
	if len(found) == 0 {
		return &commerce.Member{}
	}
	return &found[0]
}

const friendID = "Ufedcba9876543210fedcba9876543210" // the sim's first friend

// A friend gives a telephone number, the customer who has it buys, and is
// greeted, once, however often the host is killed and the shop repeats itself.
func TestMembersCountOnceThroughKills(t *testing.T) {
	h := startMembers(t)
	if answer := h.Deliver("line", simkit.Delivery{Event: "follow", ID: friendID}); answer.Status != http.StatusOK {
		t.Fatalf("the host answered %d", answer.Status)
	}
	h.Await("the friend to be a member", func() bool { return friendOf(t, h, friendID).ID != "" })
	importFact(t, h, "line", commerce.Contact{UserID: friendID, Phone: "09011112222"})
	importFact(t, h, "shop", commerce.Customer{ID: "30501", Phone: "090-1111-2222", FullName: "山田 花子"})

	const orders = 120
	for n := range orders {
		deliverOrder(t, h, n)
		if n%40 == 39 {
			h.Kill()
			h.Restart()
			deliverOrder(t, h, n) // the shop did not hear that it arrived
		}
	}
	h.Await("all orders to be counted", func() bool { return friendOf(t, h, friendID).Totals.Orders >= orders })
	h.Await("the greeting", func() bool { return friendOf(t, h, friendID).Points > 0 && len(h.Settled(1)) == 1 })
	checkFriend(t, h, orders)
}

// deliverOrder delivers an order until the host says that it has it.
func deliverOrder(t *testing.T, h *hosttest.Host, n int) {
	t.Helper()
	body := fmt.Appendf(nil, `{"order":{"id":"%d","number":"N%d","state":"complete","total":"1000","updated_at":"%s","customer":{"id":"30501"}}}`,
		8000+n, n, time.Date(2026, 11, 2, 0, 0, n, 0, time.UTC).Format("2006/01/02 15:04:05"))
	h.Await("order "+strconv.Itoa(n)+" to be accepted", func() bool {
		status, _ := h.Send("shop", http.Header{"X-Ecf-Event": {"order_updated"}, "Content-Type": {"application/json"}}, body)
		return status == http.StatusOK
	})
}

func checkFriend(t *testing.T, h *hosttest.Host, orders int64) {
	t.Helper()
	m := friendOf(t, h, friendID)
	if m.Totals.Orders != orders || m.Totals.Amount != orders*1000 || m.Points != 100 || m.Name != "山田 花子" {
		t.Errorf("the member is %+v", m)
	}
	detail, err := h.Client.Member(t.Context(), m.ID)
	if err != nil || len(detail.Tags) != 1 || detail.Tags[0].Cause.By != host.ByRule {
		t.Errorf("the tags are %+v (%v)", detail.Tags, err)
	}
	var sent []struct {
		Delivered []string `json:"delivered"`
	}
	if err := h.Sims["line"].Records(t.Context(), "messages", &sent); err != nil || len(sent) != 1 || len(sent[0].Delivered) != 1 {
		t.Errorf("line sent %+v (%v)", sent, err)
	}
}
