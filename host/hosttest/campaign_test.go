package hosttest_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules/library"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// campaignFriends are friends of the account; one more has blocked it.
const campaignFriends = 1200

// campaign is a host whose members are friends of a LINE account, and the
// shipped flow that sends to all of them.
type campaign struct {
	*hosttest.Host

	t *testing.T
}

func openCampaign(t *testing.T) *campaign {
	t.Parallel()
	rules := map[string]string{"linked.yaml": peopleRules["linked.yaml"]}
	for _, file := range append([]string{"flow.yaml"}, library.Parts("line-segment-message")...) {
		text, err := fs.ReadFile(library.Files(), "line-segment-message/"+file)
		if err != nil {
			t.Fatal(err)
		}
		rules["line-segment-message/"+file] = string(text)
	}
	a := &campaign{t: t, Host: hosttest.Start(t, hosttest.Options{
		Rules: rules, Connections: map[string]hosttest.Connection{"line": {Connector: "line", Quiet: true}}, Process: true,
	})}
	return a
}

// befriend has the friends known to LINE and imported here, and who blocked the account.
func (a *campaign) befriend() {
	a.t.Helper()
	for n := range campaignFriends + 1 {
		if err := a.Sims["line"].PutRecord(a.t.Context(), "users", userID(n), map[string]any{"friend": true, "blocked": n == campaignFriends}); err != nil {
			a.t.Fatal(err)
		}
	}
	a.tell(0, campaignFriends, true)
	a.tell(campaignFriends, campaignFriends+1, false)
}

func userID(n int) string { return fmt.Sprintf("U%032x", n) }

// tell imports users of LINE from the number first to before the number end.
func (a *campaign) tell(first, end int, follows bool) {
	a.t.Helper()
	var facts []api.MemberFact
	for n := first; n < end; n++ {
		data := fmt.Appendf(nil, `{"user_id":"%s","following":%t}`, userID(n), follows)
		facts = append(facts, api.MemberFact{Connection: "line", Model: abi.ModelContact, Data: data})
	}
	if _, err := a.Client.ImportMembers(a.t.Context(), api.MemberImport{Facts: facts}); err != nil {
		a.t.Fatal(err)
	}
}

var spring = api.MemberMessage{Campaign: "spring-2026", Connection: "line", Where: "true"}

func (a *campaign) message(ask api.MemberMessage) api.MemberMessaged {
	a.t.Helper()
	done, err := a.Client.MessageMembers(a.t.Context(), ask)
	if err != nil {
		a.t.Fatal(err)
	}
	return done
}

// multicasts are the requests to send that LINE took, oldest first.
func (a *campaign) multicasts() [][]string {
	a.t.Helper()
	var outbox []struct {
		ID string
		To []string
	}
	if err := a.Sims["line"].Records(a.t.Context(), "messages", &outbox); err != nil {
		a.t.Fatal(err)
	}
	var all [][]string
	for _, request := range outbox {
		all = append(all, request.To)
	}
	return all
}

// eachOnce waits until every batch has been sent, and says unless every friend got the message once.
func (a *campaign) eachOnce() {
	a.t.Helper()
	batches := len(a.announced())
	a.Await("all runs to end", func() bool {
		return len(a.Runs(host.RunFilter{Limit: 1000})) == batches && nothingOpen(a.Host)
	})
	got := slices.Sorted(slices.Values(slices.Concat(a.multicasts()...)))
	if len(got) != campaignFriends || len(slices.Compact(got)) != campaignFriends {
		a.t.Errorf("%d messages went out, to %d people; want %d of each", len(got), len(slices.Compact(got)), campaignFriends)
	}
	if failed := a.Runs(host.RunFilter{State: host.RunFailed}); len(failed) > 0 {
		a.t.Errorf("%d runs failed, as %+v", len(failed), failed[0].Error)
	}
}

// TestACampaignIsSentInBatches, each once: an answer is lost on the way, and the
// host is killed while it sends.
func TestACampaignIsSentInBatches(t *testing.T) {
	a := openCampaign(t)
	a.befriend()
	preview := spring
	preview.Preview = true
	if p := a.message(preview); p.Selected != campaignFriends+1 || p.Unreachable != 1 || p.Recipients != campaignFriends || p.Batches != 3 {
		t.Errorf("the preview is %+v", p)
	}
	lost := simkit.Fault{Match: simkit.Match{Path: "/message/multicast"}, Kind: simkit.FaultReset, AfterEffect: true}
	inject(t, a.Host, "line", lost)
	if done := a.message(spring); done.Recipients != campaignFriends || done.Batches != 3 {
		t.Errorf("announced %+v", done)
	}
	a.Await("the first batch", func() bool { return len(a.multicasts()) > 0 })
	a.Kill()
	a.Restart()
	if again := a.message(spring); again.Served != campaignFriends || again.Recipients != 0 || again.Batches != 0 {
		t.Errorf("given again: %+v", again)
	}
	a.eachOnce()
	var sizes []int
	for _, to := range a.multicasts() {
		sizes = append(sizes, len(to))
	}
	if !slices.Equal(sizes, []int{500, 500, 200}) {
		t.Errorf("the batches have %v people", sizes)
	}
}

// TestAnInterruptedCampaignGoesOn: the host is killed between two batches, and
// the command is given again.
func TestAnInterruptedCampaignGoesOn(t *testing.T) {
	a := openCampaign(t)
	a.befriend()
	small := spring
	small.Batch = 4
	interrupted := make(chan error, 1)
	client, ctx := a.Client, t.Context()
	go func() {
		_, err := client.MessageMembers(ctx, small)
		interrupted <- err
	}()
	a.Await("some batches", func() bool { return len(a.announced()) > 2 })
	a.Kill()
	if err := <-interrupted; err == nil {
		t.Error("the campaign was not interrupted")
	}
	a.Restart()
	before := len(a.announced())
	done := a.message(small)
	if done.Served != before*small.Batch || done.Recipients != campaignFriends-done.Served {
		t.Errorf("after %d batches the rest is %+v", before, done)
	}
	a.eachOnce()
	for n, r := range a.announced() {
		if r.Batch != int64(n+1) {
			t.Fatalf("batch %d has the number %d", n+1, r.Batch)
		}
	}
}

// TestALargeCampaignFillsItsBatches: one request looks at 20,000 members at most,
// and whom it has no full batch for goes with the next.
func TestALargeCampaignFillsItsBatches(t *testing.T) {
	a := openCampaign(t)
	const all, part = 20_750, 4_150
	for first := 0; first < all; first += part {
		a.tell(first, first+part, true)
	}
	ask := spring
	ask.Preview, ask.Batch = true, 300
	first := a.message(ask)
	if first.Selected != 20_000 || first.Batches != 66 || len(first.Waiting) != 200 || first.Next == "" {
		t.Fatalf("the first part is %d members, %d batches, %d waiting", first.Selected, first.Batches, len(first.Waiting))
	}
	ask.After, ask.Waiting = first.Next, first.Waiting
	if rest := a.message(ask); rest.Selected != 750 || rest.Recipients != 950 || rest.Batches != 4 || rest.Next != "" {
		t.Errorf("the rest is %d members, %d people in %d batches", rest.Selected, rest.Recipients, rest.Batches)
	}
}

// announced are the batches, oldest first.
func (a *campaign) announced() []members.MessageRequest {
	a.t.Helper()
	events, err := a.Client.Events(a.t.Context(), host.EventFilter{Connection: host.Builtin, Type: members.EventMessageRequested, Limit: 1000})
	if err != nil {
		a.t.Fatal(err)
	}
	slices.Reverse(events)
	all := make([]members.MessageRequest, len(events))
	for i := range events {
		if err := json.Unmarshal(events[i].Data, &all[i]); err != nil {
			a.t.Fatal(err)
		}
	}
	return all
}
