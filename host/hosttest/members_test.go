package hosttest_test

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/hosttest"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules/library"
	"github.com/musubi-run/musubi/sdk/jp"
	"github.com/musubi-run/musubi/sdk/simkit"
)

// friend is a friend of the LINE account, buyer the same person at ecforce,
// guest the one at Shopify.
const (
	friend = "Ufedcba9876543210fedcba9876543210"
	buyer  = "30511"
	sent   = "88213"
	guest  = "7770001"
)

// story is a host with two carts and a channel whose clocks a test turns on.
type story struct {
	*hosttest.Host

	t   *testing.T
	now atomic.Int64
	// seen is how many messages the test has looked at.
	seen int
}

func startStory(t *testing.T) *story {
	s := &story{t: t}
	s.now.Store(time.Date(2026, 4, 1, 12, 0, 0, 0, jp.Zone).UnixNano())
	rules := map[string]string{}
	for name, changes := range map[string]*strings.Replacer{
		"line-tag-message": nothing, "line-after-shipping": products, "line-birthday": nothing, "line-purchase-history": nothing,
		"line-upsell": products, "line-abandoned-checkout": atStore,
	} {
		s.shipped(rules, name, changes)
	}
	for name, text := range peopleRules {
		rules[name] = text
	}
	s.Host = hosttest.Start(t, hosttest.Options{
		Rules: rules,
		Connections: map[string]hosttest.Connection{
			"shop": {Connector: "ecforce", Template: "full"}, "store": {Connector: "shopify"}, "line": {Connector: "line"},
		},
		Now: func() time.Time { return time.Unix(0, s.now.Load()) },
	})
	s.setClocks()
	return s
}

// What the story changes in the shipped flows: which product, and which connection is the cart.
var (
	nothing  = strings.NewReplacer()
	products = strings.NewReplacer("product: SOAP", "product: P-2", "default: TRIAL-7", "default: P-2", "richmenu-review", "richmenu-member", "C00000000000000000000000000000000", "C00000000000000000000000000000001")
	atStore  = strings.NewReplacer("connection: shop", "connection: store", "shop.checkout", "store.checkout")
)

// peopleRules say who is who.
var peopleRules = map[string]string{
	"friends-and-buyers.yaml": "language: 1\nlink: friends-and-buyers\nchannel: line\ncart: shop\nkeys: [line_id, phone]\n",
	"friends-and-guests.yaml": "language: 1\nlink: friends-and-guests\nchannel: line\ncart: store\nkeys: [phone, email]\nguests: link\n",
	"unlinked.yaml":           "language: 1\ntag: 連携未完了\nwhen: '!member.linked'\nremove: true\n",
	"dormant.yaml":            "language: 1\ntag: 休眠\nwhen: has(member.totals.last_order_at) && today.daysSince(member.totals.last_order_at) >= 30\nremove: true\n",
	"linked.yaml":             "language: 1\ntag: 連携済み\nwhen: member.linked\n",
}

// shipped adds the files of a library flow, changed where the story differs.
func (s *story) shipped(rules map[string]string, name string, changes *strings.Replacer) {
	for _, file := range append([]string{"flow.yaml"}, library.Parts(name)...) {
		data, err := fs.ReadFile(library.Files(), path.Join(name, file))
		if err != nil {
			s.t.Fatal(err)
		}
		rules[path.Join(name, file)] = changes.Replace(string(data))
	}
}

// until goes on to a time in Japan: what is due then is done.
func (s *story) until(text string) {
	s.t.Helper()
	s.settle()
	at, err := jp.ParseTime(text)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Stop()
	s.now.Store(at.UnixNano())
	s.setClocks()
	s.Restart()
	s.settle()
}

func (s *story) setClocks() {
	s.t.Helper()
	for _, sim := range s.Sims {
		if err := sim.Freeze(s.t.Context(), time.Unix(0, s.now.Load())); err != nil {
			s.t.Fatal(err)
		}
	}
}

// settle waits until no run does anything but wait for its time, or for the one before it in its lane.
func (s *story) settle() {
	s.t.Helper()
	s.Await("the runs to rest", func() bool {
		runs, resting := s.Runs(host.RunFilter{Limit: 1000}), map[string]bool{}
		for _, r := range runs {
			if r.State == host.RunWaiting && r.Due.UnixNano() > s.now.Load() {
				resting[r.Lane] = true
			}
		}
		return !slices.ContainsFunc(runs, func(r host.Run) bool { return r.State.Open() && !resting[r.Lane] })
	})
}

// messages are those that went to the friend, as text.
func (s *story) messages() []string {
	s.t.Helper()
	var out []struct {
		To       []string         `json:"to"`
		Messages []map[string]any `json:"messages"`
	}
	if err := s.Sims["line"].Records(s.t.Context(), "messages", &out); err != nil {
		s.t.Fatal(err)
	}
	var texts []string
	for _, m := range out {
		for _, one := range m.Messages {
			text := fmt.Sprint(one["text"])
			if one["altText"] != nil {
				text = fmt.Sprint(one["altText"])
			}
			texts = append(texts, strings.SplitN(text, "\n", 2)[0])
		}
	}
	return texts
}

// put changes a record as the platform's staff or buyers do.
func (s *story) put(connection, table, id string, fields map[string]any) {
	s.t.Helper()
	if err := s.Sims[connection].PutRecord(s.t.Context(), table, id, fields); err != nil {
		s.t.Fatal(err)
	}
	s.settle()
}

// got compares what went to the friend since the last look.
func (s *story) got(when string, want ...string) {
	s.t.Helper()
	all := s.messages()
	fresh := all[min(s.seen, len(all)):]
	s.seen = len(all)
	if !slices.Equal(fresh, want) {
		s.t.Errorf("%s: got %q, want %q", when, fresh, want)
	}
}

// TestAFriendOverAYear plays what a LINE CRM does for one person: a friend
// is linked with customers of two carts, and gets each message once, at the right moment.
func TestAFriendOverAYear(t *testing.T) {
	t.Parallel()
	s := startStory(t)

	// A friend who cannot be linked is asked for the telephone number.
	s.deliver("line", "follow", friend, 1)
	s.began("line-tag-message", 1)
	s.until("2026-04-01 12:11")
	s.got("not linked", "ご登録の電話番号では、ご購入の記録が見つかりませんでした。")

	// The cart learns the LINE id: the friend is linked with the customer.
	s.put("shop", "customers", buyer, map[string]any{"line_id": friend, "birth": "1990-04-09"})
	s.has("shop", buyer, "連携済み")

	// The other cart's customer has the telephone number that the friend tells in a form.
	s.put("store", "customers", guest, map[string]any{"phone": "+819033334444"})
	s.tell(api.MemberDetails{Phone: "０９０－３３３３－４４４４"})
	s.has("store", guest, "連携済み")

	// An order is shipped, and announced twice.
	s.put("shop", "orders", sent, map[string]any{"shipped_at": "2026-04-01T15:00:00+09:00"})
	s.deliver("shop", "order_shipped", sent, 2)
	s.began("line-after-shipping", 1)
	s.began("line-upsell", 1)
	s.until("2026-04-04 17:59")
	s.got("before the third day")
	s.until("2026-04-04 18:01")
	s.got("third day", "石けんは届きましたか。泡立て方を動画でご覧いただけます。 https://shop.example.com/howto")
	s.until("2026-04-08 19:01")
	s.got("seventh day", "お得な定期のご案内")

	// The button asks staff to act.
	s.put("line", "events", "1", map[string]any{"type": "postback", "userId": friend, "postback": map[string]any{"data": "upsell:three"}})
	s.began("line-upsell-reply", 1)
	s.got("button", "ありがとうございます。担当者よりご連絡いたします。", "山田 花子: 3個セット希望。対応をお願いします。")

	s.until("2026-04-09 00:01")
	s.has("shop", buyer, "誕生日")
	s.began("line-birthday", 1)
	s.until("2026-04-09 10:01")
	s.got("birthday", "山田 花子様、お誕生日おめでとうございます。")
	s.until("2026-04-11 12:01")
	s.got("tenth day", "使い心地はいかがですか。アンケートのお礼に100ポイントを差し上げました。")

	// A checkout is left unfinished.
	s.put("store", "checkouts", "33330077", map[string]any{"customerId": guest, "lineItems": []any{
		map[string]any{"variantId": "4440001", "quantity": 2}, map[string]any{"variantId": "4440003", "quantity": 1}, map[string]any{"variantId": "4440002", "quantity": 1},
	}})
	s.began("line-abandoned-checkout", 1)
	s.until("2026-04-11 14:00")
	s.got("checkout", "カートに商品が残っています: 緑茶")

	s.put("store", "orders", "5550009990001", map[string]any{"name": "#2001", "customerId": guest, "lineItems": []any{
		map[string]any{"variantId": "4440001", "quantity": 2},
	}})
	s.bought(2)
	s.put("line", "events", "2", map[string]any{"type": "message", "userId": friend, "message": map[string]any{"type": "text", "id": "1", "text": "購入履歴"}})
	s.began("line-purchase-history", 1)
	s.got("history", "最近のご購入(1件)")

	// Nothing bought for 30 days; and a year later there is a birthday again.
	s.until("2026-05-10 23:59")
	s.lacks("shop", buyer, "休眠")
	s.until("2026-05-11 00:01")
	s.has("shop", buyer, "休眠")
	s.until("2027-04-09 00:01")
	s.has("shop", buyer, "誕生日")
	s.began("line-birthday", 1) // last year's run is no longer kept
	s.until("2027-04-09 10:01")
	s.got("next birthday", "山田 花子様、お誕生日おめでとうございます。")

	for _, run := range s.Runs(host.RunFilter{Limit: 100}) {
		if run.State != host.RunDone {
			t.Errorf("%s is %s: %v", run.Flow, run.State, run.Error)
		}
	}
}

// deliver has a webhook sent, the same several times.
func (s *story) deliver(connection, event, id string, times int) {
	s.t.Helper()
	if answer := s.Deliver(connection, simkit.Delivery{Event: event, ID: id, Times: times}); answer.Status != 200 {
		s.t.Fatalf("the host answered %+v", answer)
	}
	s.settle()
}

// tell notes what the friend said of himself.
func (s *story) tell(details api.MemberDetails) {
	s.t.Helper()
	found, err := s.Client.FindMembers(s.t.Context(), api.MemberSearch{Connection: "line", User: friend})
	if err != nil || len(found) != 1 {
		s.t.Fatalf("found %+v, %v", found, err)
	}
	if _, err := s.Client.ActOnMember(s.t.Context(), found[0].ID, api.MemberAct{Describe: &details}); err != nil {
		s.t.Fatal(err)
	}
}

// began waits until there are so many runs of a flow, and they rest.
func (s *story) began(flow string, n int) {
	s.t.Helper()
	s.Await(fmt.Sprintf("%d runs of %s", n, flow), func() bool { return len(s.Runs(host.RunFilter{Flow: flow, Limit: 100})) >= n })
	s.settle()
}

// bought waits until the friend's orders are known.
func (s *story) bought(orders int64) {
	s.t.Helper()
	s.Await("the orders", func() bool {
		found, err := s.Client.FindMembers(s.t.Context(), api.MemberSearch{Connection: "line", User: friend})
		return err == nil && len(found) == 1 && found[0].Totals.Orders == orders
	})
}

// lacks says that a customer's member has no such tag.
func (s *story) lacks(connection, customer, tag string) {
	s.t.Helper()
	found, err := s.Client.FindMembers(s.t.Context(), api.MemberSearch{Connection: connection, CustomerID: customer})
	if err != nil || len(found) != 1 || slices.Contains(found[0].Tags, tag) {
		s.t.Errorf("the tag %s is there: %+v, %v", tag, found, err)
	}
}

// has waits until a customer is of a member with a tag.
func (s *story) has(connection, customer, tag string) {
	s.t.Helper()
	s.Await("the tag "+tag, func() bool {
		found, err := s.Client.FindMembers(s.t.Context(), api.MemberSearch{Connection: connection, CustomerID: customer})
		return err == nil && len(found) == 1 && slices.Contains(found[0].Tags, tag)
	})
}
