package hosttest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// What the host tells ops through an ordinary flow: the CRM refuses records,
// then the credential, and a chat hears of each once.

func noticing(t *testing.T, o hosttest.Options) *hosttest.Host {
	t.Helper()
	o.Library = append(o.Library, "notify-run-failure", "notify-credential-refused", "notify-credential-expiring", "notify-poll-failing")
	if o.Connections == nil {
		o.Connections = map[string]hosttest.Connection{}
	}
	o.Connections["notify"] = hosttest.Connection{
		Connector: "http", Auth: "path",
		Settings: map[string]any{"base_url": "{sim}/services"}, Secrets: map[string]string{"token": "sim-token"},
	}
	return hosttest.Start(t, o)
}

func selling(t *testing.T) *hosttest.Host {
	t.Helper()
	return noticing(t, hosttest.Options{
		Library:     []string{"ecforce-customer-to-salesforce-upsert"},
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Quiet: true}, "crm": {Connector: "salesforce"}},
		Extra:       map[string]any{"notice_window": "5s"},
	})
}

// messages are what the chat has got.
func messages(t *testing.T, h *hosttest.Host) []string {
	t.Helper()
	var posted []struct{ Text string }
	if err := h.Sims["notify"].Records(t.Context(), "messages", &posted); err != nil {
		t.Fatal(err)
	}
	texts := make([]string, len(posted))
	for i := range posted {
		texts[i] = posted[i].Text
	}
	return texts
}

func awaitMessages(t *testing.T, h *hosttest.Host, want int) []string {
	t.Helper()
	var got []string
	h.Await(fmt.Sprintf("%d messages", want), func() bool {
		got = messages(t, h)
		return len(got) >= want
	})
	return got
}

// sell changes so many customers, each with a webhook.
func sell(t *testing.T, h *hosttest.Host, first, count int) {
	t.Helper()
	for id := first; id < first+count; id++ {
		fields := map[string]any{
			"email":           fmt.Sprintf("hanako-%d@example.com", id),
			"billing_address": map[string]any{"name01": "山田", "name02": "花子"},
		}
		if err := h.Sims["shop"].PutRecord(t.Context(), "customers", fmt.Sprint(id), fields); err != nil {
			t.Fatal(err)
		}
		h.Deliver("shop", simkit.Delivery{Event: "customer_updated", ID: fmt.Sprint(id)})
	}
}

func TestManyFailedRunsAreOneMessageAndOneSummary(t *testing.T) {
	t.Parallel()
	const customers = 40
	h := selling(t)
	refuse := simkit.Fault{
		Match: simkit.Match{Method: http.MethodPost, Path: "/sobjects/Account"}, Kind: simkit.FaultStatus, Times: simkit.Forever,
		Status: http.StatusBadRequest, Body: `[{"errorCode":"INVALID_FIELD","message":"No such column 'Mail__c'","fields":["Mail__c"]}]`,
		Headers: map[string]string{"Content-Type": "application/json"},
	}
	if err := h.Sims["crm"].Inject(t.Context(), refuse); err != nil {
		t.Fatal(err)
	}
	sell(t, h, 710001, customers)
	var got []string
	h.Await("the summary", func() bool {
		got = messages(t, h)
		return counted(t, got) == customers-1
	})
	if !strings.HasPrefix(got[0], "【失敗】") || !strings.Contains(got[0], "レコードを探して更新し、なければ作る") {
		t.Errorf("the chat got %q", got[0])
	}
	if len(got) > 3 { // one summary, two on a machine so slow that the failures outlast a window
		t.Errorf("%d messages: %q", len(got), got)
	}
}

// counted adds up the failures that the summaries tell of.
func counted(t *testing.T, messages []string) int {
	t.Helper()
	sum := 0
	for _, text := range messages {
		var count int
		if _, err := fmt.Sscanf(text, "【失敗 %d件】", &count); err == nil {
			sum += count
		}
	}
	return sum
}

func TestRefusedCredentialIsOneMessageAndAParkedConnection(t *testing.T) {
	t.Parallel()
	h := selling(t)
	revoked := simkit.Fault{
		Match: simkit.Match{Path: "/services/data"}, Kind: simkit.FaultStatus, Times: simkit.Forever,
		Status: http.StatusUnauthorized, Body: `[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]`,
		Headers: map[string]string{"Content-Type": "application/json"},
	}
	if err := h.Sims["crm"].Inject(t.Context(), revoked); err != nil {
		t.Fatal(err)
	}
	sell(t, h, 720001, 20)
	if got := awaitMessages(t, h, 1); len(got) != 1 || !strings.Contains(got[0], "接続 crm の認証情報が拒否されました") {
		t.Errorf("the chat got %q", got)
	}
	h.Await("all runs to wait", func() bool { return len(h.Runs(host.RunFilter{State: host.RunWaiting, Limit: 100})) == 20 })
	h.Restart()
	if err := h.Sims["crm"].ClearFaults(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.Client.Resume(t.Context(), "crm"); err != nil {
		t.Fatal(err)
	}
	h.Await("all runs to be done", func() bool {
		return len(h.Runs(host.RunFilter{State: host.RunDone, Flow: "ecforce-customer-to-salesforce-upsert", Limit: 100})) == 20
	})
	if got := messages(t, h); len(got) != 1 {
		t.Errorf("the chat got %q", got)
	}
}

// A host that is started every few days warns 14, 7 and 1 days ahead.
func TestExpiryIsToldOnTheRightDays(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	on := func(day int) { now.Store(time.Date(2030, 12, day, 12, 0, 0, 0, time.UTC).UnixNano()) }
	on(16)
	h := noticing(t, hosttest.Options{
		Connections: map[string]hosttest.Connection{"shop": {Connector: "ecforce", Expires: map[string]string{"token": "2030-12-31"}}},
		Extra:       map[string]any{"zone": "UTC"},
		Now:         func() time.Time { return time.Unix(0, now.Load()) },
	})
	want := 0
	for _, day := range []int{17, 18, 24, 25, 29, 30} {
		on(day)
		h.Restart()
		if day == 17 || day == 24 || day == 30 {
			want++
		}
		if got := awaitMessages(t, h, want); len(got) != want {
			t.Fatalf("on day %d the chat has got %q", day, got)
		}
	}
	for i, left := range []int{14, 7, 1} {
		if got := messages(t, h)[i]; !strings.Contains(got, fmt.Sprintf("あと%d日", left)) {
			t.Errorf("message %d is %q, want %d days", i+1, got, left)
		}
	}
}

// A poll that only a person can mend is told of once it has failed for ten
// minutes, in one message, also over a restart; mended, it finds what happened meanwhile.
func TestPollThatKeepsFailingIsOneMessage(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	h := noticing(t, hosttest.Options{
		Rules: map[string]string{"follow.yaml": followOrders},
		Connections: map[string]hosttest.Connection{
			"shop": {Connector: "ecforce", Quiet: true, Extra: map[string]any{"polls": map[string]any{"order.updated": "1m"}}},
		},
		Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
	})
	refused := simkit.Fault{
		Match: simkit.Match{Path: "/orders"}, Kind: simkit.FaultStatus, Times: simkit.Forever,
		Status: http.StatusForbidden, Body: `{"errors":[{"code":"403","message":"受注を参照する権限がありません"}]}`,
		Headers: map[string]string{"Content-Type": "application/json"},
	}
	inject(t, h, "shop", refused)
	for tries := 1; tries <= 4; tries++ {
		tryPoll(t, h, tries)
		if tries == 2 { // nobody has heard of it yet, and ten minutes pass
			ahead.Store(int64(11 * time.Minute))
		}
		if tries == 3 {
			awaitMessages(t, h, 1)
			h.Restart()
		}
	}
	got := messages(t, h)
	if len(got) != 1 || !strings.Contains(got[0], "接続 shop の定期取得 order.updated が失敗し続けています") || !strings.Contains(got[0], "権限がありません") {
		t.Errorf("the chat got %q", got)
	}
	if err := h.Sims["shop"].ClearFaults(t.Context()); err != nil {
		t.Fatal(err)
	}
	alter(t, h, "orders", sent, map[string]any{"memo01": "ギフト"})
	pollAgain(t, h, "order.updated")
	h.Await("the order's run", func() bool { return len(h.Runs(host.RunFilter{Flow: "follow-orders"})) > 0 })
	if trouble := troubleOf(t, h, "order.updated"); trouble != nil {
		t.Errorf("the poll is still in trouble: %+v", trouble)
	}
}

// tryPoll has the shop polled at once, and waits until that has failed so often.
func tryPoll(t *testing.T, h *hosttest.Host, tries int) {
	t.Helper()
	anew := host.Cursor{Connection: "shop", Trigger: "order.updated", Value: []byte(`null`)}
	if err := h.Client.SetCursor(t.Context(), anew); err != nil {
		t.Fatal(err)
	}
	h.Await(fmt.Sprintf("%d tries", tries), func() bool {
		trouble := troubleOf(t, h, "order.updated")
		return trouble != nil && trouble.Tries >= tries
	})
}

// troubleOf is why a poll of the shop brings nothing; nil if it does.
func troubleOf(t *testing.T, h *hosttest.Host, trigger string) *api.PollTrouble {
	t.Helper()
	all, err := h.Client.Cursors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Trigger == trigger {
			return c.Trouble
		}
	}
	return nil
}
