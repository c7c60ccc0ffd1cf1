package hosttest_test

import (
	"strings"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// announcing are a flow that uses an endpoint which takes 60 requests an hour,
// and one that does not.
var announcing = map[string]string{
	"shout.yaml": `language: 1
flow: shout
on: {connection: line, event: message.received}
steps:
  - call: line.message.broadcast
    with: {messages: [{type: text, text: お知らせ}]}
`,
	"whisper.yaml": `language: 1
flow: whisper
on: {connection: line, event: user.followed}
steps:
  - call: line.message.push
    with: {to: "${event.data.?user_id.orValue('')}", messages: [{type: text, text: ようこそ}]}
`,
}

// An endpoint whose hour is used up is not asked again: the run waits for its
// turn, and the connection's other runs go on.
func TestEndpointThatIsUsedUpHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{
		Rules: announcing, Connections: map[string]hosttest.Connection{"line": {Connector: "line", Quiet: true}},
	})
	const hourly = 60
	for range hourly + 1 {
		h.Deliver("line", simkit.Delivery{Event: "message", ID: friend})
	}
	h.Await("the last run to wait", func() bool {
		return len(h.Runs(host.RunFilter{Flow: "shout", State: host.RunDone, Limit: 100})) == hourly &&
			len(h.Runs(host.RunFilter{Flow: "shout", State: host.RunWaiting})) == 1
	})
	waiting := h.Runs(host.RunFilter{Flow: "shout", State: host.RunWaiting})[0]
	if e := waiting.Error; e == nil || e.Code != abi.CodeEndpointLimit || waiting.Held != "" || waiting.Due.IsZero() {
		t.Errorf("the run waits for %q until %s because of %v", waiting.Held, waiting.Due, e)
	}
	if sent := broadcasts(t, h); sent != hourly {
		t.Errorf("%d broadcasts were sent, want %d", sent, hourly)
	}
	h.Deliver("line", simkit.Delivery{Event: "follow", ID: friend})
	h.Await("the other flow to be done", func() bool {
		return len(h.Runs(host.RunFilter{Flow: "whisper", State: host.RunDone})) == 1
	})
	if state := connectionState(t, h, "line"); state != host.ConnectionReady {
		t.Errorf("the connection is %s", state)
	}
}

func broadcasts(t *testing.T, h *hosttest.Host) int {
	t.Helper()
	entries, err := h.Sims["line"].Journal(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	for _, e := range entries {
		if strings.HasSuffix(e.Path, "/message/broadcast") {
			sent++
		}
	}
	return sent
}
