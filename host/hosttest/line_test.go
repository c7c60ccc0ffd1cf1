package hosttest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// talk are flows that answer a friend: by reply, and by push.
var talk = map[string]string{
	"welcome.yaml": `language: 1
flow: welcome
on: {connection: line, event: user.followed}
steps:
  - call: line.message.reply
    with: {reply_token: "${event.data.?reply_token.orValue('')}", messages: [{type: text, text: 友だち追加ありがとうございます}]}
`,
	"echo.yaml": `language: 1
flow: echo
on: {connection: line, event: message.received}
steps:
  - call: line.message.push
    with: {to: "${event.data.?user_id.orValue('')}", messages: [{type: text, text: "受け付けました: ${event.data.message.?text.orValue('')}"}]}
`,
	"button.yaml": `language: 1
flow: button
on: {connection: line, event: postback.received}
steps:
  - call: line.message.push
    with: {to: "${event.data.?user_id.orValue('')}", messages: [{type: text, text: "押されました: ${event.data.data}"}]}
`,
}

// chat is a host with nothing but a LINE account.
type chat struct {
	*hosttest.Host

	t *testing.T
	// seen is how many messages the test has looked at.
	seen int
}

func openChat(t *testing.T) *chat {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{Rules: talk, Connections: map[string]hosttest.Connection{"line": {Connector: "line", Quiet: true}}})
	return &chat{Host: h, t: t}
}

// TestAFriendTalksWithTheAccount: each thing that a friend does is answered
// once, whatever LINE delivers twice and whichever answer is lost on the way.
func TestAFriendTalksWithTheAccount(t *testing.T) {
	a := openChat(t)
	a.Deliver("line", simkit.Delivery{Event: "follow", ID: friend})
	a.answered("welcome", host.RunDone, "友だち追加ありがとうございます")

	a.losesAnAnswer("/message/push")
	a.Deliver("line", simkit.Delivery{Event: "message", ID: friend})
	a.answered("echo", host.RunDone, "受け付けました: 注文の状況を知りたい")
	if got := a.statuses("/message/push"); !slices.Equal(got, []int{http.StatusOK, http.StatusConflict}) {
		t.Errorf("LINE answered %v", got)
	}

	a.Deliver("line", simkit.Delivery{Event: "postback", ID: friend})
	a.answered("button", host.RunDone, "押されました: action=stop_cart&cart=991")
	pressed := a.eventID("postback.received")
	if answer := a.Deliver("line", simkit.Delivery{Event: "redelivery", ID: pressed}); answer.Status != http.StatusOK {
		t.Errorf("the redelivery is answered %+v", answer)
	}
	if again := a.eventID("postback.received"); again != pressed {
		t.Errorf("the redelivery became the event %s", again)
	}
	a.answered("button", host.RunDone)
}

// TestALostReplyIsNotSentAgain: a reply has no retry key, but its token is good
// once. The second attempt is refused, and a person sees why.
func TestALostReplyIsNotSentAgain(t *testing.T) {
	a := openChat(t)
	a.losesAnAnswer("/message/reply")
	a.Deliver("line", simkit.Delivery{Event: "follow", ID: friend})
	run := a.answered("welcome", host.RunFailed, "友だち追加ありがとうございます")
	if run.Error == nil || run.Error.Code != "reply_token" {
		t.Errorf("the run failed with %+v", run.Error)
	}
}

// losesAnAnswer has the next request take effect and its connection cut.
func (a *chat) losesAnAnswer(path string) {
	a.t.Helper()
	inject(a.t, a.Host, "line", simkit.Fault{Match: simkit.Match{Path: path}, Kind: simkit.FaultReset, AfterEffect: true})
}

// answered waits until the one run of a flow has ended as it should, and
// compares what LINE has sent since the last look.
func (a *chat) answered(flow string, state host.RunState, want ...string) host.Run {
	a.t.Helper()
	var runs []host.Run
	a.Await("the run of "+flow, func() bool {
		runs = a.Runs(host.RunFilter{Flow: flow})
		return len(runs) > 0 && !runs[0].State.Open()
	})
	if len(runs) != 1 || runs[0].State != state {
		a.t.Fatalf("the runs of %s are %+v, want one that is %s", flow, runs, state)
	}
	all := a.sent()
	if fresh := all[a.seen:]; !slices.Equal(fresh, want) {
		a.t.Errorf("after %s LINE has sent %q, want %q", flow, fresh, want)
	}
	a.seen = len(all)
	return runs[0]
}

// sent are the texts that LINE took, oldest first.
func (a *chat) sent() []string {
	a.t.Helper()
	var outbox []struct{ Messages []struct{ Text string } }
	if err := a.Sims["line"].Records(a.t.Context(), "messages", &outbox); err != nil {
		a.t.Fatal(err)
	}
	var texts []string
	for _, request := range outbox {
		for _, m := range request.Messages {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// statuses are LINE's answers to requests of a path, oldest first.
func (a *chat) statuses(path string) []int {
	a.t.Helper()
	entries, err := a.Sims["line"].Journal(a.t.Context(), 0)
	if err != nil {
		a.t.Fatal(err)
	}
	var all []int
	for _, e := range entries {
		if strings.HasSuffix(e.Path, path) {
			all = append(all, e.Status)
		}
	}
	return all
}

// eventID is LINE's id of the one event of a type.
func (a *chat) eventID(typ string) string {
	a.t.Helper()
	events, err := a.Client.Events(a.t.Context(), host.EventFilter{Connection: "line", Type: typ})
	if err != nil || len(events) != 1 {
		a.t.Fatalf("%+v, %v", events, err)
	}
	var data struct {
		ID string `json:"event_id"`
	}
	if err := json.Unmarshal(events[0].Data, &data); err != nil {
		a.t.Fatal(err)
	}
	return data.ID
}
