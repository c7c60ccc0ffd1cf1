package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/sdktest"
	"github.com/musubi-run/musubi/sdk/simkit"
	"github.com/musubi-run/musubi/sdk/simkit/simclient"
)

const hanako = "Ufedcba9876543210fedcba9876543210"

var platform sdktest.Sim

func TestMain(m *testing.M) { os.Exit(platform.Run(m)) }

// account is a simulated account with a connection to it.
type account struct {
	*simclient.Process
	*sdktest.Connection
}

func openAccount(t *testing.T) *account {
	t.Helper()
	sim := platform.Start(t)
	c := sdktest.New(t, connector, map[string]any{"base_url": sim.URL, "data_url": sim.URL}, nil)
	c.Transport = http.DefaultTransport
	c.Authorize = func(r *http.Request) { r.Header.Set("Authorization", "Bearer sim-long-lived-token") }
	c.IdempotencyKey = "run-1/step-1"
	return &account{Process: sim, Connection: c}
}

// sentDelivery is one request to send, as the sim's outbox shows it.
type sentDelivery struct {
	Kind      string   `json:"kind"`
	To        []string `json:"to"`
	RequestID string   `json:"requestId"`
}

func (a *account) outbox(t *testing.T) []sentDelivery {
	t.Helper()
	var all []sentDelivery
	must(t, a.Records(t.Context(), "messages", &all))
	return all
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lose has the nth request to the path take effect and its answer get lost.
func (a *account) lose(t *testing.T, path string, n int) {
	t.Helper()
	must(t, a.Inject(t.Context(), simkit.Fault{Match: simkit.Match{Path: path}, Kind: simkit.FaultReset, AfterEffect: true, Skip: n - 1}))
}

func textTo(to any) map[string]any {
	return map[string]any{"to": to, "messages": []any{map[string]any{"type": "text", "text": "こんにちは"}}}
}

func TestPushWhoseAnswerWasLostIsSentOnce(t *testing.T) {
	a := openAccount(t)
	a.lose(t, "/push", 1)
	if err := a.Do("message.push", textTo(hanako), nil); abi.KindOf(err) != abi.Unknown {
		t.Fatalf("first attempt: %v", err)
	}
	var again sent
	must(t, a.Do("message.push", textTo(hanako), &again))
	all := a.outbox(t)
	if len(all) != 1 || again.RequestID != all[0].RequestID || len(again.Messages) != 1 || again.Messages[0].ID == "" {
		t.Errorf("sent %+v, told %+v", all, again)
	}
	a.IdempotencyKey = "run-2/step-1"
	must(t, a.Do("message.push", textTo(hanako), nil))
	if n := len(a.outbox(t)); n != 2 {
		t.Errorf("another step's message: %d went out in all", n)
	}
}

// TestMulticastGoesOnWhereItStopped: of three parts the second one's answer gets lost.
func TestMulticastGoesOnWhereItStopped(t *testing.T) {
	a := openAccount(t)
	var users []string
	for i := range 2*maxRecipients + 3 {
		users = append(users, fmt.Sprintf("U%032x", i+100))
		must(t, a.PutRecord(t.Context(), "users", users[i], map[string]any{"friend": true}))
	}
	a.lose(t, "/multicast", 2)
	if err := a.Do("message.multicast", textTo(users), nil); abi.KindOf(err) != abi.Unknown {
		t.Fatalf("first attempt: %v", err)
	}
	var out multicastOutput
	must(t, a.Do("message.multicast", textTo(users), &out))
	got := map[string]int{}
	for _, d := range a.outbox(t) {
		for _, id := range d.To {
			got[id]++
		}
	}
	for _, id := range users {
		if got[id] != 1 {
			t.Fatalf("%s got it %d times", id, got[id])
		}
	}
	if out.Recipients != int64(len(users)) || len(out.RequestIDs) != 3 {
		t.Errorf("told %d users, %d requests", out.Recipients, len(out.RequestIDs))
	}
}

// LINE refuses a whole request for one user that it does not know. The others
// get their message all the same, once, also when an answer is lost meanwhile.
func TestMulticastGoesAroundUnknownUsers(t *testing.T) {
	a := openAccount(t)
	var users, unknown []string
	for i := range maxRecipients + 40 {
		id := fmt.Sprintf("U%032x", i+100)
		users = append(users, id)
		if i == 3 || i == 250 || i == maxRecipients+1 {
			unknown = append(unknown, id)
			continue
		}
		must(t, a.PutRecord(t.Context(), "users", id, map[string]any{"friend": true}))
	}
	a.lose(t, "/multicast", 9)
	var out multicastOutput
	for range 5 {
		err := a.Do("message.multicast", textTo(users), &out)
		if err == nil {
			break
		}
		if abi.KindOf(err) != abi.Unknown {
			t.Fatal(err)
		}
	}
	if out.Recipients != int64(len(users)-len(unknown)) || !slices.Equal(out.Unknown, unknown) {
		t.Errorf("told %d users, unknown %v", out.Recipients, out.Unknown)
	}
	got := map[string]int{}
	for _, d := range a.outbox(t) {
		for _, id := range d.To {
			got[id]++
		}
	}
	for _, id := range users {
		if want := 1; got[id] != want && !slices.Contains(unknown, id) {
			t.Fatalf("%s got it %d times", id, got[id])
		}
	}
}

// A list of another account's users is an error, and not many hundred requests.
func TestMulticastToStrangersIsRefused(t *testing.T) {
	a := openAccount(t)
	var strangers []string
	for i := range maxRecipients {
		strangers = append(strangers, fmt.Sprintf("U%032x", i+100))
	}
	err := a.Do("message.multicast", textTo(strangers), nil)
	if e := abi.AsError(err); e == nil || e.Kind != abi.Invalid {
		t.Errorf("got %v", err)
	}
	entries, err := a.Journal(t.Context(), 0)
	must(t, err)
	if len(entries) > 50 {
		t.Errorf("%d requests", len(entries))
	}
}

// receiver is where the sim delivers its webhooks.
func (a *account) receiver(t *testing.T) <-chan sdk.Delivery {
	t.Helper()
	came := make(chan sdk.Delivery, 8)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		came <- sdk.Delivery{Method: r.Method, Body: body}
	}))
	t.Cleanup(server.Close)
	must(t, a.SetHook(t.Context(), simkit.Hook{URL: server.URL}))
	return came
}

// read has the connector read the next delivery, which holds one event.
func (a *account) read(t *testing.T, came <-chan sdk.Delivery) abi.Event {
	t.Helper()
	receipt, err := a.Deliver(<-came)
	if err != nil || len(receipt.Events) != 1 {
		t.Fatalf("events %+v, %v", receipt.Events, err)
	}
	return receipt.Events[0]
}

// TestAccountLink walks through linking a user with a customer of the shop.
func TestAccountLink(t *testing.T) {
	a := openAccount(t)
	came := a.receiver(t)
	var issued linkTokenOutput
	must(t, a.Do("link_token.issue", userID{hanako}, &issued))
	dialog := a.URL + "/dialog/bot/accountLink?nonce=9rJ0m3u0xv3b6m3x2v1Wmg%3D%3D&linkToken=" + issued.LinkToken
	for range 2 { // the second time the token is used up, and nobody is told
		answer, err := http.Get(dialog)
		must(t, err)
		must(t, answer.Body.Close())
	}
	event := a.read(t, came)
	var data linked
	must(t, sdk.Decode(event.Data, &data))
	if event.Type != accountLinked || event.Subject != hanako || data.Nonce != "9rJ0m3u0xv3b6m3x2v1Wmg==" || data.ReplyToken == "" {
		t.Errorf("event %+v, data %+v", event, data)
	}
	if sent, err := a.Sent(t.Context()); err != nil || len(sent) != 1 {
		t.Errorf("%d webhooks, %v", len(sent), err)
	}
}

func TestRedeliveryIsTheSameEvent(t *testing.T) {
	a := openAccount(t)
	came := a.receiver(t)
	must(t, a.PutRecord(t.Context(), "users", hanako, map[string]any{"blocked": true}))
	first := a.read(t, came)
	_, err := a.Process.Deliver(t.Context(), simkit.Delivery{Event: "redelivery", ID: first.Dedupe})
	must(t, err)
	second := a.read(t, came)
	var data origin
	must(t, sdk.Decode(second.Data, &data))
	if first.Type != unfollowed || second.Dedupe != first.Dedupe || !second.Time.Equal(first.Time) || !data.Redelivered {
		t.Errorf("first %+v, then %+v", first, second)
	}
}

// Whoever writes or presses a button may be no friend, or have blocked the account by now.
func TestOnlyFollowsTellWhoIsAFriend(t *testing.T) {
	a := openAccount(t)
	came := a.receiver(t)
	for kind, want := range map[string]string{
		"follow": "true", "unfollow": "false", "message": "", "postback": "", "accountLink": "", "unsend": "", "join": "",
	} {
		_, err := a.Process.Deliver(t.Context(), simkit.Delivery{Event: kind, ID: hanako})
		must(t, err)
		var data struct {
			UserID    string          `json:"user_id"`
			Following json.RawMessage `json:"following"`
		}
		must(t, sdk.Decode(a.read(t, came).Data, &data))
		if data.UserID != hanako || string(data.Following) != want {
			t.Errorf("%s: user %s, following %q, want %q", kind, data.UserID, data.Following, want)
		}
	}
}

func TestReplyIsGoodOnce(t *testing.T) {
	a := openAccount(t)
	came := a.receiver(t)
	_, err := a.Process.Deliver(t.Context(), simkit.Delivery{Event: "message", ID: hanako})
	must(t, err)
	var data messageEvent
	must(t, sdk.Decode(a.read(t, came).Data, &data))
	in := map[string]any{"reply_token": data.ReplyToken, "messages": []any{map[string]any{"type": "text", "text": "確認します"}}}
	must(t, a.Do("message.reply", in, nil))
	if e := abi.AsError(a.Do("message.reply", in, nil)); e == nil || e.Code != codeReplyToken {
		t.Errorf("the same token again: %v", e)
	}
}

// TestAnAudienceIsFoundAlthoughOurClockIsAhead: otherwise a second one would be made.
func TestAnAudienceIsFoundAlthoughOurClockIsAhead(t *testing.T) {
	a := openAccount(t)
	in := map[string]any{"name": "cart-2026-10", "user_ids": []string{hanako}}
	must(t, a.Do("audience.create", in, nil))
	now, err := a.Process.Now(t.Context())
	must(t, err)
	for ahead, want := range map[time.Duration]bool{20 * time.Second: true, time.Hour: false} {
		a.Since = now.Add(ahead)
		if done, err := a.Confirm("audience.create", in, nil); err != nil || done != want {
			t.Errorf("%s ahead: done %t, %v", ahead, done, err)
		}
	}
}
